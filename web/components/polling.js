/**
 * Asks again and again: never twice at once, never longer than the time-out, and not while nobody looks.
 *
 *   const polling = new Polling({ ask, onAnswer, onFailure, onReturn });
 *   polling.start();   polling.askNow();   polling.askAnew();
 *
 * `ask(signal)` makes the requests; `onReturn` is called when the page becomes visible again, before it asks. `askNow` does not wait for the next turn;
 * `askAnew` drops the answer that is under way as well, because the question has changed.
 */

const INTERVAL = 5000;
/** A slow network is slow, not away. */
const TIMEOUT = 45000;

export class Polling {
  #calls;
  #timer;
  #controller;
  #isAskedMeanwhile = false;

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
    this.#isAskedMeanwhile = false;
    const begun = performance.now();
    const controller = new AbortController();
    this.#controller = controller;
    const isCurrent = () => this.#controller === controller;
    const timeout = setTimeout(() => controller.abort(), TIMEOUT);
    await this.#calls.ask(controller.signal).then(
      (answer) => isCurrent() && this.#calls.onAnswer(answer),
      (error) => isCurrent() && this.#calls.onFailure(error),
    );
    clearTimeout(timeout);
    // When one of several requests has failed, the others must not go on beside the next ones.
    controller.abort();
    if (isCurrent()) {
      this.#controller = undefined;
      this.#planNext(begun);
    }
  }

  #planNext(begun) {
    if (isVisible()) {
      const wait = this.#isAskedMeanwhile ? 0 : INTERVAL - (performance.now() - begun);
      this.#timer = setTimeout(() => this.askNow(), Math.max(0, wait));
    }
  }
}

const isVisible = () => document.visibilityState === "visible";
