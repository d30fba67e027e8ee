/**
 * Numbers and times as people read them, in the viewer's own language conventions and time zone. Pure functions.
 *
 *   formatCount(1234567)          "1,234,567"
 *   formatMeasurement(21.437)     "21.4"
 *   formatMetric(0.012345)        "0.01235"
 *   formatRate(4.999)             "5.0"
 *   formatMoment(time, now)       "11:32:05", or "22 Nov, 11:32:05" on another day
 *   formatAge(125000)             "2 min"
 *   shorten(name, 14)             "urn:dev…-00042"
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "negative" });
const fourDigits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const powerOfTen = new Intl.NumberFormat(undefined, { notation: "scientific", maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const zoneOffset = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" });

/** Beyond this a number is longer than the place for it, and its zeros say nothing. */
const WIDEST = 1e7;
const SMALLEST_SHARE = 0.001;

export const formatCount = (count) => whole.format(count);

export const formatShare = (share) => (share > 0 && share < SMALLEST_SHARE ? `< ${percent.format(SMALLEST_SHARE)}` : percent.format(share));

/** A temperature or humidity: one digit after the point is what such sensors know. */
export function formatMeasurement(value) {
  return Math.abs(value) < WIDEST ? oneDigit.format(value) : powerOfTen.format(value);
}

/** Any metric, of which neither unit nor size is known. */
export function formatMetric(value) {
  const size = Math.abs(value);
  if (size >= WIDEST || (size > 0 && size < 1e-4)) {
    return powerOfTen.format(value);
  }
  return size >= 1000 ? whole.format(value) : fourDigits.format(value);
}

/** So many a second. */
export const formatRate = (rate) => (rate < 100 ? oneDigit : whole).format(rate);

export const formatClock = (time) => clock.format(time);

export const formatShortClock = (time) => shortClock.format(time);

/** A day with its year unless that is this year. */
export function formatDay(time, now) {
  return new Date(time).getFullYear() === new Date(now).getFullYear() ? day.format(time) : dayOfYear.format(time);
}

/** A time of day, with its day unless that is today. */
export function formatMoment(time, now) {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(time) : `${formatDay(time, now)}, ${clock.format(time)}`;
}

export function formatAge(milliseconds) {
  if (milliseconds < MINUTE) {
    return `${Math.max(0, Math.floor(milliseconds / SECOND))} s`;
  }
  if (milliseconds < HOUR) {
    return `${Math.floor(milliseconds / MINUTE)} min`;
  }
  if (milliseconds < 2 * DAY) {
    return `${Math.floor(milliseconds / HOUR)} h`;
  }
  return `${whole.format(Math.floor(milliseconds / DAY))} days`;
}

/** The viewer's time zone, such as "Europe/Berlin (GMT+1)". */
export function describeZone(now) {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offset = zoneOffset.formatToParts(now).find((part) => part.type === "timeZoneName").value;
  return `${name} (${offset})`;
}

/** Cuts in the middle, because the names of many devices differ only in their ends. */
export function shorten(name, length) {
  const characters = Array.from(name);
  if (characters.length <= length) {
    return name;
  }
  const end = Math.floor(length / 2);
  return [...characters.slice(0, length - end - 1), "…", ...characters.slice(-end)].join("");
}
