// While a file is being checked, asks for the page again and takes over the parts that changed.
// What has focus or is playing stays; what changed for a file is told to screen readers.

// ms. A picture is checked in less than a second, so the page asks soon, and then less and less often.
const FIRST = 500;
const PAUSE = 3_000;
const LATER = 15_000;
const SOON = 100; // rounds; what takes longer than that is asked for less often
const REMEMBERED = 6;

const voice = document.createElement("div");
voice.className = "visually-hidden";
voice.dataset.voice = "";
voice.setAttribute("role", "status");
voice.setAttribute("aria-atomic", "false");
(document.querySelector("main") ?? document.body).append(voice);

/** Has a screen reader say something when it has finished what it is saying. */
export function say(text) {
  if (!text) return;
  const line = document.createElement("p");
  line.textContent = text;
  voice.append(line);
  while (voice.childElementCount > REMEMBERED) voice.firstElementChild.remove();
}

/** This page as the server would show it now; null when it shows another one. */
export async function freshPage() {
  const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function isBusy(part) {
  const playing = [...part.querySelectorAll("video")].some((video) => !video.paused);
  return playing || part.contains(document.activeElement);
}

function renew(part, fresh) {
  if (fresh.dataset.says !== part.dataset.says) say(fresh.dataset.says);
  part.replaceWith(document.adoptNode(fresh));
}

function renewAll(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!fresh || "unready" in fresh.dataset || part.closest("[data-running]")) continue;
    // A part with parts of its own is renewed piece by piece.
    if (part.querySelector("[data-live]")) part.className = fresh.className;
    else if (!isBusy(part) && fresh.innerHTML !== part.innerHTML) renew(part, fresh);
  }
}

export async function refresh() {
  const page = await freshPage();
  if (page) renewAll(page);
}

function pauseBefore(round) {
  return round < SOON ? Math.min(PAUSE, FIRST * 2 ** round) : LATER;
}

async function watch(rounds) {
  const isWaiting = document.querySelector("[data-live] [data-waiting]") !== null;
  if (isWaiting && !document.hidden && navigator.onLine) await refresh().catch(() => {});
  const next = isWaiting ? rounds + 1 : 0;
  setTimeout(watch, pauseBefore(next), next);
}

setTimeout(watch, FIRST, 0);
