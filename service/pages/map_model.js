// What the map shows: squares with their trials and outcomes, rows with their edges.

const NOT_ENDED = ".";

export class MapModel {
  /** `answer` is that of GET …/map; `styles` are the outcomes from harmless to worst. */
  constructor(answer, styles) {
    this.styles = styles;
    this.ofLetter = new Map(styles.map((style) => [style.letter, style]));
    this.ofName = new Map(styles.map((style) => [style.name, style]));
    this.take(answer);
  }

  /** Take over a newer answer. */
  take(answer) {
    Object.assign(this, { x: answer.x, y: answer.y, panels: answer.panels, rows: answer.rows, pooled: answer.pooled });
    this.hasEdges = answer.has_edges;
    this.numColumns = Math.max(this.x.levels.length, 1);
    this.places = answer.places;
    this.outcomes = Array.from(answer.outcomes, (letter) => this.ofLetter.get(letter) || null);
    this.squares = [];
    this.places.forEach((place, number) => { if (place >= 0) (this.squares[place] ||= []).push(number); });
    this.firstRow = this.panels.map((_, panel) => this.rows.findIndex((row) => row.panel === panel));
    this.numRows = this.panels.map((_, panel) => this.rows.filter((row) => row.panel === panel).length);
  }

  /** Whether the trial has a square; a search that decides as it goes may come up with others. */
  knows(number) {
    return number < this.places.length && this.places[number] >= 0;
  }

  /** Note an outcome; the square that changed. */
  setOutcome(number, name) {
    this.outcomes[number] = this.ofName.get(name);
    return this.places[number];
  }

  /** How many trials have ended, and how. */
  counts() {
    const outcomes = {};
    for (const style of this.outcomes) if (style) outcomes[style.name] = (outcomes[style.name] || 0) + 1;
    return { numEnded: this.outcomes.filter(Boolean).length, outcomes };
  }

  /** How the trials of a square ended: `parts` as [style, count] by severity, the majority, how many are to come. */
  tally(square) {
    const numbers = this.squares[square];
    const counts = new Map();
    let ended = 0;
    for (const number of numbers) {
      const style = this.outcomes[number];
      if (style) { counts.set(style, (counts.get(style) || 0) + 1); ended += 1; }
    }
    const parts = this.styles.filter((style) => counts.has(style)).map((style) => [style, counts.get(style)]);
    const majority = parts.reduce((best, next) => (best && best[1] > next[1] ? best : next), null);
    return { parts, majority: majority && majority[0], ended, total: numbers.length };
  }

  /** The letter of a tally: a capital where all ended so, small where only most did. */
  letter({ parts, majority }) {
    if (!majority) return "";
    return parts.length === 1 ? majority.letter : majority.letter.toLowerCase();
  }

  /** Trials of a square that have ended, the majority's first. */
  endedTrials(square) {
    const { majority } = this.tally(square);
    const ended = this.squares[square].filter((number) => this.outcomes[number]);
    return ended.sort((a, b) => (this.outcomes[b] === majority) - (this.outcomes[a] === majority) || a - b);
  }

  /** The square in words: where it is, and what became of its trials. */
  describe(square) {
    const row = this.rows[Math.floor(square / this.numColumns)];
    const place = [];
    if (this.x.levels.length) place.push(`${this.x.label} ${this.x.levels[square % this.numColumns]}`);
    if (this.y.levels.length) place.push(`${this.y.label} ${row.label}`);
    if (this.panels[row.panel]) place.push(this.panels[row.panel]);
    const { parts, ended, total } = this.tally(square);
    const found = parts.map(([style, count]) => `${count} ${style.name}`);
    if (ended < total) found.push(`${total - ended} to come`);
    return { place: place.join(", ") || "all trials", found: found.join(", "), edge: row.edge ? row.edge.text : "" };
  }
}
