/**
 * Receives readings as they are stored, while the page is visible.
 *
 *   const stream = new LiveStream({ onReadings, onReset });
 *   stream.start();   stream.stop();
 *
 * `onReadings(readings)` gets the newest reading of each sensor that has sent some; `onReset` says that some may have been missed, so that the
 * page asks. A page works without it, because it polls as well.
 *
 * All windows of a browser share one connection, because a browser opens only six to a server over HTTP/1.1, and eight windows with one each would
 * block each other. It belongs to a shared worker and not to a window elected by Web Locks, because those exist only over HTTPS and on localhost, and
 * because a worker lives on while windows close, freeze or go into the back/forward cache. Where there are no shared workers (Chrome on
 * Android, of whose windows one is visible), or the worker does not respond, the window has a connection of its own.
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
    // A page in the back/forward cache must not keep a connection; when it comes back it is the same page.
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && this.#follow());
    document.addEventListener("freeze", () => this.#leave());
    document.addEventListener("resume", () => this.#follow());
  }

  /** Does nothing if it is started. */
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

  #receive({ type, readings }) {
    this.#unanswered = 0;
    // What was sent before this window left is of no use.
    if (this.#isStarted && document.visibilityState === "visible") {
      if (type === "readings") {
        this.#calls.onReadings(readings);
      } else if (type === "reset") {
        this.#calls.onReset();
      }
    }
  }
}
