/**
 * Ticks of a time axis at round times: full hours, quarters, tens of seconds, days, in the viewer's time zone. Pure.
 *
 *   timeTicks(axis.min, axis.max, 8)   [{ value: 1700000000000 }, ...], at most 8
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
];

export function timeTicks(from, to, limit) {
  const step = STEPS.find((candidate) => (to - from) / candidate < limit) ?? Math.ceil((to - from) / limit);
  return step < DAY ? clockTicks(from, to, step) : dayTicks(from, to, step / DAY);
}

function clockTicks(from, to, step) {
  // Steps count from local midnight, which in zones such as India's is not a full hour of UTC.
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const ticks = [];
  for (let value = Math.ceil((from - zone) / step) * step + zone; value <= to; value += step) {
    ticks.push({ value });
  }
  return ticks;
}

/** Midnights, which are not always 24 hours apart. */
function dayTicks(from, to, days) {
  const ticks = [];
  const midnight = new Date(from);
  midnight.setHours(0, 0, 0, 0);
  if (midnight.getTime() < from) {
    midnight.setDate(midnight.getDate() + 1);
  }
  for (; midnight.getTime() <= to; midnight.setDate(midnight.getDate() + Math.round(days))) {
    ticks.push({ value: midnight.getTime() });
  }
  return ticks;
}
