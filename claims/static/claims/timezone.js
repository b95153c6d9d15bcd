// The device knows its time zone. Sign-up sends it along; the profile offers it as a button.

import { fill } from "./texts.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const input of document.querySelectorAll("input[data-time-zone='fill']")) {
  input.value ||= zone ?? "";
}

for (const button of document.querySelectorAll("button[data-time-zone-of-device]")) {
  const input = document.getElementById(button.dataset.timeZoneOfDevice);
  if (!zone || !input || input.value === zone) continue;
  button.textContent = fill(button.dataset.label, { zone });
  button.hidden = false;
  button.addEventListener("click", () => {
    input.value = zone;
    button.hidden = true;
    input.focus();
  });
}
