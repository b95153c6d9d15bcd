// Speaks tus 1.0.0 with the server: makes an upload, asks how much of it is there, sends a piece,
// removes it. What the server refuses is thrown as a `Refusal`; status 0 is a lost connection.

const SILENCE = 30_000; // ms without a byte moving, after which a connection counts as lost

export class Refusal extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

function ask(method, address, { headers = {}, body = null, signal, onProgress, csrf = "" }) {
  return new Promise((resolve, reject) => {
    // Nobody hears an event that is over, such as a pause while the piece was being read.
    if (signal?.aborted) return reject(new Refusal(0, ""));
    const request = new XMLHttpRequest();
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => request.abort(), SILENCE);
    };
    request.open(method, address);
    const sent = { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf, ...headers };
    for (const [name, value] of Object.entries(sent)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      alive();
      onProgress?.(event.loaded);
    };
    request.onload = () => (request.status < 300 ? resolve(request) : reject(refusal(request)));
    request.onerror = request.onabort = () => reject(new Refusal(0, ""));
    request.onloadend = () => clearTimeout(watchdog);
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    alive();
    request.send(body);
  });
}

function refusal(request) {
  const plain = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  return new Refusal(request.status, plain ? request.responseText.trim() : "");
}

function base64(text) {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

/** Makes an upload and answers its address. */
export async function create(place, file, { csrf, signal }) {
  const headers = {
    "Upload-Length": String(file.size),
    "Upload-Metadata": `filename ${base64(file.name)}`,
  };
  const answer = await ask("POST", place, { headers, csrf, signal });
  return new URL(answer.getResponseHeader("Location"), window.location.href).pathname;
}

/** How many bytes of it are there. */
export async function offsetOf(address, { signal }) {
  const answer = await ask("HEAD", address, { signal });
  return Number(answer.getResponseHeader("Upload-Offset"));
}

/** Sends one piece and answers how many bytes are there now. */
export async function send(address, piece, offset, { csrf, signal, onProgress }) {
  const headers = {
    "Content-Type": "application/offset+octet-stream",
    "Upload-Offset": String(offset),
  };
  const options = { headers, body: piece, csrf, signal, onProgress };
  const answer = await ask("PATCH", address, options);
  return Number(answer.getResponseHeader("Upload-Offset"));
}

/** What isn't there any more is removed. */
export async function remove(address, { csrf }) {
  await ask("DELETE", address, { csrf }).catch((error) => {
    if (![404, 410].includes(error.status)) throw error;
  });
}
