// A sweep's events, each once, whatever happens to the connection.

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 8000;

export class SweepEvents {
  /** Events of sweep `id` behind event `after`: `handlers` by type, and `onState` is told "", "lost" or "over". */
  constructor(id, after, handlers, onState) {
    Object.assign(this, { id, after, handlers, onState, wait: FIRST_WAIT });
    this.connect();
  }

  connect() {
    this.source = new EventSource(`/v1/sweeps/${this.id}/events?after=${this.after}`);
    this.source.onopen = () => { this.wait = FIRST_WAIT; this.onState(""); };
    this.source.onerror = () => this.failed();
    for (const [type, handle] of Object.entries(this.handlers)) {
      this.source.addEventListener(type, (event) => {
        this.after = Number(event.lastEventId);
        handle(JSON.parse(event.data));
      });
    }
  }

  /** A browser connects again by itself, with Last-Event-ID, unless the server answered with an error. */
  async failed() {
    if (this.source.readyState !== EventSource.CLOSED) { this.onState("lost"); return; }
    if (await this.isOver()) { this.close(); return; }
    this.onState("lost");
    setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  /** Whether nothing is left to come: 204 closes a browser's connection just as an error does. */
  async isOver() {
    const stop = new AbortController();
    try {
      const answer = await fetch(`/v1/sweeps/${this.id}/events?after=${this.after}`, { signal: stop.signal });
      return answer.status === 204 || answer.status === 404;
    } catch {
      return false;
    } finally {
      stop.abort();
    }
  }

  close() {
    this.source.close();
    this.onState("over");
  }
}
