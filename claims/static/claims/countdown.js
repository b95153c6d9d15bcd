// Keeps countdowns ticking. The server's clock counts: a device's may be wrong, so only the time
// since the page was made is taken from it.

import { counted, fill } from "./texts.js";

const MINUTE = 60_000;

/** The two largest units; empty for less than a minute. */
function timeLeft(milliseconds) {
  const total = Math.floor(milliseconds / MINUTE);
  const days = Math.floor(total / 1440);
  const hours = Math.floor(total / 60) % 24;
  const minutes = total % 60;
  if (days) return counted(days, "day") + (hours ? ` ${counted(hours, "hour")}` : "");
  if (hours) return counted(hours, "hour") + (minutes ? ` ${counted(minutes, "minute")}` : "");
  return minutes ? counted(minutes, "minute") : "";
}

// When this device first saw each countdown: a page that refreshes itself brings new ones.
const seenAt = new WeakMap();

function tick(time) {
  if (!seenAt.has(time)) seenAt.set(time, Date.now());
  const now = Date.parse(time.dataset.countdown) + Date.now() - seenAt.get(time);
  const left = Date.parse(time.dateTime) - now;
  const { ahead, last, over } = time.dataset;
  const text = left > 0 ? fill(ahead, { time: timeLeft(left) || last }) : over;
  const words = time.querySelector("[data-left]");
  if (words.textContent !== text) words.textContent = text;
  time.classList.toggle("countdown--over", left <= 0);
  time.classList.toggle("countdown--soon", left > 0 && left < 1440 * MINUTE);
}

function tickAll() {
  document.querySelectorAll("time[data-countdown]").forEach(tick);
}

tickAll();
setInterval(tickAll, 5_000);
document.addEventListener("visibilitychange", tickAll);
