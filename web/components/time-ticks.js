/**
 * Ticks of a time axis at times that people say: full hours, quarters, tens of seconds, in the viewer's time zone.
 *
 *   timeTicks(axis.min, axis.max, 8)   [{ value: 1700000000000 }, ...], at most 8
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR,
];

export function timeTicks(from, to, limit) {
  const step = STEPS.find((candidate) => (to - from) / candidate < limit) ?? Math.ceil((to - from) / limit);
  // Steps count from local midnight, which in zones such as India's is not a full hour of UTC.
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const ticks = [];
  for (let value = Math.ceil((from - zone) / step) * step + zone; value <= to; value += step) {
    ticks.push({ value });
  }
  return ticks;
}
