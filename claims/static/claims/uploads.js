// Sends files while the person is still writing: as they are chosen, dropped, pasted, photographed
// or recorded. Without this the form sends them when it is sent itself.

import { problemOf } from "./checks.js";
import { holdForm } from "./holding.js";
import { freshPage, refresh, say } from "./live.js";
import { RecorderPanel, canRecord } from "./recorder.js";
import { remove } from "./resumable.js";
import { Sending } from "./sending.js";
import { forgetFile, forgetOthers, keptFile } from "./stored_files.js";
import { textOf } from "./texts.js";
import { Tile, stateOf } from "./tiles.js";

const SAID_AT = [25, 50, 75]; // per cent
const WORTH_SAYING = 1024 * 1024; // bytes; a smaller file is there before it could be said

class Uploads {
  rows = new Map(); // by tile element

  constructor(field) {
    const part = (name) => field.querySelector(`[data-${name}]`);
    this.field = field;
    this.form = field.closest("form");
    this.list = part("list");
    this.zone = part("zone");
    this.template = part("running-tile");
    this.input = field.querySelector("input[type=file][name]");
    this.limits = { ...this.input.dataset, accept: this.input.accept };
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]");
    this.csrf = {
      get token() {
        return token.value;
      },
      // Signing in again gives a new one.
      renew: async () => {
        const page = await freshPage().catch(() => null);
        const fresh = page?.querySelector("[name=csrfmiddlewaretoken]")?.value;
        if (fresh) token.value = fresh;
        return Boolean(fresh);
      },
    };
    this.settle = holdForm(this.form, {
      left: () => this.#running.length,
      hurry: () => {
        for (const row of this.#running) if (row.state === "paused") row.sending.goOn();
      },
    });
  }

