// Keeps chosen files in this browser until they are sent: after a reload the page goes on with
// them. Where IndexedDB isn't there, as in some private windows, nothing is kept and nothing fails.

const DAY = 86_400_000;

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("claims-uploads", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files", { keyPath: "token" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("files", mode);
      const request = act(transaction.objectStore("files"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** `place` is the address at which uploads for the same order are made. */
export async function keepFile(token, place, file) {
  const kept = { token, place, file, keptAt: Date.now() };
  await inStore("readwrite", (store) => store.put(kept)).catch(() => {});
}

export async function keptFile(token) {
  const kept = await inStore("readonly", (store) => store.get(token)).catch(() => undefined);
  return kept?.file;
}

export async function forgetFile(token) {
  await inStore("readwrite", (store) => store.delete(token)).catch(() => {});
}

/** Forgets what is older than a day, and what the server doesn't know any more for this order. */
export async function forgetOthers(place, tokens) {
  const all = (await inStore("readonly", (store) => store.getAll()).catch(() => [])) ?? [];
  const useless = all.filter(
    (kept) =>
      Date.now() - kept.keptAt > DAY || (kept.place === place && !tokens.includes(kept.token)),
  );
  for (const kept of useless) await forgetFile(kept.token);
}
