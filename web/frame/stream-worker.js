/**
 * Shared worker with the single connection to the stream of readings and alerts for all windows of a browser; live-stream.js is its client.
 *
 * A window sends "follow" every few seconds while it is visible, and "leave" when it is hidden or closed. It receives the messages of
 * ReadingStream, and { type: "alive" } for each "follow". While no window is visible, the connection is closed.
 */

import { ReadingStream } from "./reading-stream.js";

/** Milliseconds without a "follow" after which a window counts as gone: one that crashes or freezes may not send "leave". */
const FORGOTTEN_AFTER = 20000;
const CHECK_INTERVAL = 5000;

/** When each window last sent a message. */
const windows = new Map();
const stream = new ReadingStream((message) => windows.forEach((heard, port) => port.postMessage(message)));

function leave(port) {
  windows.delete(port);
  if (windows.size === 0) {
    stream.close();
  }
}

addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data === "leave") {
      leave(port);
      return;
    }
    const isNew = !windows.has(port);
    windows.set(port, Date.now());
    port.postMessage({ type: "alive" });
    if (isNew) {
      stream.open();
    }
  };
});

setInterval(() => {
  const oldest = Date.now() - FORGOTTEN_AFTER;
  windows.forEach((heard, port) => heard < oldest && leave(port));
}, CHECK_INTERVAL);
