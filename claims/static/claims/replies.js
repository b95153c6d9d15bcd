// A canned reply that is chosen goes into the note, to be edited there. Without this it is a link.

for (const select of document.querySelectorAll("[data-replies]")) {
  const note = document.getElementById(select.dataset.replies);
  let filled = [...select.selectedOptions][0]?.dataset.text ?? "";
  document.querySelector("[data-fill]").hidden = true;

  function fill() {
    const text = select.selectedOptions[0].dataset.text ?? "";
    const written = note.value.trimEnd();
    // What was chosen before makes room, unless it was edited since.
    const kept = filled && written.endsWith(filled.trimEnd())
      ? written.slice(0, written.length - filled.trimEnd().length).trimEnd()
      : written;
    note.value = [kept, text].filter(Boolean).join("\n\n");
    filled = text;
    note.dispatchEvent(new Event("input", { bubbles: true }));
  }

  select.addEventListener("change", fill);
  select.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !select.value) return;
    event.preventDefault();
    note.focus();
    note.setSelectionRange(note.value.length, note.value.length);
  });
}
