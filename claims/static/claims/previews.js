// Shows what is about to be sent, says early what is too large, and lets one file go again.

function megabytes(bytes) {
  return bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function picture(file) {
  const frame = element("div", "tile__picture");
  const video = file.type.startsWith("video/");
  const shown = document.createElement(video ? "video" : "img");
  shown.src = URL.createObjectURL(file);
  if (video) Object.assign(shown, { muted: true, playsInline: true, preload: "metadata" });
  else shown.alt = "";
  shown.addEventListener("error", () => {
    frame.textContent = video ? "Video" : "Picture";
  });
  frame.append(shown);
  return frame;
}

function complaint(file, input) {
  const video = file.type.startsWith("video/");
  const most = Number(video ? input.dataset.videoBytes : input.dataset.pictureBytes);
  return file.size > most ? `Too large: at most ${megabytes(most)}` : "";
}

function tile(file, input, remove) {
  const problem = complaint(file, input);
  const item = element("li", problem ? "tile tile--bad" : "tile");
  const button = element("button", "button button--quiet", "Remove");
  button.type = "button";
  button.setAttribute("aria-label", `Remove ${file.name}`);
  button.addEventListener("click", remove);
  item.append(
    picture(file),
    element("p", "tile__name", file.name),
    element("p", "tile__meta", `${megabytes(file.size)}, not sent yet`),
  );
  if (problem) item.append(element("p", "tile__problem", problem));
  item.append(button);
  return item;
}

function same(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

for (const zone of document.querySelectorAll("[data-previews]")) {
  const input = zone.querySelector("input[type=file]");
  const list = element("ul", "tiles");
  const status = element("p", "small muted");
  status.setAttribute("role", "status");
  list.hidden = true;
  zone.append(list, status);
  let chosen = [];

  const show = () => {
    for (const made of list.querySelectorAll("[src]")) URL.revokeObjectURL(made.src);
    const transfer = new DataTransfer();
    for (const file of chosen) transfer.items.add(file);
    input.files = transfer.files;
    list.replaceChildren(
      ...chosen.map((file) =>
        tile(file, input, () => {
          chosen = chosen.filter((other) => other !== file);
          show();
          input.focus();
        }),
      ),
    );
    list.hidden = chosen.length === 0;
    const most = Number(input.dataset.most);
    status.textContent = chosen.length > most ? `At most ${most} files: remove some.` : "";
  };

  // Choosing again adds to what was chosen before, as one takes one screenshot after another.
  const add = (files) => {
    const fresh = [...files].filter((file) => !chosen.some((other) => same(file, other)));
    chosen = [...chosen, ...fresh];
    show();
  };

  input.addEventListener("change", () => add(input.files));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("dropzone--over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("dropzone--over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("dropzone--over");
    add(event.dataTransfer.files);
  });
}
