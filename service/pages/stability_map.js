// The map as a whole: its panels on the page, what the pointer and the arrow keys do, and what is read out.
import { MapPanel, themeOf } from "./map_panel.js";
import { short } from "./words.js";

const FRAME_BUDGET = 8; // milliseconds of drawing in one frame; what is left waits for the next
const MOST_FADES = 400; // squares that may fade in at once; more appear at once
const HINT = "Point at a square, or walk with the arrow keys, to read what became of its trials; click or press Enter to see them.";
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class StabilityMap {
  /** Draws `model` into `place`; `readout` says what the cursor is on, `onOpen` gets the square to show. */
  constructor(model, place, readout, onOpen) {
    Object.assign(this, { model, place, readout, onOpen, dirty: new Set(), frame: 0, said: -1 });
    readout.textContent = HINT;
    this.watcher = new IntersectionObserver((entries) => this.notice(entries), { rootMargin: "200px" });
    this.build();
    this.resizer = new ResizeObserver(() => this.fit());
    this.resizer.observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.fit(true));
  }

  /** One figure a panel. Only one of them is a stop of the Tab key; arrows walk on into the next. */
  build() {
    this.panels = this.model.panels.map((title, index) => {
      const figure = document.createElement("figure");
      if (title) figure.append(Object.assign(document.createElement("figcaption"), { textContent: title }));
      const canvas = document.createElement("canvas");
      const frame = Object.assign(document.createElement("div"), { className: "frame" });
      frame.append(canvas);
      figure.append(frame);
      const panel = new MapPanel(this.model, index, canvas);
      this.equip(panel, title);
      panel.figure = figure;
      return panel;
    });
    this.place.classList.toggle("single", this.panels.length === 1);
    this.place.replaceChildren(...this.panels.map((panel) => panel.figure));
    this.watcher.disconnect();
    for (const panel of this.panels) this.watcher.observe(panel.canvas);
    this.width = 0;
    this.fit();
  }

  equip(panel, title) {
    const { canvas } = panel;
    const size = `${panel.numRows} rows by ${this.model.numColumns} columns`;
    canvas.tabIndex = panel.index === 0 ? 0 : -1;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "stability map");
    canvas.setAttribute("aria-label", `${title || "Map"}, ${size}. Arrow keys move, Enter shows the trials.`);
    canvas.setAttribute("aria-describedby", this.readout.id);
    canvas.addEventListener("pointermove", (event) => this.hover(panel, event));
    canvas.addEventListener("pointerleave", () => this.leave(panel));
    canvas.addEventListener("click", (event) => this.press(panel, event));
    canvas.addEventListener("keydown", (event) => this.key(panel, event));
    canvas.addEventListener("focus", () => this.enter(panel));
    canvas.addEventListener("blur", () => this.leave(panel));
  }

  /** Redraw for the present width and theme. */
  fit(always = false) {
    const width = this.place.clientWidth;
    if (!always && width === this.width) return;
    this.width = width;
    const theme = themeOf(this.place);
    for (const panel of this.panels) { panel.resize(panel.figure.clientWidth, theme); this.dirty.add(panel); }
    this.schedule();
  }

  /** Panels that nobody sees are drawn once they come near. */
  notice(entries) {
    for (const entry of entries) {
      const panel = this.panels.find((candidate) => candidate.canvas === entry.target);
      if (panel) panel.seen = entry.isIntersecting;
    }
    this.schedule();
  }

  /** Take over a newer answer of the server: edges always, the layout where it changed. */
  take(answer) {
    const same = JSON.stringify([answer.panels, answer.x, answer.places]) === JSON.stringify([this.model.panels, this.model.x, this.model.places]);
    this.model.take(answer);
    if (!same) { this.build(); return; }
    if (this.panels.some((panel) => panel.isCramped)) { this.fit(true); return; }
    for (const panel of this.panels) this.dirty.add(panel);
    this.schedule();
  }

  /** Show new outcomes of trials that have a square. */
  show(trials) {
    const fades = !STILL.matches && trials.length <= MOST_FADES;
    for (const { number, outcome } of trials) {
      if (!this.model.knows(number)) continue;
      const square = this.model.setOutcome(number, outcome);
      const panel = this.panels.find((candidate) => candidate.holds(square));
      if (fades) panel.born.set(square, performance.now());
      this.dirty.add(panel);
    }
    this.schedule();
  }

  /** Show one outcome alone, or all of them. */
  showAlone(name) {
    for (const panel of this.panels) { panel.alone = name; this.dirty.add(panel); }
    this.schedule();
  }

  /** Draw what changed with the next frame, and again while something fades in. */
  schedule() {
    if (this.frame) return;
    this.frame = requestAnimationFrame((now) => {
      this.frame = 0;
      const wanted = [...this.dirty].filter((panel) => panel.seen);
      for (const panel of wanted) {
        if (performance.now() - now > FRAME_BUDGET) break;
        this.dirty.delete(panel);
        panel.draw();
        if (panel.born.size) this.dirty.add(panel);
      }
      if ([...this.dirty].some((panel) => panel.seen)) this.schedule();
    });
  }

  hover(panel, event) {
    if (event.pointerType === "touch") return;
    this.moveTo(panel, panel.hit(event.offsetX, event.offsetY));
  }

  press(panel, event) {
    const square = panel.hit(event.offsetX, event.offsetY);
    if (square < 0) return;
    this.moveTo(panel, square);
    panel.focused = square;
    this.onOpen(square, panel.canvas);
  }

  enter(panel) {
    for (const other of this.panels) other.canvas.tabIndex = other === panel ? 0 : -1;
    if (!panel.holds(panel.cursor)) this.moveTo(panel, panel.focused ?? this.nearest(panel, 0, 0));
  }

  /** Without a pointer on it, a panel shows where the keyboard is. */
  leave(panel) {
    const focused = document.activeElement === panel.canvas ? panel.focused : undefined;
    this.moveTo(panel, focused ?? -1);
  }

  key(panel, event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const { cursor } = panel;
    const [row, column] = [panel.rowOf(cursor), panel.columnOf(cursor)];
    if (moves[event.key]) this.walk(panel, row, column, moves[event.key]);
    else if (event.key === "Home") this.settle(panel, event.ctrlKey ? 0 : row, 0);
    else if (event.key === "End") this.settle(panel, event.ctrlKey ? panel.numRows - 1 : row, this.model.numColumns - 1);
    else if (event.key === "PageDown") this.settle(this.panels[Math.min(panel.index + 1, this.panels.length - 1)], row, column);
    else if (event.key === "PageUp") this.settle(this.panels[Math.max(panel.index - 1, 0)], row, column);
    else if ((event.key === "Enter" || event.key === " ") && cursor >= 0) this.onOpen(cursor, panel.canvas, true);
    else return;
    event.preventDefault();
  }

  /** One step on; past the last row the next panel begins. */
  walk(panel, row, column, [down, right]) {
    const [toRow, toColumn] = [row + down, Math.min(Math.max(column + right, 0), this.model.numColumns - 1)];
    const next = this.panels[panel.index + Math.sign(toRow < 0 ? -1 : toRow >= panel.numRows ? 1 : 0)];
    if (!next) return;
    if (next === panel) this.settle(panel, toRow, toColumn, [down, right]);
    else this.settle(next, down > 0 ? 0 : next.numRows - 1, toColumn);
  }

  /** Move the keyboard to a place, or on from it until there is a square. */
  settle(panel, row, column, [down, right] = [0, 0]) {
    let [r, c] = [Math.min(Math.max(row, 0), panel.numRows - 1), column];
    while (down || right) {
      if (r < 0 || r >= panel.numRows || c < 0 || c >= this.model.numColumns) return;
      if (this.model.squares[panel.squareAt(r, c)]) break;
      [r, c] = [r + down, c + right];
    }
    panel.focused = this.nearest(panel, r, c);
    panel.canvas.focus({ preventScroll: true });
    this.moveTo(panel, panel.focused);
    this.reveal(panel);
  }

  /** The square at a place, or else the first one after it in the panel. */
  nearest(panel, row, column) {
    const start = panel.squareAt(row, column);
    const end = panel.squareAt(panel.numRows, 0);
    for (let square = start; square < end; square += 1) if (this.model.squares[square]) return square;
    for (let square = start; square >= panel.squareAt(0, 0); square -= 1) if (this.model.squares[square]) return square;
    return -1;
  }

  reveal(panel) {
    const box = panel.canvas.getBoundingClientRect();
    const [x, y] = panel.corner(panel.cursor);
    const margin = 120;
    if (box.top + y < margin) scrollBy({ top: box.top + y - margin });
    else if (box.top + y > innerHeight - margin) scrollBy({ top: box.top + y - innerHeight + margin });
    const frame = panel.canvas.parentElement;
    if (x < frame.scrollLeft || x > frame.scrollLeft + frame.clientWidth - 40) frame.scrollLeft = x - frame.clientWidth / 2;
  }

  moveTo(panel, square) {
    if (panel.cursor === square) return;
    panel.cursor = square;
    this.dirty.add(panel);
    this.schedule();
    this.say(square);
    if (this.onMove) this.onMove(square);
  }

  /** What was written, with what ended meanwhile. */
  sayAgain() {
    if (this.said >= 0 && this.model.squares[this.said]) this.say(this.said);
  }

  /** Write what a square is about. */
  say(square) {
    this.said = square;
    if (square < 0) { this.readout.textContent = HINT; return; }
    const { place, found, edge } = this.model.describe(square);
    const row = this.model.rows[Math.floor(square / this.model.numColumns)];
    this.readout.replaceChildren(Object.assign(document.createElement("strong"), { textContent: place }), `: ${found}.`);
    if (edge) this.readout.append(Object.assign(document.createElement("span"), { textContent: ` Row: ${edge}${intervalOf(row.edge)}.` }));
  }
}

function intervalOf(edge) {
  if (edge.fitted === null) return "";
  const [lower, upper] = [edge.interval_lower, edge.interval_upper].map((end) => (end === null ? "…" : short(end)));
  return `; P(stable) = ½ at ${short(edge.fitted)}, 95 % interval ${lower} to ${upper}`;
}
