// A form is sent once. The server knows a form sent twice anyway; this spares the second request.

for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    // Something else holds it back, such as files that are still on their way.
    if (event.defaultPrevented) return;
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