  get #running() {
    const rows = [...this.rows.values()];
    return rows.filter((row) => row.state === "checking" || row.sending?.isUnderWay);
  }

  listen() {
    const { input, zone, list } = this;
    const photo = this.field.querySelector("[data-photo]");
    for (const chooser of [input, photo]) {
      chooser.addEventListener("change", () => {
        const chosen = [...chooser.files];
        // They are sent already: the form must not send them a second time.
        chooser.value = "";
        this.add(chosen);
      });
    }
    this.field.querySelector("[data-take-photo]").addEventListener("click", () => photo.click());
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("dropzone--over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("dropzone--over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("dropzone--over");
      this.add([...event.dataTransfer.files]);
    });
    document.addEventListener("paste", (event) => this.#paste(event));
    list.addEventListener("click", (event) => this.#pressed(event));
    this.field.querySelector("[data-ways]").hidden = false;
    const panel = this.field.querySelector("[data-recorder]");
    const opener = this.field.querySelector("[data-record]");
    if (canRecord()) new RecorderPanel(panel, { opener, use: (file) => this.add([file]) });
  }

  /** Goes on with what the server has only in part. */
  async takeOver() {
    const partial = [...this.list.querySelectorAll("[data-received]")];
    forgetOthers(this.zone.dataset.place, partial.map((item) => item.dataset.upload));
    for (const item of partial) {
      const { upload, name, size, received, address } = item.dataset;
      const file = await keptFile(upload);
      const row = { state: "lost", token: upload, address, offset: Number(received) };
      row.percent = Math.floor((100 * row.offset) / Number(size));
      row.like = { name, size: Number(size) };
      this.#draw(row, row.like, (made) => item.replaceWith(made));
      if (file) this.#send(row, file);
    }
  }

  add(files) {
    for (const file of files) {
      const isLost = (row) => row.state === "lost" && isLike(row.like, file);
      const lost = [...this.rows.values()].find(isLost);
      if (lost) this.#send(lost, file);
      else if (this.#has(file)) say(textOf("said-there-already", { name: file.name }));
      else this.#check(file);
    }
  }

  #has(file) {
    const isSent = [...this.list.children].some(({ dataset: { name, size } }) => {
      return size && isLike({ name, size: Number(size) }, file);
    });
    return isSent || [...this.rows.values()].some(
      (row) => row.file && isLike(row.file, file) && row.file.lastModified === file.lastModified,
    );
  }

  async #check(file) {
    const row = { state: "checking", file, percent: 0 };
    this.#draw(row, file, (made) => this.list.append(made));
    row.tile.picturing(file);
    const problem = (await problemOf(file, this.limits)) || this.#tooMany(row);
    if (!this.rows.has(row.tile.item)) return;
    if (!problem) return this.#send(row, file);
    Object.assign(row, { state: "refused", problem });
    row.tile.show(row);
    say(`${file.name}: ${problem}`);
    this.settle({ hasTrouble: true });
  }

  #tooMany(row) {
    const taken = [...this.list.children].filter((item) => {
      const other = this.rows.get(item);
      return other !== row && (!other || other.sending || other.token || other.isNext);
    });
    const { most } = this.limits;
    row.isNext = taken.length < Number(most);
    return row.isNext ? "" : textOf("too-many", { most });
  }

  #draw(row, like, place) {
    row.tile = new Tile(like, this.template);
    this.rows.set(row.tile.item, row);
    place(row.tile.item);
    this.list.hidden = false;
    row.tile.show(row);
  }

  #send(row, file) {
    const { address, offset, tile } = row;
    const changed = () => this.#changed(row);
    const place = this.zone.dataset.place;
    tile.picturing(file);
    row.file = file;
    row.sending = new Sending({ file, place, address, offset, csrf: this.csrf, changed });
    row.sending.goOn();
  }

  #changed(row) {
    const { sending, tile } = row;
    const before = row.state;
    row.state = sending.state;
    if (row.state === "removed") return;
    if (row.state === "arrived") return this.#arrived(row);
    tile.show(sending);
    const isNews = row.state !== before && row.state !== "queued";
    if (row.state === "sending") this.#sayProgress(row);
    else if (isNews) say(`${tile.name}: ${stateOf(sending)}`);
    this.settle({ hasTrouble: ["refused", "failed", "gone"].includes(row.state) });
  }

  #sayProgress(row) {
    const { name } = row.tile;
    const { percent, file } = row.sending;
    const steps = file.size > WORTH_SAYING ? SAID_AT : [];
    const reached = steps.filter((step) => percent >= step).at(-1) ?? 0;
    if (reached <= row.said) return;
    const values = { name, percent: reached };
    say(reached ? textOf("said-sent", values) : textOf("said-sending", values));
    row.said = reached;
  }

  #arrived(row) {
    const says = textOf("said-arrived", { name: row.tile.name });
    row.tile.arrived(row.sending.token, says);
    say(says);
    this.settle({ hasTrouble: false });
    refresh().catch(() => {});
  }

  #pressed(event) {
    const item = event.target.closest("li");
    const row = this.rows.get(item);
    if (event.target.closest("[data-toggle]")) {
      if (["queued", "sending"].includes(row.state)) row.sending.pause();
      else row.sending.goOn();
    } else if (event.target.closest("[data-remove]")) {
      event.preventDefault();
      this.#remove(item, row);
    }
  }

  async #remove(item, row) {
    const token = item.dataset.upload ?? row?.token;
    const name = item.querySelector(".tile__name").textContent;
    try {
      if (row?.sending) await row.sending.remove();
      else if (token) await remove(item.dataset.address ?? row.address, { csrf: this.csrf.token });
    } catch {
      // What is there no more is removed; anything else is seen after a reload.
      say(textOf("said-not-removed", { name }));
    }
    if (token) forgetFile(token);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    this.rows.delete(item);
    item.remove();
    this.list.hidden = this.list.childElementCount === 0;
    (next?.querySelector("[data-remove]") ?? this.input).focus();
    say(textOf("said-removed", { name }));
    this.settle({ hasTrouble: false });
  }

  #paste(event) {
    const { files, types } = event.clipboardData;
    const isWriting = event.target.closest?.("textarea, input, [contenteditable]");
    // Text stays text, even where a picture of it is in the clipboard too.
    if (!files.length || (isWriting && types.includes("text/plain"))) return;
    event.preventDefault();
    const time = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
    const nameOf = ({ name }) => textOf("pasted", { time, name });
    this.add([...files].map((file) => renamed(file, nameOf(file))));
  }
}

function isLike(one, other) {
  const plain = (name) => name.split(/\s+/).join(" ").trim().slice(0, 120);
  return one.size === other.size && plain(one.name) === plain(other.name);
}

function renamed(file, name) {
  return new File([file], name, { type: file.type, lastModified: Date.now() });
}

const field = document.querySelector("[data-uploads]");

if (field) {
  const uploads = new Uploads(field);
  uploads.listen();
  uploads.takeOver();
}
