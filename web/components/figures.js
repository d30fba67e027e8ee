/**
 * Computes the figures that pages show from responses of the REST API. Pure functions.
 *
 *   averagesBySensor(stats.by_sensor, "temperature", 30)   { shown: [{ name, average, least, most, readings }], total }
 *   distribution(stats, 8)                                 { by: "location", slices: [{ name, events, locations }], total, compared }
 *   groupsOf(["icu-1", "icu-2", "ward-1"], 8)              Map of "icu-*" to ["icu-1", "icu-2"], and of "ward-1" to itself
 *   trendRange(stats.overall, now)                         "-24h", or less if there is less data
 *   newestArrival(readings)                                time of receipt of the reading that arrived last
 *   newestOf(readings, arrived, 50)                        the newest of both, newest first
 *   currentValues(readings)                                Map of each metric to { value, timestamp }; readings: newest first
 */

import { valuesOf } from "./metrics.js";

const MINUTE = 60000;
/** Separators in a name, at most, before which names are compared. */
const DEEPEST = 5;
const HOUR = 60 * MINUTE;

/** The difference of two larger values, which an axis needs, may not be a finite number. */
const WIDEST = 1e300;

const canBeDrawn = (value) => value !== null && Math.abs(value) <= WIDEST;

const byName = new Intl.Collator(undefined, { numeric: true }).compare;

/** A Map, because a device may be named "constructor". */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) {
      groups.set(key, []);
    }
    groups.get(key).push(item);
  }
  return groups;
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const least = (numbers) => numbers.reduce((a, b) => Math.min(a, b));
const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b));

/**
 * One bar per sensor; if it was at several locations, the average is weighted by the readings of the metric. All are shown sorted by name,
 * so that bars keep their positions across refreshes; if there are too many, those with the highest and the lowest averages, by average.
 */
export function averagesBySensor(bySensor, metric, limit) {
  const measured = bySensor.filter((row) => canBeDrawn(row[`avg_${metric}`]));
  const sensors = Array.from(groupBy(measured, (row) => row.sensor_id), ([name, rows]) => {
    const readings = sum(rows.map((row) => row[`count_${metric}`]));
    return {
      name,
      readings,
      average: sum(rows.map((row) => row[`avg_${metric}`] * (row[`count_${metric}`] / readings))),
      least: least(rows.map((row) => row[`min_${metric}`])),
      most: most(rows.map((row) => row[`max_${metric}`])),
    };
  });
  sensors.sort((a, b) => byName(a.name, b.name));
  if (sensors.length <= limit) {
    return { shown: sensors, total: sensors.length };
  }
  const byAverage = [...sensors].sort((a, b) => b.average - a.average);
  return { shown: [...byAverage.slice(0, limit / 2), ...byAverage.slice(-limit / 2)], total: sensors.length };
}

const SEPARATOR = /[\s/\-_.:]+/gu;

/** The name up to a separator, and a star: patternOf("icu-3/bed-7", 1) is "icu-*", of level 2 "icu-3/*"; the name if it has not so many. */
function patternOf(name, level) {
  const end = [...name.matchAll(SEPARATOR)].filter((found) => found.index > 0).map((found) => found.index + found[0].length)[level - 1];
  return end === undefined || end === name.length ? name : `${name.slice(0, end)}*`;
}

/** Names grouped by how they begin: as many groups as possible up to the limit, or undefined if there is no such grouping. */
export function groupsOf(names, limit) {
  let best;
  for (let level = 1; level <= DEEPEST; level += 1) {
    const groups = groupBy(names, (name) => patternOf(name, level));
    if (groups.size > 1 && groups.size <= limit && groups.size < names.length) {
      best = groups;
    }
  }
  return best && new Map(Array.from(best, ([pattern, members]) => [members.length === 1 ? members[0] : pattern, members]));
}

/**
 * Events by location, or by sensor if all are at one location: the largest slices, and one for the rest; and how many were compared, if not all.
 * If there are more locations than slices, those whose names begin alike share one.
 */
export function distribution(stats, limit) {
  const { overall, by_sensor: bySensor, by_location: byLocation } = stats;
  const by = byLocation.length > 1 ? "location" : "sensor";
  const slices = by === "location"
    ? byLocation.map((row) => ({ name: row.location ?? "No location", events: row.event_count, isOther: false }))
    : Array.from(groupBy(bySensor, (row) => row.sensor_id), ([name, rows]) => ({ name, events: sum(rows.map((row) => row.event_count)), isOther: false }));
  const groups = by === "location" && slices.length > limit + 1 ? groupsOf(byLocation.map((row) => row.location).filter((name) => name !== null), limit) : undefined;
  const compared = leavesOut(stats, by === "location" ? byLocation : bySensor) ? slices.length : undefined;
  if (groups) {
    return { by: "group", ...cutSlices(grouped(slices, groups), limit, overall.total_events), compared };
  }
  return { by, ...cutSlices(slices, limit, overall.total_events), compared };
}

/** Slices of locations added up by group; what is in none stays. */
function grouped(slices, groups) {
  const groupOf = new Map(Array.from(groups, ([pattern, members]) => members.map((name) => [name, pattern])).flat());
  return Array.from(groupBy(slices, (slice) => groupOf.get(slice.name) ?? slice.name), ([name, members]) => ({ name, events: sum(members.map((slice) => slice.events)), locations: members.length, isOther: false }));
}

function cutSlices(slices, limit, total) {
  slices.sort((a, b) => b.events - a.events || byName(a.name, b.name));
  // A single remaining slice is shown itself instead of as "others".
  const cut = slices.length <= limit + 1 ? slices.length : limit;
  const shown = slices.slice(0, cut).sort((a, b) => byName(a.name, b.name));
  const others = total - sum(shown.map((slice) => slice.events));
  if (others > 0) {
    shown.push({ name: "All others", events: others, isOther: true });
  }
  return { slices: shown, total };
}

/** Whether a list of statistics lacks sensors or locations: only a list as long as the limit does. */
export function leavesOut({ truncated, by_sensor: bySensor, by_location: byLocation }, list) {
  return truncated === true && list.length === Math.max(bySensor.length, byLocation.length);
}

/** A day, or less if the data fills less. */
export function trendRange({ first_reading: first }, now) {
  const age = first ? now - Date.parse(first) : 0;
  if (age > 6 * HOUR) {
    return age > 12 * HOUR ? "-24h" : "-12h";
  }
  return age > HOUR ? "-6h" : age > 15 * MINUTE ? "-1h" : "-15m";
}

/** Shows whether data is flowing: the readings' own times may be much older. */
export function newestArrival(readings) {
  return readings.length > 0 ? most(readings.map((reading) => Date.parse(reading.received_at))) : undefined;
}

/** Duplicate readings have the same identity. */
export function identityOf(reading) {
  return JSON.stringify([reading.sensor_id, reading.location, reading.timestamp, Object.keys(reading).sort()]);
}

export function newestOf(readings, arrived, limit) {
  const all = new Map([...arrived, ...readings].map((reading) => [identityOf(reading), reading]));
  // All times have the same format, so they can be compared as text.
  return [...all.values()].sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0)).slice(0, limit);
}

/** Sensors may send some metrics rarely. */
export function currentValues(readings) {
  const values = new Map();
  for (const reading of readings) {
    for (const [metric, value] of valuesOf(reading)) {
      if (!values.has(metric)) {
        values.set(metric, { value, timestamp: reading.timestamp });
      }
    }
  }
  return values;
}
