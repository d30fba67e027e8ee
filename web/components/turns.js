/**
 * Draws one thing a frame, so that a page that draws much answers to a finger in between.
 *
 *   inTurn(this, () => chart.update());       a later one of the same takes the place of one that waits
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
