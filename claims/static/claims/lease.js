// Keeps the claim as long as its page is open, and says so at once when it is somebody else's.

import { textOf } from "./texts.js";

const EVERY = 60_000; // ms
const bar = document.querySelector("[data-lease]");

function say(part, where, text) {
  const box = bar.querySelector(part);
  box.querySelector(where).textContent = text;
  box.hidden = false;
}

function end(why) {
  say("[data-lost]", "[data-why]", why);
  bar.classList.remove("lease--mine");
  bar.querySelector("[data-told]").textContent = "";
  for (const button of document.querySelectorAll("[data-confirm]")) button.disabled = true;
}

async function ask() {
  const form = document.getElementById("decide-form");
  const response = await fetch(bar.dataset.lease, {
    method: "POST",
    body: new URLSearchParams({ seen: form.elements.seen.value }),
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    redirect: "manual",
  });
  // To the sign-in page, or away from what the person may no longer do.
  if (response.type === "opaqueredirect" || response.status === 403) {
    return { until: null, told: textOf("signed-out") };
  }
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

async function renew() {
  let answer;
  try {
    answer = await ask();
  } catch {
    // The line is down for now; the next minute may be better.
    return;
  }
  if (answer.news) say("[data-moved]", "[data-news]", answer.news);
  if (answer.until === null) {
    clearInterval(clock);
    document.removeEventListener("visibilitychange", whenSeen);
    end(answer.told);
  } else {
    bar.querySelector("[data-told]").textContent = answer.told;
  }
}

function whenSeen() {
  if (document.visibilityState === "visible") renew();
}

let clock;
if (bar) {
  clock = setInterval(renew, EVERY);
  document.addEventListener("visibilitychange", whenSeen);
}
