// Counts a reason as the server does: invisible characters and extra spaces don't count.

function readable(text) {
  return text.replace(/[^\P{C}\s]/gu, "").trim().replace(/\s+/gu, " ");
}

for (const output of document.querySelectorAll("[data-count-of]")) {
  const field = document.getElementById(output.dataset.countOf);
  const least = Number(field.dataset.counted);
  const count = () => {
    const length = [...readable(field.value)].length;
    const missing = least - length;
    output.textContent =
      missing > 0 ? `${missing} more to go` : `${length} of at most ${field.maxLength}`;
  };
  field.addEventListener("input", count);
  count();
}
