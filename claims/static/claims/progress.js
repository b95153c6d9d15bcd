// While an incident is being worked off, asks how far it is. Says so at the end to who listens.

const PAUSE = 2_000;
const part = document.querySelector("[data-progress]");
const voice = document.querySelector("[data-voice]");

const isRunning = () => part.querySelector("[data-running]") !== null;

async function renew() {
  const answer = await fetch(part.dataset.progress, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Who is at a link in it keeps it.
  if (!part.contains(document.activeElement)) part.replaceChildren(...fresh.body.childNodes);
}

function end() {
  for (const control of document.querySelectorAll("[data-while-running]")) control.hidden = true;
  voice.textContent = part.querySelector("[data-told]").dataset.told;
}

async function watch() {
  if (!document.hidden && navigator.onLine) await renew().catch(() => {});
  if (isRunning()) setTimeout(watch, PAUSE);
  else end();
}

if (isRunning()) setTimeout(watch, PAUSE);
