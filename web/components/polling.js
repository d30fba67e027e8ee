/**
 * Polls every five seconds: one request at a time, limited by the time-out, and not while the page is hidden.
 *
 *   const polling = new Polling({ ask, onAnswer, onFailure, onReturn });
 *   polling.start();   polling.askNow();   polling.askAnew();
 *
 * `ask(signal)` makes the requests. `onFailure(error)` may return { wait, isLimit }: milliseconds until the next attempt, and whether the server
 * requires them (Retry-After), so that askNow and askAnew wait too; or { isFinal: true }, if only these two ask again. `onReturn` is called when the page becomes visible again,
 * before it polls. `askNow` polls immediately; `askAnew` also aborts the request in progress, because the query has changed.
 */

const INTERVAL = 5000;
/** A slow network is not offline. */
const TIMEOUT = 45000;

export class Polling {
  #calls;
  #timer;
  #controller;
  #isAskedMeanwhile = false;
  #notBefore = 0;

  constructor(calls) {
    this.#calls = calls;
  }

  start() {
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.#timer);
      if (isVisible()) {
        this.#calls.onReturn();
        this.askNow();
      }
    });
    this.askNow();
  }

  askNow() {
    if (this.#controller) {
      this.#isAskedMeanwhile = true;
    } else {
      this.#askOnce();
    }
  }

  askAnew() {
    this.#controller?.abort();
    this.#controller = undefined;
    this.#askOnce();
  }

  async #askOnce() {
    clearTimeout(this.#timer);
    const begun = performance.now();
    if (begun < this.#notBefore) {
      this.#askIn(this.#notBefore - begun);
      return;
    }
    this.#isAskedMeanwhile = false;
    const controller = new AbortController();
    this.#controller = controller;
    const isCurrent = () => this.#controller === controller;
    const timeout = setTimeout(() => controller.abort(), TIMEOUT);
    let pause;
    await this.#calls.ask(controller.signal).then(
      (answer) => isCurrent() && this.#calls.onAnswer(answer),
      (error) => { pause = isCurrent() ? this.#calls.onFailure(error) : undefined; },
    );
    clearTimeout(timeout);
    // When one of several requests has failed, the others must not continue alongside the next ones.
    controller.abort();
    if (isCurrent()) {
      this.#controller = undefined;
      this.#planNext(begun, pause);
    }
  }

  #planNext(begun, { wait = 0, isLimit = false, isFinal = false } = {}) {
    if (isFinal) {
      return;
    }
    const now = performance.now();
    if (isLimit) {
      this.#notBefore = now + wait;
    }
    this.#askIn(Math.max(wait, this.#isAskedMeanwhile ? 0 : INTERVAL - (now - begun)));
  }

  #askIn(wait) {
    if (isVisible()) {
      this.#timer = setTimeout(() => this.askNow(), Math.max(0, wait));
    }
  }
}

const isVisible = () => document.visibilityState === "visible";
