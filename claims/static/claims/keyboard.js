// What the keys of the review page have in common: when they are heard, and that they can be off.

const WRITING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])";
const OFF = "desk-keys-off";

export function areOn() {
  return localStorage.getItem(OFF) === null;
}

export function turn(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

/** Whether the person is writing there, so that a letter is a letter. */
export function isWriting(target) {
  return target instanceof Element && target.closest(WRITING) !== null;
}

/** Whether a key is a command: nobody is writing, no dialog is open, no modifier is held. */
export function isCommand(event) {
  if (event.defaultPrevented || event.isComposing || !areOn()) return false;
  // On some keyboards the brackets are typed with AltGr, which counts as Ctrl and Alt.
  const held = event.ctrlKey || event.altKey || event.metaKey;
  if (held && !event.getModifierState("AltGraph")) return false;
  return !isWriting(event.target) && document.querySelector("dialog[open]") === null;
}
