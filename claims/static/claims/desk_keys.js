// The review page by keyboard. Every key presses what stands on the page, so nothing is only here.

import { areOn, isCommand, isWriting, turn } from "./keyboard.js";
import { textOf } from "./texts.js";

const form = document.getElementById("decide-form");
const dialog = document.getElementById("keys");
const acts = [...document.querySelectorAll("[data-act]")];
const questions = [...document.querySelectorAll("[data-question]")];
const note = document.getElementById("id_note");

document.getElementById("errors")?.focus();

function answer(at, no) {
  const [yes, other] = questions[at].querySelectorAll("input");
  const chosen = no || yes.checked ? other : yes;
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  questions[at].scrollIntoView({ block: "nearest" });
}

function unanswered() {
  return questions.filter((question) => !question.querySelector(":checked")).length;
}

/** The clause that the first No names, unless one is chosen. */
function proposeClause(act) {
  const clause = act.querySelector("[name=clause]");
  if (!clause || clause.value) return;
  const no = questions.map((each) => each.querySelector("[value=failed]:checked")).find(Boolean);
  const named = no?.name.replace("answer-", "");
  if ([...clause.options].some((option) => option.value === named)) clause.value = named;
}

/** Where the eye should go: to the first thing that is missing, else to the button. */
function focusIn(act) {
  const told = act.querySelector("[data-act-told]");
  const open = act.dataset.act === "approve" ? unanswered() : 0;
  told.textContent = open ? textOf("unanswered", { count: open }) : "";
  proposeClause(act);
  const empty = [...act.querySelectorAll("select, input")].find(
    (field) => !field.value && field.checkVisibility(),
  );
  const needsNote = "needsNote" in act.dataset && !note.value.trim();
  (empty ?? (needsNote ? note : act.querySelector("[data-confirm]"))).focus();
}

function open(act) {
  for (const other of acts) other.open = other === act;
  act.scrollIntoView({ block: "nearest" });
  focusIn(act);
}

function openAct() {
  return acts.find((act) => act.open);
}

function confirm(act) {
  const button = act.querySelector("[data-confirm]");
  if (!button.disabled) form.requestSubmit(button);
}

/** Out of a field first, then out of what is open. */
function escape(event) {
  const act = openAct();
  if (isWriting(event.target)) {
    event.target.blur();
  } else if (act) {
    act.open = false;
    act.querySelector("summary").focus();
  }
}

/** The keys that also work while writing. */
function always(event) {
  const act = openAct();
  if (event.key === "Escape" && !dialog?.open) escape(event);
  if (event.key !== "Enter" || !act || event.isComposing) return;
  const inAct = act.contains(event.target) && isWriting(event.target);
  if (event.ctrlKey || event.metaKey || inAct) {
    event.preventDefault();
    confirm(act);
  }
}

function press(key) {
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) return false;
  if (wanted.matches("[data-act]")) open(wanted);
  else wanted.click();
  return true;
}

function command(event) {
  if (!isCommand(event)) return;
  const digit = /^[1-9]$/.test(event.key) ? event.key : null;
  const shifted = event.shiftKey && !digit ? /^Digit([1-9])$/.exec(event.code)?.[1] : null;
  const at = Number(digit ?? shifted) - 1;
  const focus = { i: document.getElementById("reply"), w: note }[event.key];
  if (questions[at]) answer(at, shifted !== null && shifted !== undefined);
  else if (focus) focus.focus();
  else if (event.repeat || !press(event.key)) return;
  event.preventDefault();
}

function listKeys() {
  const opener = document.querySelector("[data-opens-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  const on = dialog.querySelector("[data-keys-on]");
  on.checked = areOn();
  on.addEventListener("change", () => turn(on.checked));
}

for (const act of acts) {
  act.querySelector("summary").addEventListener("click", () => {
    // It opens after this.
    if (!act.open) setTimeout(() => focusIn(act));
  });
}
if (form) listKeys();
document.addEventListener("keydown", always);
document.addEventListener("keydown", command);
