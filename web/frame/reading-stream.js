/**
 * A connection to the stream of readings and alerts, which reconnects automatically unless the API denies access. For pages and workers.
 *
 *   const stream = new ReadingStream(({ type, readings, alert }) => { ... });      type: "readings", "alert", "reset" or "refused"
 *   stream.open();   stream.close();
 *
 * "readings": the newest reading of each sensor with new ones. "alert": an alert after a change of it. "reset": events may have been missed, so the
 * data should be requested. "refused": the API denies access (401, 403); the connection stays closed until it is opened again.
 */

import { waitOf } from "./failures.js";

const ADDRESS = "/api/stream";
const RETRY = 5000;

export class ReadingStream {
  #tell;
  #source;
  #retry;
  /** Changes whenever it is opened or closed, so that earlier pending work has no effect. */
  #round = 0;

  constructor(tell) {
    this.#tell = tell;
  }

  /** Does nothing if already open. */
  open() {
    if (this.#source || this.#retry) {
      return;
    }
    this.#round += 1;
    const source = new EventSource(ADDRESS);
    this.#source = source;
    source.addEventListener("readings", (event) => this.#tell({ type: "readings", readings: JSON.parse(event.data).data }));
    source.addEventListener("alert", (event) => this.#tell({ type: "alert", alert: JSON.parse(event.data) }));
    let hasBegun = false;
    source.addEventListener("reset", () => {
      // The first reset only marks the start, when the page requests its data anyway.
      if (hasBegun) {
        this.#tell({ type: "reset" });
      }
      hasBegun = true;
    });
    source.addEventListener("error", () => {
      // The browser reconnects after a broken connection, but not after an error response.
      if (source.readyState === EventSource.CLOSED) {
        this.close();
        this.#findCause();
      }
    });
  }

  close() {
    this.#round += 1;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#source?.close();
    this.#source = undefined;
  }

  /** An EventSource does not report why it failed. */
  async #findCause() {
    const round = this.#round;
    const controller = new AbortController();
    const response = await fetch(ADDRESS, { headers: { Accept: "text/event-stream" }, signal: controller.signal }).catch(() => undefined);
    const wait = waitOf(response?.headers.get("Retry-After"), Date.now());
    controller.abort();
    if (round !== this.#round) {
      return;
    }
    if (response?.status === 401 || response?.status === 403) {
      this.#tell({ type: "refused" });
      return;
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.open();
    }, Math.max(RETRY, wait));
  }
}
