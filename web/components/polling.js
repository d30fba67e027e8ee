/**
 * Asks the REST API again and again: never twice at once, never longer than the time-out, and not while nobody looks.
 *
 *   startPolling({ ask, onAnswer, onFailure, onReturn })
 *
 * `ask(signal)` makes the requests; `onReturn` is called when the page becomes visible again, before it asks.
 */

const INTERVAL = 5000;
const TIMEOUT = 10000;

export function startPolling({ ask, onAnswer, onFailure, onReturn }) {
  let timer;
  let isAsking = false;

  async function askOnce() {
    clearTimeout(timer);
    isAsking = true;
    const begun = performance.now();
    const controller = new AbortController();
    const timeout = setTimeout(() => controller.abort(), TIMEOUT);
    try {
      await ask(controller.signal).then(onAnswer, onFailure);
    } finally {
      clearTimeout(timeout);
      // When one of two requests has failed, the other must not go on beside the next ones.
      controller.abort();
      isAsking = false;
      if (document.visibilityState === "visible") {
        timer = setTimeout(askOnce, Math.max(0, INTERVAL - (performance.now() - begun)));
      }
    }
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      onReturn();
      if (!isAsking) {
        askOnce();
      }
    }
  });

  askOnce();
}
