// One panel of the map on a canvas: labels, squares, the line of the edge, and the square under the cursor.

const LETTERS_FROM = 11; // pixels of a square that has room for its letter
const NARROW = 520; // pixels of a panel whose row labels stand above their squares
const BRACKET = 92; // pixels that are kept free for the bracket of an edge, which may be yet to come
const LINE = 13; // pixels of a line of small text
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
const FADE = 260; // milliseconds

/** Colours of the page's theme, which a canvas does not inherit. */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  return { paper: read("--paper"), ink: read("--ink"), soft: read("--soft"), hole: read("--hole") };
}

export class MapPanel {
  constructor(model, index, canvas) {
    Object.assign(this, { model, index, canvas, context: canvas.getContext("2d"), cursor: -1, alone: null, born: new Map() });
  }

  get first() { return this.model.firstRow[this.index]; }
  get numRows() { return this.model.numRows[this.index]; }
  rowOf(square) { return Math.floor(square / this.model.numColumns) - this.first; }
  columnOf(square) { return square % this.model.numColumns; }
  squareAt(row, column) { return (this.first + row) * this.model.numColumns + column; }
  holds(square) { const row = this.rowOf(square); return row >= 0 && row < this.numRows; }

  /** Sizes for a width in pixels; the canvas grows wider than that where squares would vanish. */
  measure(width) {
    const { model, context } = this;
    context.font = `12px ${FONT}`;
    const wide = (texts) => Math.ceil(Math.max(0, ...texts.map((text) => context.measureText(text).width)));
    const rows = model.rows.slice(this.first, this.first + this.numRows);
    const crowded = this.numRows > 40;
    const stacked = width < NARROW && !crowded && rows.length > 0;
    const labels = stacked ? 0 : Math.min(wide(rows.map((row) => row.label)) + 8, Math.floor(width * 0.34));
    const edges = stacked || crowded || !model.hasEdges ? 0 : Math.max(this.bracketWidth(), BRACKET) + 12;
    const cell = Math.max(4, Math.min(44, Math.floor((width - labels - edges) / model.numColumns)));
    const height = crowded ? Math.max(4, Math.min(cell, 16)) : 24;
    const columns = wide(model.x.levels);
    const turned = columns > cell - 4;
    this.sizes = {
      stacked, labels, cell, height, turned, edges,
      gap: cell >= 18 ? 2 : cell >= 6 ? 1 : 0,
      step: height + (stacked ? LINE + 5 : crowded ? 0 : 2),
      top: turned ? Math.min(columns, 64) + 6 : LINE + 4,
      everyColumn: turned ? Math.max(1, Math.ceil(12 / cell)) : 1,
      everyRow: Math.max(1, Math.ceil(12 / height)),
    };
    this.sizes.width = Math.max(labels + cell * model.numColumns + edges, stacked ? width : 0);
    this.sizes.total = this.sizes.top + this.numRows * this.sizes.step + 2;
  }

  /** Pixels of the widest bracket of a row's edge. */
  bracketWidth() {
    this.context.font = `12px ${FONT}`;
    const rows = this.model.rows.slice(this.first, this.first + this.numRows);
    const widths = rows.map((row) => (row.edge ? this.context.measureText(row.edge.bracket).width : 0));
    return Math.ceil(Math.max(0, ...widths));
  }

  /** Whether edges have come to need more room than there is for them. */
  get isCramped() {
    return this.sizes.edges > 0 && this.bracketWidth() + 12 > this.sizes.edges;
  }

  /** Fit the canvas to its place; what it showed is gone until it is drawn again. */
  resize(width, theme) {
    this.theme = theme;
    this.measure(width);
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.sizes.width * ratio);
    this.canvas.height = Math.round(this.sizes.total * ratio);
    this.canvas.style.width = `${this.sizes.width}px`;
    this.canvas.style.height = `${this.sizes.total}px`;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /** Left top corner of a square. */
  corner(square) {
    const { labels, cell, top, step, stacked } = this.sizes;
    return [labels + this.columnOf(square) * cell, top + this.rowOf(square) * step + (stacked ? LINE + 3 : 0)];
  }

