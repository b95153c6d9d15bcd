// Counts a reason as the server does: invisible characters and extra spaces don't count.

import { textOf } from "./texts.js";

// White space as the server's language has it. Some of it is control characters too, and \s has
// the byte order mark, which is invisible: so white space goes first, and by name.
const SPACES = /[\t-\r\x1c-\x1f\x85\p{Z}]/gu;
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

function readable(text) {
  return text.replace(SPACES, " ").replace(INVISIBLE, "").replace(/ +/g, " ").trim();
}

for (const output of document.querySelectorAll("[data-count-of]")) {
  const field = document.getElementById(output.dataset.countOf);
  const least = Number(field.dataset.counted);
  const count = () => {
    const length = [...readable(field.value)].length;
    const missing = least - length;
    output.textContent =
      missing > 0
        ? textOf("count-missing", { count: missing })
        : textOf("count-of-most", { count: length, most: field.maxLength });
  };
  field.addEventListener("input", count);
  count();
}
