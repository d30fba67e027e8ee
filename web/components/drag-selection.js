/**
 * Selects a period by dragging over a chart, with a mouse, a pen or a finger.
 *
 *   followDrag(canvas, () => chart, (from, to) => { ... });      milliseconds since 1970
 *
 * For the keyboard, buttons of the page do the same.
 */

import { element } from "./elements.js";

/** Pixels; a shorter drag is a click. */
const SMALLEST = 8;

export function followDrag(canvas, chartOf, onSelect) {
  const marker = element("div", { className: "drag-selection", hidden: true });
  canvas.after(marker);
  let start;

  const inside = (event) => {
    const { left, right } = chartOf().chartArea;
    return Math.max(left, Math.min(right, event.clientX - canvas.getBoundingClientRect().left));
  };

  const end = () => {
    start = undefined;
    marker.hidden = true;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && chartOf()) {
      start = inside(event);
      canvas.setPointerCapture(event.pointerId);
    }
  });
  canvas.addEventListener("pointermove", (event) => {
    if (start !== undefined) {
      const [left, right] = [start, inside(event)].sort((a, b) => a - b);
      marker.hidden = right - left < SMALLEST;
      marker.style.left = `${left}px`;
      marker.style.width = `${right - left}px`;
      const { top, height } = chartOf().chartArea;
      marker.style.top = `${top}px`;
      marker.style.height = `${height}px`;
    }
  });
  canvas.addEventListener("pointerup", (event) => {
    if (start !== undefined) {
      const [left, right] = [start, inside(event)].sort((a, b) => a - b);
      end();
      if (right - left >= SMALLEST) {
        const { x } = chartOf().scales;
        onSelect(x.getValueForPixel(left), x.getValueForPixel(right));
      }
    }
  });
  canvas.addEventListener("pointercancel", end);
  addEventListener("keydown", (event) => event.key === "Escape" && end());
}
