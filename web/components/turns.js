/**
 * Draws one chart per frame, so that a page with many charts stays responsive.
 *
 *   inTurn(this, () => chart.update());       replaces a pending one with the same key
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