  /** The square at a point of the canvas, -1 where there is none. */
  hit(x, y) {
    const { labels, cell, top, step } = this.sizes;
    const [row, column] = [Math.floor((y - top) / step), Math.floor((x - labels) / cell)];
    if (row < 0 || row >= this.numRows || column < 0 || column >= this.model.numColumns) return -1;
    const square = this.squareAt(row, column);
    return this.model.squares[square] ? square : -1;
  }

  draw() {
    const { context, sizes } = this;
    context.clearRect(0, 0, sizes.width, sizes.total);
    this.drawLabels();
    for (let row = 0; row < this.numRows; row += 1) {
      for (let column = 0; column < this.model.numColumns; column += 1) this.drawSquare(this.squareAt(row, column));
    }
    this.drawEdges();
    this.drawCursor();
  }

  drawLabels() {
    const { context, model, theme, sizes } = this;
    context.fillStyle = theme.soft;
    context.font = `11px ${FONT}`;
    context.textBaseline = "middle";
    model.x.levels.forEach((label, column) => {
      if (column % sizes.everyColumn) return;
      const x = sizes.labels + (column + 0.5) * sizes.cell;
      context.save();
      context.translate(x, sizes.top - 5);
      if (sizes.turned) context.rotate(-Math.PI / 2);
      context.textAlign = sizes.turned ? "left" : "center";
      context.fillText(label, 0, sizes.turned ? 0 : -3, 64);
      context.restore();
    });
    for (let row = 0; row < this.numRows; row += 1) this.drawRowLabel(row);
  }

  drawRowLabel(row) {
    const { context, model, theme, sizes } = this;
    if (row % sizes.everyRow) return;
    const { label, edge } = model.rows[this.first + row];
    const [x, y] = this.corner(this.squareAt(row, 0));
    context.font = `12px ${FONT}`;
    context.fillStyle = theme.ink;
    if (sizes.stacked) {
      context.textAlign = "left";
      context.fillText(label, 0, y - LINE / 2 - 1);
    } else {
      context.textAlign = "right";
      context.fillText(fitted(context, label, sizes.labels - 8), x - 6, y + sizes.height / 2);
    }
    if (!edge || (!sizes.stacked && !sizes.edges)) return;
    context.fillStyle = theme.soft;
    context.textAlign = sizes.stacked ? "right" : "left";
    const right = sizes.stacked ? sizes.width : sizes.labels + sizes.cell * model.numColumns + 10;
    context.fillText(edge.bracket, right, sizes.stacked ? y - LINE / 2 - 1 : y + sizes.height / 2);
  }

  drawSquare(square) {
    const { context, model, theme, sizes } = this;
    if (!model.squares[square]) return;
    const [x, y] = this.corner(square);
    const [width, height] = [sizes.cell - sizes.gap, sizes.height - (sizes.stacked || sizes.height < 10 ? sizes.gap : 0)];
    const tally = model.tally(square);
    context.fillStyle = theme.hole;
    context.fillRect(x, y, width, height);
    context.globalAlpha = this.age(square);
    let left = x;
    for (const [style, count] of tally.parts) {
      const share = (width * count) / tally.total;
      context.globalAlpha = this.age(square) * (this.alone && this.alone !== style.name ? 0.14 : 1);
      context.fillStyle = style.color;
      context.fillRect(left, y, share, height);
      left += share;
    }
    context.globalAlpha = this.alone && tally.majority && this.alone !== tally.majority.name ? 0.14 : 1;
    if (tally.majority && sizes.cell >= LETTERS_FROM && sizes.height >= LETTERS_FROM) this.drawLetter(tally, x, y, width, height);
    context.globalAlpha = 1;
  }

