// Brings one file to the server, whatever happens to the line. It is always in one of these states:
//
//   queued     waits for its turn          waiting     tries again by itself in a while
//   sending    on its way                  paused      the person said so
//   arrived    all of it is there          signed-out  the person must sign in again
//   refused    the server won't have it    gone        the server has forgotten it
//   failed     the person may try again    removed     the person said so

import { Refusal, create, offsetOf, remove, send } from "./resumable.js";
import { forgetFile, keepFile } from "./stored_files.js";
import { textOf } from "./texts.js";

const MOST_AT_ONCE = 2;
const SMALLEST = 256 * 1024;
const LARGEST = 4 * 1024 * 1024;
const LONGEST_WAIT = 60_000;
const TRY_LATER = new Set([0, 408, 409, 423, 425, 460, 500, 502, 503, 504]);
const TRY_BY_HAND = new Set([403, 429, 507]);
const UNREADABLE = -1; // no answer of the server

const turns = { taken: 0, next: [] };

async function takeTurn() {
  if (turns.taken >= MOST_AT_ONCE) await new Promise((resolve) => turns.next.push(resolve));
  else turns.taken += 1;
}

function passTurn() {
  const next = turns.next.shift();
  if (next) next();
  else turns.taken -= 1;
}

/** One window at a time sends a file; the others wait until that window is closed. */
function inOneWindow(address, signal, act) {
  return navigator.locks ? navigator.locks.request(`send ${address}`, { signal }, act) : act();
}

async function bytes(blob) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Refusal(UNREADABLE, textOf("unreadable"));
  }
}

export class Sending {
  state = "queued";
  problem = "";
  #sure = false; // whether `offset` is what the server has
  #piece = LARGEST / 4;
  #pace = [];
  #renewed = false;
  #wake = null; // ends a wait
  #abort = new AbortController();

  /** `csrf` has the form's token and can renew it; `changed` is told after every change. */
  constructor({ file, place, address = "", offset = 0, csrf, changed }) {
    Object.assign(this, { file, place, address, offset, csrf, changed });
    for (const [target, name] of [[window, "online"], [window, "pageshow"]]) {
      target.addEventListener(name, () => this.#wake?.());
    }
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake?.());
  }

  get token() {
    return this.address.split("/").at(-2);
  }

  get isUnderWay() {
    return ["queued", "sending", "waiting", "paused", "signed-out"].includes(this.state);
  }

  get mayTryAgain() {
    return ["waiting", "signed-out", "failed", "gone"].includes(this.state);
  }

  get percent() {
    return Math.min(99, Math.floor((100 * this.offset) / this.file.size));
  }

  /** Milliseconds until all of it is there, by the pace of the last pieces; null if unknown. */
  get timeLeft() {
    const [first, last] = [this.#pace.at(0), this.#pace.at(-1)];
    if (!first || last.at - first.at < 500 || last.offset <= first.offset) return null;
    const pace = (last.offset - first.offset) / (last.at - first.at);
    return (this.file.size - this.offset) / pace;
  }

  /** Begins, or goes on after a pause or a failure. */
  async goOn() {
    if (this.#wake) return this.#wake();
    if (this.state === "gone") Object.assign(this, { address: "", offset: 0 });
    this.#abort = new AbortController();
    this.#sure = false;
    this.#pace = [];
    this.#renewed = false;
    this.#become("queued");
    const { signal } = this.#abort;
    if (!(await this.#persist(signal, () => this.#begin(signal)))) return;
    await takeTurn();
    try {
      await this.#sendAll(signal);
    } finally {
      passTurn();
    }
  }

  async #sendAll(signal) {
    const act = async () => {
      while (await this.#persist(signal, () => this.#sendPiece(signal))) {
        if (this.offset < this.file.size) continue;
        forgetFile(this.token);
        return this.#become("arrived");
      }
    };
    // A wait for the other window ends with an exception when the person pauses or removes.
    await inOneWindow(this.address, signal, act).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }

  pause() {
    this.#stop("paused");
  }

  async remove() {
    this.#stop("removed");
    if (!this.address) return;
    forgetFile(this.token);
    await remove(this.address, { csrf: this.csrf.token });
  }

  #stop(state) {
    this.#become(state);
    this.#abort.abort();
    this.#wake?.();
  }

  async #begin(signal) {
    if (this.address) return;
    this.address = await create(this.place, this.file, { csrf: this.csrf.token, signal });
    // Removed while the server was making it.
    if (signal.aborted && this.state === "removed") return this.remove();
    this.#sure = true;
    keepFile(this.token, this.place, this.file);
  }

  async #sendPiece(signal) {
    if (!this.#sure) this.offset = await offsetOf(this.address, { signal });
    this.#sure = false;
    this.#moved(this.offset);
    if (this.offset < this.file.size) {
      const start = this.offset;
      const piece = await bytes(this.file.slice(start, start + this.#piece));
      const onProgress = (loaded) => this.#moved(start + Math.min(loaded, piece.byteLength));
      const options = { csrf: this.csrf.token, signal, onProgress };
      this.offset = await send(this.address, piece, start, options);
      this.#moved(this.offset);
    }
    this.#sure = true;
    this.#renewed = false;
    this.#piece = Math.min(LARGEST, this.#piece * 2);
  }

  #moved(offset) {
    this.offset = offset;
    this.#pace = [...this.#pace, { at: Date.now(), offset }].slice(-40);
    if (!this.#abort.signal.aborted) this.#become("sending");
  }

  /** Does something until it works; false when there is no use in it. */
  async #persist(signal, act) {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await act();
        return !signal.aborted;
      } catch (error) {
        if (signal.aborted) return false;
        if (!(error instanceof Refusal)) throw error;
        this.#sure = false;
        this.#pace = [];
        if (!(await this.#overcome(error, failures))) return false;
      }
    }
    return false;
  }

  async #overcome(error, failures) {
    this.problem = error.message;
    const { status } = error;
    if (status === 401) return this.#wait("signed-out");
    if (status === 403 && !this.#renewed) {
      this.#renewed = await this.csrf.renew();
      return this.#renewed || this.#wait("signed-out");
    }
    if (TRY_LATER.has(status)) {
      if (status === 409 && failures < 3) return true;
      this.#piece = Math.max(SMALLEST, this.#piece / 2);
      const longest = Math.min(LONGEST_WAIT, 1000 * 2 ** (failures - 1));
      return this.#wait("waiting", longest * (0.5 + Math.random() / 2));
    }
    if (status === 404 || status === 410) this.#become("gone");
    else this.#become(TRY_BY_HAND.has(status) ? "failed" : "refused");
    return false;
  }

  /** Until the time is over, the line is back, the page is looked at, or the person says so. */
  async #wait(state, milliseconds) {
    this.#become(state);
    await new Promise((resolve) => {
      this.#wake = resolve;
      if (milliseconds) setTimeout(resolve, milliseconds);
    });
    this.#wake = null;
    return true;
  }

  #become(state) {
    this.state = state;
    this.changed(this);
  }
}
