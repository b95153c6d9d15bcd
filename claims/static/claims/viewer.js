// The evidence, one file at a time: pictures to look at closely, videos frame by frame. Without
// this all files stand one below the other.

import { isCommand } from "./keyboard.js";
import { Stage } from "./stage.js";
import { textOf } from "./texts.js";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];
const FRAME = 1 / 30; // s, until the video has told its own
const JUMP = 5; // s

class Picture {
  constructor(file, tell) {
    this.stage = new Stage(file.querySelector("[data-stage]"), () => this.changed());
    this.told = file.querySelector("[data-scale]");
    this.button = file.querySelector("[data-do=compare]");
    this.others = [...file.querySelectorAll("[data-compare]")];
    this.shown = -1;
    this.tell = tell;
    const { stage } = this;
    this.does = {
      in: () => stage.larger(),
      out: () => stage.smaller(),
      fit: () => stage.fit(),
      left: () => stage.turn(-1),
      right: () => stage.turn(1),
      compare: () => this.compare(),
    };
    this.keys = {
      "+": "in",
      "=": "in",
      "-": "out",
      0: "fit",
      "[": "left",
      "]": "right",
      c: "compare",
    };
    for (const [key, right, down] of [
      ["ArrowLeft", -1, 0],
      ["ArrowRight", 1, 0],
      ["ArrowUp", 0, -1],
      ["ArrowDown", 0, 1],
    ]) {
      this.does[key] = () => stage.step(right, down);
      this.keys[key] = key;
    }
  }

  /** Arrows scroll the page while there is nothing to move. */
  hears(key) {
    return !key.startsWith("Arrow") || this.stage.scale > 1;
  }

  changed() {
    const { scale, turned } = this.stage;
    const values = { percent: Math.round(scale * 100), degrees: turned * 90 };
    this.told.textContent = textOf(turned ? "scale-turned" : "scale", values);
  }

  compare() {
    if (!this.others.length) return;
    this.shown = this.shown + 1 < this.others.length ? this.shown + 1 : -1;
    const other = this.others[this.shown] ?? null;
    this.stage.compare(other);
    this.button.setAttribute("aria-pressed", String(other !== null));
    this.tell(other ? textOf("beside", { name: other.dataset.compare }) : textOf("alone"));
  }

  hide() {}
}

class Video {
  constructor(file, tell) {
    this.video = file.querySelector("video");
    this.told = file.querySelector("[data-scale]");
    this.frame = FRAME;
    this.tell = tell;
    this.does = {
      play: () => (this.video.paused ? this.video.play() : this.video.pause()),
      back: () => this.jump(-JUMP),
      ahead: () => this.jump(JUMP),
      "frame-back": () => this.step(-1),
      "frame-ahead": () => this.step(1),
      slower: () => this.speed(-1),
      faster: () => this.speed(1),
    };
    this.keys = {
      p: "play",
      ArrowLeft: "back",
      ArrowRight: "ahead",
      ",": "frame-back",
      ".": "frame-ahead",
      "[": "slower",
      "]": "faster",
    };
    this.learn();
  }

  hears() {
    return true;
  }

  /** How long a frame lasts, from two that follow each other while it plays. */
  learn() {
    if (!this.video.requestVideoFrameCallback) return;
    let last = null;
    const seen = (_now, { mediaTime, presentedFrames }) => {
      if (last && presentedFrames === last.presentedFrames + 1) {
        const lasted = mediaTime - last.mediaTime;
        if (lasted > 0.001 && lasted < 0.5) this.frame = lasted;
      }
      last = { mediaTime, presentedFrames };
      this.video.requestVideoFrameCallback(seen);
    };
    this.video.requestVideoFrameCallback(seen);
  }

  step(frames) {
    this.video.pause();
    this.jump(frames * this.frame);
  }

  jump(seconds) {
    const end = Number.isFinite(this.video.duration) ? this.video.duration : 0;
    this.video.currentTime = Math.min(Math.max(this.video.currentTime + seconds, 0), end);
    const values = { at: this.video.currentTime.toFixed(2), end: end.toFixed(1) };
    this.tell(textOf("video-at", values));
    this.changed();
  }

  speed(faster) {
    const now = SPEEDS.indexOf(this.video.playbackRate);
    const next = Math.min(Math.max(now + faster, 0), SPEEDS.length - 1);
    this.video.playbackRate = SPEEDS[next];
    this.tell(textOf("video-speed", { speed: SPEEDS[next] }));
    this.changed();
  }

  changed() {
    const { currentTime, playbackRate } = this.video;
    const values = { speed: playbackRate, at: currentTime.toFixed(2) };
    this.told.textContent = textOf("video-state", values);
  }

  hide() {
    this.video.pause();
  }
}

class Viewer {
  constructor(element) {
    this.files = [...element.querySelectorAll("[data-file]")];
    this.links = [...element.querySelectorAll("[data-strip] a")];
    this.said = element.querySelector("[data-said]");
    const tell = (text) => (this.said.textContent = text);
    this.players = this.files.map((file) => this.playerOf(file, tell));
    this.files.forEach((file, at) => this.prepare(file, at));
    this.links.forEach((link, at) =>
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.show(at);
      }),
    );
    this.show(Math.max(this.files.findIndex((file) => `#${file.id}` === location.hash), 0));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  playerOf(file, tell) {
    const stage = file.querySelector("[data-stage]");
    if (stage === null) return null;
    return stage.dataset.stage === "video" ? new Video(file, tell) : new Picture(file, tell);
  }

  prepare(file, at) {
    const player = this.players[at];
    if (!player) return;
    file.querySelector("[data-tools]").hidden = false;
    for (const button of file.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => player.does[button.dataset.do]());
    }
  }

  show(at) {
    this.at = at;
    this.files.forEach((file, each) => {
      file.hidden = each !== at;
      if (each !== at) this.players[each]?.hide();
    });
    this.links.forEach((link, each) =>
      each === at ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"),
    );
    this.links[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const video = this.files[at].querySelector("video");
    if (video) video.preload = "metadata";
    const name = this.files[at].querySelector(".file").textContent;
    const values = { number: at + 1, count: this.files.length, name };
    this.said.textContent = textOf("file-of", values);
  }

  key(event) {
    if (!isCommand(event)) return;
    if (event.key === "j" && this.at + 1 < this.files.length) return this.show(this.at + 1);
    if (event.key === "k" && this.at > 0) return this.show(this.at - 1);
    const player = this.players[this.at];
    const what = player?.keys[event.key];
    // Arrows choose between radio buttons, and a video's own controls have keys of their own.
    const theirs = event.target.closest("input, video") && event.key.startsWith("Arrow");
    if (what === undefined || theirs || !player.hears(event.key)) return;
    event.preventDefault();
    player.does[what]();
  }
}

const element = document.querySelector("[data-viewer]");
if (element?.querySelector("[data-file]")) new Viewer(element);
