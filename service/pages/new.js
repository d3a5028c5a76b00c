// The form for a new sweep: checked while it is written, its cost told before it is started.
import { counted, grouped, spell } from "./words.js";

const PAUSE = 350; // milliseconds without a key before the text is checked
const $ = (selector) => document.querySelector(selector);
const element = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

class NewSweep {
  constructor() {
    this.presets = new Map(JSON.parse($("#presets").textContent).map((preset) => [preset.name, preset]));
    [this.text, this.button] = [$("#spec"), $("#submit")];
    this.checked = null; // the text that was last found to be good
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("scroll", () => this.follow());
    $("#preset").addEventListener("change", () => this.usePreset());
    $("#small").addEventListener("change", () => this.usePreset());
    $("#new").addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    document.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.start(); });
    this.describePreset();
    this.changed(0);
  }

  usePreset() {
    const preset = this.presets.get($("#preset").value);
    this.describePreset();
    if (!preset) return;
    this.text.value = $("#small").checked ? preset.small : preset.text;
    this.changed(0);
  }

  describePreset() {
    const preset = this.presets.get($("#preset").value);
    $("#about").textContent = preset ? `${preset.title}. ${preset.description}` : "";
    $("#small").disabled = !preset;
  }

  /** The text is another one: nothing may be started until it has been checked. */
  changed(pause = PAUSE) {
    this.key = null;
    this.checked = null;
    this.button.disabled = true;
    $("#state").textContent = "Checking…";
    this.numberLines();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), pause);
  }

  /** Ask for the plan; one question at a time, the last text in the end. */
  async check() {
    if (this.asking) { this.askAgain = true; return; }
    this.asking = true;
    const text = this.text.value;
    const answer = await this.post("/v1/sweeps?dry_run=true", text);
    this.asking = false;
    if (this.askAgain || text !== this.text.value) { this.askAgain = false; this.check(); return; }
    if (answer.ok) this.showPlan(text, answer.body);
    else this.showProblems(answer.body);
  }

  async post(address, text, headers = {}) {
    try {
      const answer = await fetch(address, { method: "POST", body: text, headers: { "Content-Type": "application/yaml", ...headers } });
      return { ok: answer.ok, body: await answer.json() };
    } catch {
      return { ok: false, body: { detail: "The server does not answer; the text stays here." } };
    }
  }

  showPlan(text, plan) {
    this.checked = text;
    this.button.disabled = false;
    this.mark([]);
    const open = plan.max_trials > plan.num_trials;
    const count = open ? `${grouped(plan.num_trials)} trials at first, usually ${grouped(plan.usual_trials)}` : counted(plan.num_trials, "trial");
    $("#state").textContent = `${count}, about ${spell(plan.estimated_seconds)} on ${counted(plan.num_workers, "worker")}.`;
    const facts = [
      ...(open ? [["trials at most", grouped(plan.max_trials)]] : []),
      ["configurations", grouped(plan.num_configurations)],
      ["cells", grouped(plan.num_cells)],
      ["packs", grouped(plan.num_packs)],
      ["updates in all", grouped(plan.num_trial_steps)],
      ...plan.models.map((model) => [model.label, `${grouped(model.num_parameters)} parameters`]),
    ];
    $("#plan").replaceChildren(...facts.map(([name, value]) => element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
    $("#warnings").replaceChildren(...plan.warnings.map((warning) => element("li", { textContent: warning })));
  }

  showProblems(problem) {
    const problems = problem.problems || [];
    $("#state").textContent = problems.length ? `${problems.length === 1 ? "1 problem" : `${problems.length} problems`}, nothing can be started yet.` : problem.detail;
    $("#plan").replaceChildren();
    $("#warnings").replaceChildren();
    this.mark(problems);
  }

  /** The problems as a list, and a mark at each of their lines. */
  mark(problems) {
    $("#problems").replaceChildren(...problems.map((problem) => this.problemItem(problem)));
    this.lines = new Set(problems.map((problem) => problem.line).filter(Boolean));
    this.text.setAttribute("aria-invalid", String(problems.length > 0));
    this.numberLines();
  }

  problemItem(problem) {
    const place = problem.line ? `line ${problem.line}, column ${problem.column}` : "the spec as a whole";
    const go = element("button", { type: "button", textContent: place });
    go.addEventListener("click", () => this.goTo(problem.line || 1, problem.column || 1));
    const item = element("li", {}, go, element("code", { textContent: problem.path ? ` ${problem.path}` : "" }));
    if (problem.value !== null) item.append(element("div", {}, "found ", element("code", { textContent: JSON.stringify(problem.value) })));
    item.append(element("div", { textContent: `expected ${problem.expected}` }));
    if (problem.nearest) item.append(element("div", { className: "nearest" }, "did you mean ", element("code", { textContent: problem.nearest }), "?"));
    return item;
  }

  /** The caret at a line and column, both from 1. */
  goTo(line, column) {
    const before = this.text.value.split("\n").slice(0, line - 1);
    const at = before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
    this.text.focus();
    this.text.setSelectionRange(at, at);
    this.text.scrollTop = Math.max(0, (line - 4) * this.lineHeight());
  }

  lineHeight() {
    return parseFloat(getComputedStyle(this.text).lineHeight);
  }

  numberLines() {
    const count = this.text.value.split("\n").length;
    const bad = this.lines || new Set();
    const numbers = Array.from({ length: count }, (_, index) => element("span", { textContent: index + 1, className: bad.has(index + 1) ? "bad" : "" }));
    $(".gutter").replaceChildren(...numbers);
    $(".bands").replaceChildren(...[...bad].map((line) => {
      const band = element("div", {});
      band.style.top = `calc(var(--pad) + ${line - 1} * var(--line))`;
      return band;
    }));
    this.follow();
  }

  /** Line numbers and marks scroll with the text. */
  follow() {
    for (const layer of [$(".gutter"), $(".bands")]) layer.style.transform = `translateY(${-this.text.scrollTop}px)`;
  }

  /** Start what was checked. The key makes one sweep of two clicks, and of a click that was repeated. */
  async start() {
    if (this.checked === null || this.checked !== this.text.value || this.button.disabled) return;
    this.key ||= Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.button.disabled = true;
    $("#state").textContent = "Starting…";
    const answer = await this.post("/v1/sweeps", this.checked, { "Idempotency-Key": this.key });
    if (answer.ok) location.assign(answer.body.links.page);
    else { this.showProblems(answer.body); this.button.disabled = false; }
  }
}

new NewSweep();
