// Keeps a page up to date: the sweep page by its stream of events, the list by asking again.
"use strict";

const SEVERITY = ["stable", "spiky", "stalled", "vanished", "oscillating", "diverged", "exploded", "failed"];

function letterOf(outcome) {
  return document.querySelector(`.legend i.${outcome}`).textContent;
}

/** Writes a cell's letter, and its words for the pointer and for screen readers, from its trials' outcomes. */
function nameCell(cell) {
  const found = [...cell.querySelectorAll("i")].map((trial) => trial.className);
  const count = (outcome) => found.filter((other) => other === outcome).length;
  const present = SEVERITY.filter(count);
  const majority = present.reduce((best, next) => (count(next) >= count(best) ? next : best), present[0]);
  const mark = cell.querySelector("b");
  mark.className = majority || "";
  mark.textContent = !majority ? "" : present.length === 1 ? letterOf(majority) : letterOf(majority).toLowerCase();
  const words = present.map((outcome) => `${count(outcome)} ${outcome}`);
  if (count("")) words.push(`${count("")} to come`);
  const row = cell.parentElement.querySelector("th").textContent;
  const column = cell.closest("table").rows[0].cells[cell.cellIndex].textContent;
  cell.title = `${column}, ${row}: ${words.join(", ")}`;
}

const REDRAW_MILLISECONDS = 3000;

class SweepPage {
  constructor(article) {
    this.article = article;
    this.id = article.dataset.id;
    this.total = Number(article.querySelector(".bar").getAttribute("aria-valuemax"));
    article.querySelectorAll("table.map td:not(.gap)").forEach(nameCell);
    const cancel = document.getElementById("cancel");
    if (cancel) cancel.addEventListener("click", () => this.cancel(cancel));
    this.showTime();
    if (article.dataset.live === "yes") this.listen();
  }

  listen() {
    this.clock = setInterval(() => this.showTime(), 1000);
    const source = new EventSource(`/v1/sweeps/${this.id}/events?after=${this.article.dataset.after}`);
    const on = (type, handle) => source.addEventListener(type, (event) => handle(JSON.parse(event.data)));
    on("trials.ended", (data) => this.trialsEnded(data));
    on("trials.planned", (data) => this.trialsPlanned(data));
    on("sweep.started", (data) => { this.timeElement().dataset.started = data.at; this.showStatus("running"); });
    on("sweep.cancel_requested", () => this.showStatus("cancelling"));
    on("sweep.ended", (data) => { this.timeElement().dataset.ended = data.at; this.refresh(); });
    on("sweep.mirrored", () => this.refresh());
    on("report.ready", () => { source.close(); clearInterval(this.clock); this.refresh(); });
  }

  // A search that goes on by what ends: more trials than there are places for on this page.
  trialsPlanned(data) {
    this.total = data.num_trials;
    document.getElementById("planned").textContent = data.num_trials;
    this.article.querySelector(".bar").setAttribute("aria-valuemax", data.num_trials);
    this.redraw = this.redraw || setTimeout(() => this.redrawMap(), REDRAW_MILLISECONDS);
  }

  async redrawMap() {
    this.redraw = null;
    const fresh = await freshPage();
    document.getElementById("map").replaceWith(fresh.querySelector("#map"));
    document.querySelectorAll("#map td:not(.gap)").forEach(nameCell);
  }

  trialsEnded(data) {
    const cells = new Set();
    for (const trial of data.trials) {
      const element = document.getElementById(`t${trial.number}`);
      if (!element) continue;
      element.className = trial.outcome;
      cells.add(element.closest("td"));
    }
    cells.forEach(nameCell);
    this.showCounts(data.num_ended, data.outcomes);
    this.showTime();
  }

  showCounts(numEnded, outcomes) {
    document.getElementById("ended").textContent = numEnded;
    this.article.querySelector(".bar").setAttribute("aria-valuenow", numEnded);
    this.article.querySelectorAll(".bar i").forEach((part) => {
      part.style.width = `${(100 * (outcomes[part.dataset.outcome] || 0)) / (this.total || 1)}%`;
    });
    this.article.querySelectorAll(".legend li").forEach((item) => {
      const count = outcomes[item.dataset.count] || 0;
      item.querySelector("strong").textContent = count;
      item.classList.toggle("none", count === 0);
    });
  }

  showStatus(word) {
    const badge = document.createElement("span");
    badge.className = `status ${word}`;
    badge.textContent = word;
    document.getElementById("status").replaceChildren(badge);
  }

  timeElement() {
    return document.getElementById("time");
  }

  showTime() {
    const { started, ended } = this.timeElement().dataset;
    if (!started) return;
    const seconds = (ended ? Number(ended) : Date.now() / 1000) - Number(started);
    const numEnded = Number(document.getElementById("ended").textContent);
    let text = spell(seconds);
    if (!ended && numEnded > 0 && numEnded < this.total) {
      text += `, about ${spell((seconds * (this.total - numEnded)) / numEnded)} left`;
    }
    this.timeElement().textContent = text;
  }

  async cancel(button) {
    if (!confirm("Cancel this sweep? What it has trained is kept.")) return;
    button.disabled = true;
    const answer = await fetch(`/v1/sweeps/${this.id}/cancel`, { method: "POST" });
    if (answer.ok) this.showStatus("cancelling");
    else {
      button.disabled = false;
      alert((await answer.json()).detail);
    }
  }

  /** Takes over what the server renders anew: status, actions and findings. */
  async refresh() {
    const fresh = await freshPage();
    for (const selector of ["#status", ".actions", "#findings"]) {
      document.querySelector(selector).replaceWith(fresh.querySelector(selector));
    }
    const cancel = document.getElementById("cancel");
    if (cancel) cancel.addEventListener("click", () => this.cancel(cancel));
  }
}

function spell(seconds) {
  const total = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(total / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${total % 60} s` : `${total} s`;
}

async function freshPage() {
  const answer = await fetch(location.href);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Replaces the list of sweeps every two seconds while one of them is under way and the page is looked at. */
function keepListFresh() {
  const ask = async () => {
    const list = document.getElementById("sweeps");
    if (document.hidden || list.contains(document.activeElement)) return;
    try {
      list.replaceWith((await freshPage()).getElementById("sweeps"));
    } catch {
      return;
    }
  };
  setInterval(ask, 2000);
}

const article = document.getElementById("sweep");
if (article) new SweepPage(article);
if (document.getElementById("sweeps")) keepListFresh();
