// Draws a file that is on its way: its preview, how far it is, what the person can do about it.

import { isVideo, megabytes, typeOf } from "./checks.js";
import { counted, textOf } from "./texts.js";

const MINUTE = 60_000;

function sendingFor({ percent, timeLeft }) {
  if (timeLeft === null) return textOf("sending", { percent });
  const time = roundly(timeLeft);
  return time ? textOf("sending-left", { percent, time }) : textOf("sending-soon", { percent });
}

/** Such as `2 minutes`; empty for a few seconds. */
function roundly(milliseconds) {
  if (milliseconds >= 50_000) return counted(Math.round(milliseconds / MINUTE), "minute");
  return milliseconds >= 7_500 ? counted(Math.round(milliseconds / 5000) * 5, "second") : "";
}

const STATES = {
  sending: sendingFor,
  waiting: ({ problem, percent }) =>
    textOf("waiting", { problem: problem || textOf("connection-gone"), percent }),
  gone: ({ problem }) => problem || textOf("gone"),
  failed: ({ problem }) => problem || textOf("failed"),
  refused: ({ problem }) => problem || textOf("refused"),
};
const TOGGLES = {
  queued: "pause", sending: "pause", paused: "resume", waiting: "try-now",
  "signed-out": "try-again", failed: "try-again", gone: "send-again",
}; // prettier-ignore
const PROBLEMS = new Set(["refused", "failed", "gone", "lost"]);

/** What is said of a file in this state, as a sentence. */
export function stateOf(sending) {
  const { state, percent } = sending;
  return STATES[state]?.(sending) ?? textOf(state, { percent });
}

function kindOf(file) {
  if (isVideo(file)) return textOf("kind-video");
  return textOf(typeOf(file).startsWith("image/") ? "kind-picture" : "kind-file");
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
    this.progress.setAttribute("aria-label", textOf("progress", { name }));
    this.remove.setAttribute("aria-label", textOf("remove", { name }));
  }

  picturing(file) {
    const values = { kind: kindOf(file), size: megabytes(file.size) };
    this.meta.textContent = textOf("kind-and-size", values);
    this.picture.replaceChildren(preview(file));
  }

  show(sending) {
    const { state, percent } = sending;
    const action = TOGGLES[state] ? textOf(TOGGLES[state]) : "";
    this.item.dataset.state = state;
    this.item.classList.toggle("tile--bad", PROBLEMS.has(state));
    this.words.classList.toggle("tile__problem", PROBLEMS.has(state));
    this.words.textContent = stateOf(sending);
    if (state === "signed-out") this.words.append(" ", this.#signIn());
    this.progress.hidden = ["checking", "refused"].includes(state);
    this.progress.value = percent;
    // A button that vanishes would take the focus with it.
    if (!action && document.activeElement === this.toggle) this.remove.focus();
    this.toggle.hidden = !action;
    this.toggle.textContent = action;
    this.toggle.setAttribute("aria-label", textOf("action-on", { action, name: this.name }));
  }

  /** All of it is there: what follows comes from the server, see live.js. */
  arrived(token, says) {
    if (document.activeElement === this.toggle) this.remove.focus();
    this.toggle.remove();
    const badge = document.createElement("span");
    badge.className = "badge badge--info";
    badge.dataset.waiting = "";
    badge.textContent = textOf("being-checked");
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
    link.textContent = textOf("sign-in-again");
    return link;
  }
}