  /** The letter, on a ground of its own colour where the square has several. */
  drawLetter(tally, x, y, width, height) {
    const { context } = this;
    const size = Math.max(8, Math.min(12, 0.68 * width));
    if (tally.parts.length > 1 || tally.ended < tally.total) {
      const half = size / 2 + 0.5;
      context.fillStyle = tally.majority.color;
      context.fillRect(x + width / 2 - half, y + height / 2 - half, 2 * half, 2 * half);
    }
    context.font = `600 ${size}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = tally.majority.ink;
    context.fillText(this.model.letter(tally), x + width / 2, y + height / 2 + 0.5);
  }

  /** How much of a new outcome shows yet, 0 to 1. */
  age(square) {
    const since = this.born.get(square);
    if (since === undefined) return 1;
    const share = (performance.now() - since) / FADE;
    if (share < 1) return Math.max(share, 0);
    this.born.delete(square);
    return 1;
  }

  /** A stepped line where brackets are tight, whiskers where they are still wide. */
  drawEdges() {
    const { context, theme, sizes } = this;
    context.save();
    context.lineCap = "butt";
    for (const [width, color] of [[5, theme.paper], [2, theme.ink]]) {
      context.lineWidth = sizes.cell < 10 ? width * 0.7 : width;
      context.strokeStyle = color;
      this.traceEdges();
    }
    context.restore();
  }

  traceEdges() {
    const { context, model, sizes } = this;
    let before = null;
    for (let row = 0; row < this.numRows; row += 1) {
      const { edge } = model.rows[this.first + row];
      const bounds = edgeBounds(edge);
      const y = this.corner(this.squareAt(row, 0))[1];
      const tight = bounds && bounds.tight;
      if (tight) {
        const x = this.columnLine(bounds.lower + 1);
        context.setLineDash([]);
        context.beginPath();
        if (before && !sizes.stacked) { context.moveTo(before.x, before.y); context.lineTo(before.x, y - 1); context.lineTo(x, y - 1); }
        else context.moveTo(x, y - 1);
        context.lineTo(x, y + sizes.height + 1);
        context.stroke();
        before = { x, y: y + sizes.height };
      } else {
        before = null;
        if (bounds) this.traceWhisker(bounds, y);
      }
    }
  }

  traceWhisker({ lower, upper, dashed }, y) {
    const { context, sizes } = this;
    const [left, right, low] = [this.columnLine(lower + 1), this.columnLine(upper), y + sizes.height - 4];
    context.setLineDash(dashed ? [4, 3] : []);
    context.beginPath();
    context.moveTo(left, low);
    context.lineTo(right, low);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    for (const x of [left, right]) { context.moveTo(x, y + 3); context.lineTo(x, y + sizes.height - 3); }
    context.stroke();
  }

  /** Where the line left of a column runs. */
  columnLine(column) {
    return this.sizes.labels + column * this.sizes.cell - this.sizes.gap / 2;
  }

  drawCursor() {
    if (!this.holds(this.cursor)) return;
    const { context, theme, sizes } = this;
    const [x, y] = this.corner(this.cursor);
    context.save();
    for (const [width, color] of [[5, theme.paper], [2, theme.ink]]) {
      context.lineWidth = width;
      context.strokeStyle = color;
      context.strokeRect(x - 0.5, y - 0.5, sizes.cell - sizes.gap + 1, sizes.height + 1);
    }
    context.restore();
  }
}

/** The columns between which an edge lies: `lower` the last below it, `upper` the first above it. */
function edgeBounds(edge) {
  if (!edge || edge.lower_column === null || edge.upper_column === null) return null;
  if (edge.status !== "bracketed" && edge.status !== "uncertain") return null;
  const [lower, upper] = [edge.lower_column, edge.upper_column];
  return { lower, upper, dashed: edge.status === "uncertain", tight: edge.status === "bracketed" && upper <= lower + 1 };
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length)}…`;
}
