/**
 * Draws one chart per frame, so that a page with many charts responds to input in between.
 *
 *   inTurn(this, () => chart.update());       replaces one with the same key that still waits
 */

const waiting = new Map();

export function inTurn(key, draw) {
  if (waiting.size === 0) {
    requestAnimationFrame(drawNext);
  }
  waiting.set(key, draw);
}

function drawNext() {
  const [[key, draw]] = waiting;
  waiting.delete(key);
  if (waiting.size > 0) {
    requestAnimationFrame(drawNext);
  }
  draw();
}
