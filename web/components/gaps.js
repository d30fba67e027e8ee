/**
 * Gaps in a series: times in which a sensor should have sent readings, by its usual interval, but did not. A sensor that sends every hour has no gap
 * between two of its readings, however short the intervals of the chart are. Pure functions.
 *
 *   withGaps(points, to)       the points with readings, in order, with undefined for each gap
 *   gapsOf(points, to)         the lengths of the gaps, in milliseconds
 *
 * points: those of /data/series, { time, count, ... }, each up to the next one, the last up to `to`.
 */

/** Multiple of its usual interval by which a sensor may be late. */
const LATE = 1.5;

export function withGaps(points, to) {
  const { measured, isGapAfter } = examine(points, to);
  return measured.flatMap(({ point }, place) => (isGapAfter(place) ? [point, undefined] : [point]));
}

export function gapsOf(points, to) {
  const { measured, isGapAfter } = examine(points, to);
  return measured.filter((one, place) => isGapAfter(place)).map(({ silence }) => silence);
}

function examine(points, to) {
  const starts = [...points.map((point) => Date.parse(point.time)), Date.parse(to)];
  const measured = points
    .map((point, place) => ({ point, start: starts[place], end: starts[place + 1] }))
    .filter(({ point }) => point.count > 0);
  measured.forEach((one, place) => {
    const next = measured[place + 1];
    one.distance = next && next.start - one.start;
    one.silence = next && next.start - one.end;
  });
  const pace = paceOf(measured.slice(0, -1));
  return { measured, isGapAfter: (place) => measured[place].silence >= LATE * pace && measured[place].silence > 0 };
}

/** The usual interval between readings, as far as the points show. */
function paceOf(measured) {
  const isDense = median(measured.map(({ silence }) => silence)) === 0;
  return median(measured.map(({ distance, point }) => (isDense ? distance / point.count : distance)));
}

/** The lower of the two middle numbers if their count is even. */
function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.ceil(numbers.length / 2) - 1];
}
