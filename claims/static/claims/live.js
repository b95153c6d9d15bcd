// While a file is being checked, asks for the page again and takes over the parts that changed.

const PAUSE = 3_000;
const MOST_ROUNDS = 200;

function isBusy(part) {
  const playing = [...part.querySelectorAll("video")].some((video) => !video.paused);
  return playing || part.contains(document.activeElement);
}

async function refresh() {
  const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!fresh || isBusy(part) || fresh.innerHTML === part.innerHTML) continue;
    part.replaceWith(document.adoptNode(fresh));
  }
}

async function watch(rounds) {
  if (rounds === 0 || !document.querySelector("[data-live] [data-waiting]")) return;
  if (!document.hidden) await refresh().catch(() => {});
  setTimeout(watch, PAUSE, rounds - 1);
}

setTimeout(watch, PAUSE, MOST_ROUNDS);
