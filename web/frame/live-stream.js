/**
 * Receives readings as they are stored, and alerts as they happen, while the page is visible.
 *
 *   const stream = new LiveStream({ onReadings, onAlert, onReset });
 *   stream.start();   stream.stop();
 *
 * `onReadings(readings)` gets the newest reading of each sensor with new ones, `onAlert(alert)` an alert after a change of it; a page omits the one that
 * it does not show. `onReset` reports that some may have been missed, so that the page requests its data. The stream is optional, because pages also poll.
 *
 * All windows of a browser share one connection, because a browser opens only six per server over HTTP/1.1, and eight windows with one each would
 * block each other. It is owned by a shared worker instead of a window elected by Web Locks, because those require HTTPS or localhost, and
 * because a worker keeps running while windows close, freeze or enter the back/forward cache. If there are no shared workers (Chrome on
 * Android, where only one window is visible), or the worker does not respond, the window opens its own connection.
 */

import { ReadingStream } from "./reading-stream.js";

const WORKER = "/frame/stream-worker.js";
const HEARTBEAT = 5000;
const MOST_UNANSWERED = 3;

export class LiveStream {
  #calls;
  #port;
  #own;
  #isStarted = false;
  #heartbeat;
  #unanswered = 0;

  constructor(calls) {
    this.#calls = calls;
    document.addEventListener("visibilitychange", () => this.#follow());
    // A page in the back/forward cache must not keep a connection; when restored, it is the same page.
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && this.#follow());
    document.addEventListener("freeze", () => this.#leave());
    document.addEventListener("resume", () => this.#follow());
  }

  /** Does nothing if already started. */
  start() {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#follow();
    }
  }

  stop() {
    this.#isStarted = false;
    this.#leave();
  }

  #follow() {
    clearInterval(this.#heartbeat);
    if (!this.#isStarted || document.visibilityState !== "visible") {
      this.#leave();
      return;
    }
    if (!this.#own && !this.#port) {
      this.#connect();
    }
    if (this.#own) {
      this.#own.open();
    } else {
      this.#unanswered = 0;
      this.#send();
      this.#heartbeat = setInterval(() => this.#send(), HEARTBEAT);
    }
  }

  #leave() {
    clearInterval(this.#heartbeat);
    this.#own?.close();
    this.#port?.postMessage("leave");
  }

  #connect() {
    try {
      const worker = new SharedWorker(WORKER, { type: "module", name: "readings" });
      worker.onerror = () => this.#standAlone();
      this.#port = worker.port;
      this.#port.onmessage = ({ data }) => this.#receive(data);
    } catch {
      this.#standAlone();
    }
  }

  #send() {
    this.#unanswered += 1;
    if (this.#unanswered > MOST_UNANSWERED) {
      this.#standAlone();
    } else {
      this.#port.postMessage("follow");
    }
  }

  #standAlone() {
    this.#leave();
    this.#port = undefined;
    this.#own = new ReadingStream((message) => this.#receive(message));
    if (this.#heartbeat) {
      this.#follow();
    }
  }

  #receive({ type, readings, alert }) {
    this.#unanswered = 0;
    // Ignores what was sent before this window left.
    if (this.#isStarted && document.visibilityState === "visible") {
      if (type === "readings") {
        this.#calls.onReadings?.(readings);
      } else if (type === "alert") {
        this.#calls.onAlert?.(alert);
      } else if (type === "reset") {
        this.#calls.onReset();
      }
    }
  }
}
