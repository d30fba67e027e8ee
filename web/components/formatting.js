/**
 * Formats numbers and times in the viewer's locale and time zone. Pure functions.
 *
 *   formatCount(1234567)          "1,234,567"
 *   formatMeasurement(21.437)     "21.4"
 *   formatMetric(0.012345)        "0.01235"
 *   formatMetric(19712345678)     "19,712,345,678"
 *   formatExact(18.02)            "18.02", where a limit is compared: 18.0 is not above 18
 *   formatShort(19712345678)      "19.71 G", where space matters more than precision
 *   formatRate(4.999)             "5.0"
 *   formatMoment(time, now)       "11:32:05", or "22 Nov, 11:32:05" on another day
 *   describeSpan(from, to, now)   "22 Nov, 11:00 to 12:00", or "1 Mar to 31 Mar" for whole days
 *   formatAge(125000)             "2 min"
 *   shorten(name, 14)             "urn:dev…-00042"
 *   formatChoice(names)           "a or b", "a, b, c, d, e or 2 more"
 */

/** Longer lists are not read. */
const MOST_NAMES = 5;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "negative" });
const fourDigits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const powerOfTen = new Intl.NumberFormat(undefined, { notation: "scientific", maximumSignificantDigits: 3 });
/** Without rounding. */
const allDigits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 17 });
const allDigitsOfPower = new Intl.NumberFormat(undefined, { notation: "scientific", maximumSignificantDigits: 17 });
const any = new Intl.ListFormat("en", { type: "disjunction" });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** Larger numbers cannot be read, and their last digits have no meaning. */
const WIDEST = 1e15;
/** The same for short texts. */
const WIDEST_SHORT = 1e7;
/** Understood everywhere, unlike words: a billion differs between languages. */
const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"]];
/** The smallest number that is not written as a power of ten. */
const SMALLEST = 1e-4;
const SMALLEST_SHARE = 0.001;

export const formatCount = (count) => whole.format(count);

export const formatShare = (share) => (share > 0 && share < SMALLEST_SHARE ? `< ${percent.format(SMALLEST_SHARE)}` : percent.format(share));

/** A temperature or humidity: sensors are accurate to one decimal. */
export function formatMeasurement(value) {
  return Math.abs(value) < WIDEST_SHORT ? oneDigit.format(value) : formatMetric(value);
}

/** Any metric, whose unit and magnitude are unknown. */
export function formatMetric(value) {
  const size = Math.abs(value);
  if (isPower(size)) {
    return powerOfTen.format(value);
  }
  return size >= 1000 ? whole.format(value) : fourDigits.format(value);
}

const isPower = (size) => size >= WIDEST || (size > 0 && size < SMALLEST);

export const formatExact = (value) => (isPower(Math.abs(value)) ? allDigitsOfPower : allDigits).format(value);

/** Large numbers have four digits and a prefix. */
export function formatShort(value, formatSmaller = formatMetric) {
  if (Math.abs(value) < WIDEST_SHORT) {
    return formatSmaller(value);
  }
  // Rounded first: 999,999,999 is 1 G, not 1,000 M.
  const rounded = Number(value.toPrecision(4));
  if (Math.abs(rounded) >= WIDEST) {
    return powerOfTen.format(value);
  }
  const [factor, prefix] = PREFIXES.find(([least]) => Math.abs(rounded) >= least);
  return `${fourDigits.format(rounded / factor)}\u00a0${prefix}`;
}

/** Per second. */
export const formatRate = (rate) => (rate < 100 ? oneDigit : whole).format(rate);

export const formatClock = (time) => clock.format(time);

export const formatShortClock = (time) => shortClock.format(time);

/** A day, with the year unless it is the current one. */
export function formatDay(time, now) {
  return new Date(time).getFullYear() === new Date(now).getFullYear() ? day.format(time) : dayOfYear.format(time);
}

/** A time of day, with the day unless it is today. */
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

/** A period; the end is exclusive. */
export function describeSpan(from, to, now) {
  if (isMidnight(from) && isMidnight(to)) {
    const [first, last] = [formatDay(from, now), formatDay(to - 1, now)];
    return first === last ? first : `${first} to ${last}`;
  }
  const format = to - from < MINUTE ? clock.format : shortClock.format;
  const isOneDay = new Date(from).toDateString() === new Date(to - 1).toDateString();
  return `${formatDay(from, now)}, ${format(from)} to ${isOneDay ? "" : `${formatDay(to, now)}, `}${format(to)}`;
}

/** Whether a day begins, which is not always at 0:00 if the clocks change at midnight. */
function isMidnight(time) {
  return new Date(time - 1).toDateString() !== new Date(time).toDateString();
}

/** Truncates in the middle, because many device names differ only at the end. */
export function shorten(name, length) {
  const characters = Array.from(name);
  if (characters.length <= length) {
    return name;
  }
  const end = Math.floor(length / 2);
  return [...characters.slice(0, length - end - 1), "…", ...characters.slice(-end)].join("");
}

/** @param most names that are written out */
export function formatChoice(names, most = MOST_NAMES) {
  return names.length > most ? `${names.slice(0, most).join(", ")} or ${formatCount(names.length - most)} more` : any.format(names);
}
