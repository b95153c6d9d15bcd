// A picture opens larger in a dialog; a click shows it in its own size. Without this it is a link.

const dialog = document.createElement("dialog");
dialog.className = "zoom";
const picture = document.createElement("img");
const close = document.createElement("button");
close.type = "button";
close.textContent = "Close";
close.autofocus = true;
dialog.append(close, picture);
document.body.append(dialog);

close.addEventListener("click", () => dialog.close());
picture.addEventListener("click", () => dialog.classList.toggle("zoom--full"));
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

for (const link of document.querySelectorAll("a[data-zoom]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    picture.src = link.href;
    picture.alt = link.querySelector("img").alt;
    dialog.classList.remove("zoom--full");
    dialog.setAttribute("aria-label", picture.alt);
    dialog.showModal();
  });
}
