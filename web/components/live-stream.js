/**
 * What is stored, told as it happens; while nobody looks the connection is closed.
 *
 *   followStream({ onReadings, onReset });
 *
 * `onReadings(readings)` gets the newest reading of each sensor that sent some; `onReset` says that something may have been missed, so
 * that the page asks. Where there is no stream, the page still asks every some seconds: nothing else depends on it.
 */

const RETRY = 5000;

export function followStream({ onReadings, onReset }) {
  let source;
  let retry;

  function open() {
    source = new EventSource("/api/stream");
    source.addEventListener("readings", (event) => onReadings(JSON.parse(event.data).data));
    let hasBegun = false;
    source.addEventListener("reset", () => {
      // The first one says that it begins; the page asks at that time anyway.
      if (hasBegun) {
        onReset();
      }
      hasBegun = true;
    });
    source.addEventListener("error", () => {
      // Where the connection broke the browser comes again by itself; where there was an error instead of a stream, it does not.
      if (source.readyState === EventSource.CLOSED) {
        close();
        retry = setTimeout(open, RETRY);
      }
    });
  }

  function close() {
    clearTimeout(retry);
    source.close();
  }

  const followVisibility = () => {
    if (document.visibilityState === "visible") {
      open();
    } else {
      close();
    }
  };
  // A page that was left in the background is put to sleep, and shown as it was.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  document.addEventListener("visibilitychange", followVisibility);
  open();
}
