// The page of one sweep: progress, map and drawer, kept up to date by the stream of events.
import { Drawer } from "./drawer.js";
import { SweepEvents } from "./events.js";
import { MapModel } from "./map_model.js";
import { StabilityMap } from "./stability_map.js";
import { spell } from "./words.js";

const EDGES_EVERY = 1500; // milliseconds between two looks at the edges
const MOST_BESIDE = 24;
const $ = (selector) => document.querySelector(selector);

class SweepPage {
  constructor(article) {
    this.article = article;
    this.id = article.dataset.id;
    this.total = Number(article.dataset.total);
    this.styles = JSON.parse($("#outcome-styles").textContent);
    this.drawer = new Drawer($("#drawer"), this.id);
    $("#actions").addEventListener("click", (event) => this.act(event.target.closest("button[data-action]")));
    $(".legend").addEventListener("click", (event) => this.showAlone(event.target.closest("button")));
    this.clock = setInterval(() => this.showTime(), 1000);
    this.showTime();
    this.start();
  }

  async start() {
    let answer;
    try {
      answer = await this.fetchMap();
    } catch {
      $("#map-note").textContent = "The map could not be read; trying again…";
      setTimeout(() => this.start(), 2000);
      return;
    }
    const model = new MapModel(answer, this.styles);
    this.map = new StabilityMap(model, $("#map"), $("#readout"), (square, opener, takeFocus) => this.open(square, opener, takeFocus));
    $("#map").setAttribute("aria-busy", "false");
    this.writeNote(model);
    this.openLinked();
    if (this.article.dataset.live === "yes") this.goOn(model, answer.after);
    else clearInterval(this.clock);
  }

  /** The map is newer than the page: catch up with what happened in between, then follow the events. */
  goOn(model, after) {
    const { numEnded, outcomes } = model.counts();
    this.showCounts(numEnded, outcomes);
    this.listen(after);
    this.refresh();
  }

  async fetchMap() {
    const answer = await fetch(`/v1/sweeps/${this.id}/map`);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  }

  writeNote(model) {
    const across = model.x.label ? `${model.x.label} across` : "";
    const down = model.y.label ? `${model.y.label} down` : "";
    const pooled = model.pooled.length ? ` Squares also pool ${model.pooled.join(", ")}.` : "";
    const place = [across, down].filter(Boolean).join(", ");
    $("#map-note").textContent = `${place ? `${place}. ` : ""}A square holds the repeats of one setting: a capital letter where all of them ended so, a small one where most did.${model.hasEdges ? " The line is the edge of stability." : ""}${pooled}`;
  }

  listen(after) {
    const refresh = () => this.refresh();
    this.events = new SweepEvents(this.id, after, {
      "trials.ended": (data) => this.trialsEnded(data),
      "trials.planned": (data) => this.trialsPlanned(data),
      "sweep.queued": refresh,
      "sweep.started": (data) => { $("#time").dataset.started ||= data.at; refresh(); },
      "sweep.cancel_requested": refresh,
      "sweep.paused": refresh,
      "sweep.extended": (data) => { $("#time").dataset.ended = ""; this.trialsPlanned(data); },
      "sweep.ended": (data) => { $("#time").dataset.ended = data.at; refresh(); this.edgesSoon(); },
      "sweep.mirrored": refresh,
      "report.ready": () => { this.events.close(); refresh(); },
    }, (state) => this.showConnection(state));
  }

  trialsEnded(data) {
    this.showCounts(data.num_ended, data.outcomes);
    this.map.show(data.trials); // those that no plan foresaw come with the edges
    this.map.sayAgain();
    this.edgesSoon();
  }

  /** A search that goes on by what ends has planned more, or knows that it is through. */
  trialsPlanned(data) {
    this.total = data.num_trials;
    $("#planned").textContent = data.num_trials;
    $("#most").textContent = data.max_trials ? ` planned so far, ${data.max_trials} at most` : "";
    $(".progress .bar").setAttribute("aria-valuemax", data.num_trials);
    this.edgesSoon();
  }

  /** Ask for the edges of what has ended, now and then rather than with every trial. */
  edgesSoon() {
    this.edgesWanted = true;
    if (this.edgesTimer) return;
    this.edgesTimer = setTimeout(async () => {
      this.edgesWanted = false;
      try {
        this.map.take(await this.fetchMap());
        this.map.sayAgain();
      } catch {
        this.edgesWanted = true;
      }
      this.edgesTimer = 0;
      if (this.edgesWanted) this.edgesSoon();
    }, EDGES_EVERY);
  }

