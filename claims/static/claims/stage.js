// A picture to look at closely: larger, moved, turned, and beside another one, which follows it.

const MOST = 12;
const STEP = 1.25;
const MOVE = 60;

function fit(width, height, box) {
  return Math.min(box.clientWidth / width, box.clientHeight / height);
}

export class Stage {
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.turned = 0;
    this.beside = null;
    this.panes = [element.querySelector("[data-pane]")];
    this.listen();
  }

  listen() {
    const { element } = this;
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    element.addEventListener("pointerdown", (event) => this.hold(event));
    element.addEventListener("dblclick", () => (this.scale > 1 ? this.fit() : this.zoom(2.5)));
    // A link for who has no script. Here a press is the beginning of a move.
    element.addEventListener("click", (event) => event.preventDefault());
    element.addEventListener("dragstart", (event) => event.preventDefault());
  }

  wheel(event) {
    event.preventDefault();
    const pane = event.target.closest("[data-pane]") ?? this.panes[0];
    const box = pane.getBoundingClientRect();
    const at = [
      event.clientX - box.left - box.width / 2,
      event.clientY - box.top - box.height / 2,
    ];
    this.zoom(event.deltaY < 0 ? STEP : 1 / STEP, at);
  }

  hold(event) {
    if (event.button !== 0) return;
    let [x, y] = [event.clientX, event.clientY];
    const move = (moved) => {
      this.move(moved.clientX - x, moved.clientY - y);
      [x, y] = [moved.clientX, moved.clientY];
    };
    const end = () => {
      this.element.removeEventListener("pointermove", move);
      this.element.classList.remove("stage--held");
    };
    this.element.setPointerCapture(event.pointerId);
    this.element.classList.add("stage--held");
    this.element.addEventListener("pointermove", move);
    this.element.addEventListener("pointerup", end, { once: true });
    this.element.addEventListener("pointercancel", end, { once: true });
  }

  /** Larger by a factor; the point `at`, from the middle, stays where it is. */
  zoom(factor, [atX, atY] = [0, 0]) {
    const scale = Math.min(Math.max(this.scale * factor, 1), MOST);
    const grown = scale / this.scale;
    this.x = atX - (atX - this.x) * grown;
    this.y = atY - (atY - this.y) * grown;
    this.scale = scale;
    this.draw();
  }

  larger() {
    this.zoom(STEP);
  }

  smaller() {
    this.zoom(1 / STEP);
  }

  fit() {
    [this.scale, this.x, this.y] = [1, 0, 0];
    this.draw();
  }

  move(x, y) {
    if (this.scale === 1) return;
    this.x += x;
    this.y += y;
    this.draw();
  }

  step(right, down) {
    this.move(-right * MOVE, -down * MOVE);
  }

  turn(quarters) {
    this.turned = (this.turned + quarters + 4) % 4;
    [this.x, this.y] = [0, 0];
    this.draw();
  }

  /** Shows this picture beside its own; none: its own alone. */
  compare(link) {
    this.beside?.remove();
    this.beside = null;
    if (link) {
      this.beside = link.cloneNode(true);
      this.beside.className = "stage__pane";
      this.beside.setAttribute("data-pane", "");
      this.element.append(this.beside);
    }
    this.panes = [...this.element.querySelectorAll("[data-pane]")];
    this.element.classList.toggle("stage--pair", link !== null);
    this.draw();
  }

  draw() {
    const pane = this.panes[0];
    const room = [(pane.clientWidth * (this.scale - 1)) / 2, (pane.clientHeight * (this.scale - 1)) / 2];
    this.x = Math.max(-room[0], Math.min(room[0], this.x));
    this.y = Math.max(-room[1], Math.min(room[1], this.y));
    for (const each of this.panes) this.place(each);
    this.element.classList.toggle("stage--larger", this.scale > 1);
    this.changed(this);
  }

  place(pane) {
    const picture = pane.querySelector("img");
    const [width, height] = [picture.naturalWidth || picture.width, picture.naturalHeight || picture.height];
    // Turned by a quarter it has another room to fit into.
    const fitted = this.turned % 2 ? fit(height, width, pane) / fit(width, height, pane) : 1;
    picture.style.transform =
      `translate(${this.x}px, ${this.y}px) rotate(${this.turned * 90}deg) scale(${this.scale * fitted})`;
  }
}
