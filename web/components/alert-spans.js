/**
 * Durations and hours of the week of rules and channels, as the REST API writes them. Pure functions.
 *
 *   formatDuration("90m")                                    "90 min"
 *   describeHours({ days: "mon-fri", from: "22:00", to: "06:00", tz: "Europe/Berlin" })
 *                                                            "Mon-Fri, from 22:00 to 06:00 (Europe/Berlin)"
 *   daysOf("fri-mon")                                        ["mon", "fri", "sat", "sun"]
 *   textOfDays(["mon", "tue", "wed", "sat"])                 "mon-wed,sat"
 */

import { formatCount } from "./formatting.js";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const UNITS = { s: ["s", "s"], m: ["min", "min"], h: ["h", "h"], d: ["day", "days"] };

export function formatDuration(text) {
  const [, count, unit] = text.match(/^(\d+)([smhd])$/);
  return `${formatCount(Number(count))} ${UNITS[unit][Number(count) === 1 ? 0 : 1]}`;
}

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