  showCounts(numEnded, outcomes) {
    $("#ended").textContent = numEnded;
    const bar = $(".progress .bar");
    bar.setAttribute("aria-valuenow", numEnded);
    let x = 0;
    for (const part of bar.children) {
      const width = (1000 * (outcomes[part.dataset.outcome] || 0)) / (this.total || 1);
      part.setAttribute("x", x);
      part.setAttribute("width", width);
      x += width;
    }
    for (const button of document.querySelectorAll(".legend button")) {
      const count = outcomes[button.dataset.count] || 0;
      button.querySelector("strong").textContent = count;
      button.classList.toggle("none", count === 0);
    }
  }

  showTime() {
    const { started, ended } = $("#time").dataset;
    if (!started) return;
    const seconds = (ended ? Number(ended) : Date.now() / 1000) - Number(started);
    const numEnded = Number($("#ended").textContent);
    let text = spell(seconds);
    if (!ended && numEnded > 0 && numEnded < this.total) {
      text += `, about ${spell((seconds * (this.total - numEnded)) / numEnded)} left`;
    }
    $("#time").textContent = text;
  }

  showConnection(state) {
    $("#connection").textContent = state === "lost" ? "connection lost, trying again…" : "";
    if (state === "over") clearInterval(this.clock);
  }

  showAlone(button) {
    if (!button || !this.map) return;
    const pressed = button.getAttribute("aria-pressed") === "true";
    for (const other of document.querySelectorAll(".legend button")) other.setAttribute("aria-pressed", String(other === button && !pressed));
    this.map.showAlone(pressed ? null : button.dataset.count);
  }

  open(square, opener, takeFocus) {
    const { model } = this.map;
    const ended = model.endedTrials(square);
    const { place } = model.describe(square);
    if (!ended.length) this.drawer.say(`${place}: no trial has ended here yet.`, opener);
    else this.drawer.open(ended[0], ended.slice(0, MOST_BESIDE), opener, takeFocus);
  }

  /** A link to a trial opens the map with its square. */
  openLinked() {
    const number = Number((/^#trial-(\d+)$/.exec(location.hash) || [])[1] ?? NaN);
    const { model } = this.map;
    if (!model.knows(number) || !model.outcomes[number]) return;
    const beside = model.endedTrials(model.places[number]).slice(0, MOST_BESIDE);
    this.drawer.open(number, beside, $("#map canvas"));
  }

  /** Cancel after asking; pause and resume at once, since they lose nothing. */
  async act(button) {
    if (!button) return;
    const { action } = button.dataset;
    if (action === "cancel" && !confirm("Cancel this sweep? What it has trained is kept.")) return;
    button.disabled = true;
    try {
      const answer = await fetch(`/v1/sweeps/${this.id}/${action}`, { method: "POST" });
      if (!answer.ok) this.showError((await answer.json()).detail);
    } catch {
      this.showError("The server does not answer; nothing was changed.");
    }
    this.refresh();
  }

  /** Somebody deleted the sweep: what is on the page is all that is left of it. */
  gone() {
    this.events?.close();
    $("#actions").replaceChildren();
    this.showError("This sweep has been deleted.");
  }

  showError(text) {
    $("#error").replaceChildren(Object.assign(document.createElement("p"), { className: "error", role: "alert", textContent: text }));
  }

  /** Take over what the server renders anew: status, actions and findings; once at a time. */
  async refresh() {
    if (this.refreshing) { this.refreshAgain = true; return; }
    this.refreshing = true;
    try {
      const answer = await fetch(location.pathname);
      if (answer.status === 404) { this.gone(); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const selector of ["#status", "#actions", "#findings"]) {
        const [old, next] = [$(selector), fresh.querySelector(selector)];
        if (old.innerHTML !== next.innerHTML) keepFocus(old, () => old.replaceChildren(...next.childNodes));
      }
      Object.assign($("#time").dataset, fresh.querySelector("#time").dataset);
      this.showTime();
    } catch {
      this.refreshAgain = true;
      await new Promise((done) => setTimeout(done, 1000));
    }
    this.refreshing = false;
    if (this.refreshAgain) { this.refreshAgain = false; this.refresh(); }
  }
}

/** Run `change`; where the focus was on one of the replaced elements, it goes to the first one there is. */
function keepFocus(element, change) {
  const had = element.contains(document.activeElement);
  change();
  if (had) element.querySelector("a, button:not([disabled])")?.focus();
}

new SweepPage($("#sweep"));
