// The queue works without this. With it, `n` takes the next claim, and a selection counts itself.

import { textOf } from "./texts.js";

const next = document.querySelector("[data-next]");
const WRITING = "input, select, textarea, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (!next || event.key !== "n" || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest(WRITING) && event.target.type !== "checkbox") return;
  event.preventDefault();
  next.requestSubmit();
});

const selection = document.querySelector("[data-selection]");

if (selection) {
  const boxes = [...document.querySelectorAll('[form="selection"]')];
  const label = selection.querySelector("[data-all]");
  const all = label.querySelector("input");
  const button = selection.querySelector("button");
  const count = selection.querySelector("[data-count]");

  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    count.textContent = chosen ? textOf("selected", { count: chosen }) : "";
    button.disabled = chosen === 0;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  document.addEventListener("change", tell);
  // Going back to the page brings the boxes back as they were.
  window.addEventListener("pageshow", tell);
  label.hidden = false;
  tell();
}
