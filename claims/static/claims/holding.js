// Holds a form back while its files are on their way, and sends it when they are here.

import { say } from "./live.js";
import { textOf } from "./texts.js";

/** `left` counts the files on their way, `hurry` has paused ones go on. Answers what to call when
 * a file's state changes. */
export function holdForm(form, { left, hurry }) {
  const notice = form.querySelector("[data-holding]");
  const text = notice.querySelector("[data-holding-text]");
  let submitter = null;
  let isLetThrough = false;

  const stay = () => {
    submitter = null;
    notice.hidden = true;
  };
  const go = () => {
    const button = submitter;
    stay();
    isLetThrough = true;
    form.requestSubmit(button);
    isLetThrough = false;
  };
  const tell = () => {
    text.textContent = textOf("on-the-way", { count: left() });
  };

  form.addEventListener("submit", (event) => {
    if (isLetThrough || left() === 0) return;
    event.preventDefault();
    submitter = event.submitter;
    hurry();
    tell();
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
    say(textOf("said-held"));
  });
  // Whoever goes on writing isn't done, and must not be sent off in the middle of a word.
  form.addEventListener("input", stay);
  notice.querySelector("[data-without]").addEventListener("click", go);
  notice.querySelector("[data-stay]").addEventListener("click", stay);

  return ({ hasTrouble }) => {
    if (!submitter) return;
    if (hasTrouble) {
      stay();
      say(textOf("said-not-sent"));
    } else if (left() === 0) go();
    else tell();
  };
}
