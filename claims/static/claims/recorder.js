// Records the screen in the page: start, stop, look at it, use it or record again.

import { textOf } from "./texts.js";

// In the order in which they are preferred.
const TYPES = [
  "video/mp4;codecs=avc1.42E01E",
  "video/mp4",
  "video/webm;codecs=vp8",
  "video/webm",
];
const PICTURE = {
  frameRate: { ideal: 15, max: 30 },
  width: { max: 1920 },
  height: { max: 1920 },
};
const BITS_A_SECOND = 2_500_000;

export function canRecord() {
  return Boolean(navigator.mediaDevices?.getDisplayMedia && window.MediaRecorder);
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function fileOf(chunks, type) {
  const plain = type.split(";")[0];
  const time = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
  const name = `${textOf("recording", { time })}.${plain === "video/mp4" ? "mp4" : "webm"}`;
  return new File(chunks, name, { type: plain, lastModified: Date.now() });
}

/** One recording: `ended` is called once, with its file, however it ends. */
class Recording {
  constructor(stream, ended) {
    const type = TYPES.find((known) => MediaRecorder.isTypeSupported(known));
    const chunks = [];
    this.stream = stream;
    this.startedAt = Date.now();
    this.recorder = new MediaRecorder(stream, {
      mimeType: type,
      videoBitsPerSecond: BITS_A_SECOND,
    });
    this.recorder.ondataavailable = (event) => chunks.push(event.data);
    this.recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      ended(fileOf(chunks, this.recorder.mimeType || type));
    };
    // The browser has a button of its own for ending it.
    for (const track of stream.getTracks()) track.onended = () => this.stop();
    this.recorder.start(1000);
  }

  get seconds() {
    return (Date.now() - this.startedAt) / 1000;
  }

  stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }
}

/** Works the panel; `use` gets the file that the person wants. */
export class RecorderPanel {
  #recording = null;
  #file = null;

  constructor(panel, { opener, use }) {
    this.panel = panel;
    this.opener = opener;
    this.use = use;
    this.limit = Number(panel.dataset.seconds);
    this.video = panel.querySelector("video");
    this.problem = panel.querySelector("[data-problem]");
    this.clock = panel.querySelector("[data-clock]");
    for (const button of panel.querySelectorAll("[data-press]")) {
      button.addEventListener("click", () => this[button.dataset.press]());
    }
    opener.hidden = false;
    opener.addEventListener("click", () => this.open());
  }

  open() {
    this.#show("ready");
    this.panel.hidden = false;
    this.#button("start").focus();
    // Pressed once more, it would hide a recording that is going on or not used yet.
    this.opener.hidden = true;
  }

  async start() {
    this.#drop();
    this.problem.hidden = true;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: PICTURE });
      this.#recording = new Recording(stream, (file) => this.#ended(file));
    } catch (error) {
      this.#show("ready");
      const isDenied = error.name === "NotAllowedError";
      this.#complain(textOf(isDenied ? "recording-denied" : "recording-broken"));
      return;
    }
    this.#show("recording");
    this.#button("stop").focus();
    this.#tick(this.#recording);
  }

  stop() {
    this.#recording?.stop();
  }

  accept() {
    const file = this.#file;
    this.close();
    this.use(file);
  }

  close() {
    this.#drop();
    this.panel.hidden = true;
    this.opener.hidden = false;
    this.opener.focus();
  }

  #tick(recording) {
    if (this.#recording !== recording) return;
    const values = { time: clock(recording.seconds), most: clock(this.limit) };
    this.clock.textContent = textOf("recorded", values);
    if (recording.seconds >= this.limit) recording.stop();
    else setTimeout(() => this.#tick(recording), 200);
  }

  #ended(file) {
    if (!this.#recording) return;
    this.#recording = null;
    this.#file = file;
    this.video.src = URL.createObjectURL(file);
    this.#show("preview");
    this.#button("accept").focus();
  }

  #drop() {
    const recording = this.#recording;
    this.#recording = null;
    this.#file = null;
    recording?.stop();
    if (this.video.src) URL.revokeObjectURL(this.video.src);
    this.video.removeAttribute("src");
  }

  /** Each part of the panel says in which states it is seen. */
  #show(state) {
    for (const part of this.panel.querySelectorAll("[data-in]")) {
      part.hidden = !part.dataset.in.split(" ").includes(state);
    }
  }

  #button(press) {
    return this.panel.querySelector(`[data-press="${press}"]`);
  }

  #complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = false;
    this.#button("start").focus();
  }
}
