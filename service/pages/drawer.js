// The drawer beside the map: the trials of one square, as the server shows them.

export class Drawer {
  constructor(element, sweepId) {
    Object.assign(this, { element, sweepId, content: element.querySelector("#drawer-content"), asked: 0, opener: null });
    element.querySelector(".close").addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !element.hidden) this.close(); });
    this.content.addEventListener("click", (event) => this.follow(event));
  }

  /** Show trial `number` and the others of its square. The opener gets the focus back. */
  async open(number, beside, opener, takeFocus = false) {
    this.opener = opener || this.opener;
    const query = new URLSearchParams(beside.map((other) => ["beside", other]));
    await this.load(`/sweeps/${this.sweepId}/trials/${number}?${query}`);
    history.replaceState(null, "", `#trial-${number}`);
    if (takeFocus) this.element.focus();
  }

  /** Words instead of a trial. */
  say(text, opener) {
    this.opener = opener || this.opener;
    this.asked += 1;
    this.content.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
    this.reveal();
  }

  /** Fetch a trial's part of its page; of two that are asked for at once the later one stays. */
  async load(address) {
    const turn = (this.asked += 1);
    this.element.setAttribute("aria-busy", "true");
    let part;
    try {
      const answer = await fetch(`${address}&part=true`);
      part = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").body : null;
    } catch {
      part = null;
    }
    if (turn !== this.asked) return;
    this.element.setAttribute("aria-busy", "false");
    if (part) this.content.replaceChildren(...part.childNodes);
    else this.content.textContent = "The trial could not be read; the server does not answer.";
    this.reveal();
  }

  reveal() {
    this.element.hidden = false;
    document.body.classList.add("with-drawer");
    this.element.scrollTop = 0;
  }

  /** Links to the other trials of the square, and to the explanation, stay in the drawer. */
  async follow(event) {
    const link = event.target.closest(".repeats a, .explain");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.matches(".explain")) { this.explain(link); return; }
    await this.load(link.getAttribute("href"));
    history.replaceState(null, "", `#trial-${link.dataset.number}`);
    const now = this.content.querySelector(`.repeats a[data-number="${link.dataset.number}"]`);
    if (now) now.focus();
  }

  /** Put the explanation's sentences in place of the link to it. */
  async explain(link) {
    const place = link.parentElement;
    place.textContent = "Reading the whole sweep…";
    try {
      const answer = await (await fetch(link.href)).json();
      const sentences = [...answer.facts.slice(1), ...answer.helps.map((help) => `${help.text}.`)];
      const items = sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
      const list = Object.assign(document.createElement("ul"), { className: "explanation", tabIndex: -1 });
      list.append(...items);
      place.replaceWith(list);
      list.focus();
    } catch {
      place.textContent = "The explanation could not be read.";
    }
  }

  close() {
    this.asked += 1;
    this.element.hidden = true;
    document.body.classList.remove("with-drawer");
    history.replaceState(null, "", location.pathname + location.search);
    if (this.opener) this.opener.focus({ preventScroll: true });
  }
}
