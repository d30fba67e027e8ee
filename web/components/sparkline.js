/**
 * A small trend line without axes, next to its figure. Decorative: screen readers skip it.
 *
 *   drawSparkline(svg, [3, 4, NaN, 5])      an <svg class="sparkline" aria-hidden="true">; NaN leaves a gap
 */

const WIDTH = 100;
const HEIGHT = 24;

export function drawSparkline(svg, values) {
  const known = values.filter(Number.isFinite);
  const lowest = Math.min(...known);
  const span = Math.max(...known) - lowest;
  let isPenDown = false;
  let path = "";
  values.forEach((value, index) => {
    if (Number.isFinite(value) && Number.isFinite(span)) {
      const x = (index / Math.max(1, values.length - 1)) * WIDTH;
      // A constant value is drawn in the middle.
      const y = HEIGHT - 2 - (span > 0 ? (value - lowest) / span : 0.5) * (HEIGHT - 4);
      path += `${isPenDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      isPenDown = true;
    } else {
      isPenDown = false;
    }
  });
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  if (!svg.firstElementChild) {
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  }
  svg.firstElementChild.setAttribute("d", known.length > 1 ? path : "");
}
