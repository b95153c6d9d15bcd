// A form is sent once. The server knows a form sent twice anyway; this spares the second upload.

for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    form.querySelector("[data-sending]")?.removeAttribute("hidden");
  });
  // The way back shows the page as it was left, and it may be sent anew.
  window.addEventListener("pageshow", () => {
    sent = false;
    form.querySelector("[data-sending]")?.setAttribute("hidden", "");
  });
}

document.getElementById("problems")?.focus();
