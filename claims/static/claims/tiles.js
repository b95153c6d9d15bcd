// Draws a file that is on its way: its preview, how far it is, what the person can do about it.

import { isVideo, megabytes, typeOf } from "./checks.js";

const MINUTE = 60_000;

export function wordsFor(milliseconds) {
  const minutes = Math.round(milliseconds / MINUTE);
  if (minutes > 1) return `about ${minutes} minutes left`;
  if (milliseconds >= 50_000) return "about a minute left";
  if (milliseconds >= 7_500) return `about ${Math.round(milliseconds / 5000) * 5} seconds left`;
  return "a few seconds left";
}

const STATES = {
  checking: () => "Looking at it…",
  queued: () => "Waiting for its turn",
  sending: ({ percent, timeLeft }) =>
    timeLeft === null ? `Sending, ${percent} %` : `Sending, ${percent} %, ${wordsFor(timeLeft)}`,
  waiting: ({ problem, percent }) =>
    `${problem || "The connection is gone."} Trying again by itself, from ${percent} %.`,
  paused: ({ percent }) => `Paused at ${percent} %`,
  "signed-out": () => "You are signed out. Your files stay, and go on once you are back.",
  gone: ({ problem }) => problem || "It was taken off the server. Send it again if you need it.",
  failed: ({ problem }) => problem || "The server wouldn’t take it just now.",
  refused: ({ problem }) => problem || "The server can’t take this file.",
  lost: ({ percent }) => `Choose this file again to go on: ${percent} % of it is here.`,
};
const TOGGLES = {
  queued: "Pause", sending: "Pause", paused: "Resume", waiting: "Try now",
  "signed-out": "Try again", failed: "Try again", gone: "Send again",
}; // prettier-ignore
const PROBLEMS = new Set(["refused", "failed", "gone", "lost"]);

/** What is said of a file in this state, as a sentence. */
export function stateOf(sending) {
  return STATES[sending.state](sending);
}

function kindOf(file) {
  if (isVideo(file)) return "Video";
  return typeOf(file).startsWith("image/") ? "Picture" : "File";
}

function preview(file) {
  const shown = document.createElement(isVideo(file) ? "video" : "img");
  shown.src = URL.createObjectURL(file);
  if (isVideo(file)) Object.assign(shown, { muted: true, playsInline: true, preload: "metadata" });
  else shown.alt = "";
  shown.addEventListener("error", () => shown.replaceWith(kindOf(file)));
  return shown;
}

export class Tile {
  constructor({ name, size }, template) {
    this.name = name;
    this.item = template.content.firstElementChild.cloneNode(true);
    const part = (className) => this.item.querySelector(`.tile__${className}`);
    this.picture = part("picture");
    this.meta = part("meta");
    this.status = part("status");
    this.words = part("state");
    this.progress = this.item.querySelector("progress");
    this.toggle = this.item.querySelector("[data-toggle]");
    this.remove = this.item.querySelector("[data-remove]");
    part("name").textContent = part("name").title = name;
    this.meta.textContent = megabytes(size);
    this.progress.setAttribute("aria-label", `${name}, sent`);
    this.remove.setAttribute("aria-label", `Remove ${name}`);
  }

  picturing(file) {
    this.meta.textContent = `${kindOf(file)}, ${megabytes(file.size)}`;
    this.picture.replaceChildren(preview(file));
  }

  show(sending) {
    const { state, percent } = sending;
    const label = TOGGLES[state] ?? "";
    this.item.dataset.state = state;
    this.item.classList.toggle("tile--bad", PROBLEMS.has(state));
    this.words.classList.toggle("tile__problem", PROBLEMS.has(state));
    this.words.textContent = stateOf(sending);
    if (state === "signed-out") this.words.append(" ", this.#signIn());
    this.progress.hidden = ["checking", "refused"].includes(state);
    this.progress.value = percent;
    // A button that vanishes would take the focus with it.
    if (!label && document.activeElement === this.toggle) this.remove.focus();
    this.toggle.hidden = !label;
    this.toggle.textContent = label;
    this.toggle.setAttribute("aria-label", `${label} ${this.name}`);
  }

  /** All of it is there: what follows comes from the server, see live.js. */
  arrived(token, says) {
    if (document.activeElement === this.toggle) this.remove.focus();
    this.toggle.remove();
    const badge = document.createElement("span");
    badge.className = "badge badge--info";
    badge.dataset.waiting = "";
    badge.textContent = "Being checked";
    this.words.className = "tile__state";
    this.words.replaceChildren(badge);
    this.status.replaceChildren(this.words);
    this.status.dataset.says = says;
    this.item.dataset.upload = token;
    this.item.dataset.live = `file-${token}`;
    this.picture.dataset.live = `picture-${token}`;
    this.status.dataset.live = `state-${token}`;
    delete this.item.dataset.running;
    delete this.item.dataset.state;
  }

  #signIn() {
    const link = document.createElement("a");
    link.href = this.item.dataset.signIn;
    link.target = "_blank";
    link.textContent = "Sign in again";
    return link;
  }
}
