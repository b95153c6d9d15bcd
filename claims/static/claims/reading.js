// Marks the notices about this claim as read when a person has had the page before them for a moment.
// A page that is fetched, rendered ahead or opened in the background marks nothing.

const MOMENT = 1_000; // ms
const form = document.querySelector("form[data-read]");
let timer;

/** How many notices are still unread, as the page that came back says. */
function renewBell(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("[data-bell]");
  if (fresh) document.querySelector("[data-bell]")?.replaceWith(document.adoptNode(fresh));
}

async function send() {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
  });
  // To the sign-in page, say.
  const isElsewhere = new URL(answer.url).pathname !== window.location.pathname;
  if (!answer.ok || isElsewhere) throw new Error(answer.status);
  renewBell(await answer.text());
}

async function markRead() {
  document.removeEventListener("visibilitychange", watch);
  try {
    await send();
    form.remove();
  } catch {
    form.hidden = false;
  }
}

function watch() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(markRead, MOMENT);
}

if (form) {
  form.hidden = true;
  document.addEventListener("visibilitychange", watch);
  watch();
}
