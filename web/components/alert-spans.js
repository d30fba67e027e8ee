/**
 * Durations and hours of the week, as the REST API writes them. Pure functions.
 *
 *   formatDuration("90m")                                    "90 min"; formatDuration("60s"): "1 min", as alerts say it; formatDuration("3mo"): "3 months"; "1.5s", which is none, stays
 *   describeHours({ days: "mon-fri", from: "22:00", to: "06:00", tz: "Europe/Berlin" })
 *                                                            "Mon-Fri, from 22:00 to 06:00 (Europe/Berlin)"
 *   daysOf("fri-mon")                                        ["mon", "fri", "sat", "sun"]
 *   textOfDays(["mon", "tue", "wed", "sat"])                 "mon-wed,sat"
 */

import { formatCount } from "./formatting.js";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** With their seconds, the longest first. */
const UNITS = [["d", 86400, "day", "days"], ["h", 3600, "h", "h"], ["m", 60, "min", "min"], ["s", 1, "s", "s"]];
/** Only of intervals of charts. */
const CALENDAR_UNITS = { w: ["week", "weeks"], mo: ["month", "months"], y: ["year", "years"] };

export function formatDuration(text) {
  const [, given, unit] = text.match(/^(\d+)([a-z]+)$/) ?? [];
  if (unit === undefined) {
    return text;
  }
  if (unit in CALENDAR_UNITS) {
    return inWords(Number(given), CALENDAR_UNITS[unit]);
  }
  const seconds = given * UNITS.find(([one]) => one === unit)[1];
  const [, length, ...words] = UNITS.find(([, each]) => seconds % each === 0 && seconds >= each) ?? UNITS.at(-1);
  return inWords(seconds / length, words);
}

const inWords = (count, [one, several]) => `${formatCount(count)} ${count === 1 ? one : several}`;

export function describeHours({ days = "mon-sun", from, to, tz = "UTC" }) {
  const names = days === "mon-sun" ? "every day" : days.replace(/[a-z]+/g, (day) => day.charAt(0).toUpperCase() + day.slice(1)).replaceAll(",", ", ");
  const isWhole = from === "00:00" && to === "00:00";
  return `${names}, ${isWhole ? "the whole day" : `from ${from} to ${to}`} (${tz})`;
}

export function daysOf(text) {
  const chosen = new Set();
  for (const part of text.split(",")) {
    const [first, last = first] = part.split("-");
    for (let place = DAYS.indexOf(first); ; place = (place + 1) % DAYS.length) {
      chosen.add(DAYS[place]);
      if (DAYS[place] === last) {
        break;
      }
    }
  }
  return DAYS.filter((day) => chosen.has(day));
}

/** @param days in the order of the week; "" without any */
export function textOfDays(days) {
  const runs = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run && DAYS.indexOf(run.at(-1)) + 1 === DAYS.indexOf(day)) {
      run.push(day);
    } else {
      runs.push([day]);
    }
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(","))).join(",");
}
