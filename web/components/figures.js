/**
 * From the answers of the REST API to the figures that the page shows. Pure functions, without the page.
 *
 *   averagesBySensor(stats.by_sensor, "temperature", 30)   { shown: [{ name, average, least, most, events }], total }
 *   distribution(stats, 8)                                 { by: "location", slices: [{ name, events }], total }
 *   trendRange(stats.overall, now)                         "-24h", or less while there is less
 *   newestArrival(readings)                                when the last of the readings arrived
 *   newestOf(readings, arrived, 50)                        the newest of both, newest first
 */

const MINUTE = 60000;
const HOUR = 60 * MINUTE;

/** Beyond this the difference of two values, which an axis needs, may be no number any more. */
const WIDEST = 1e300;

const canBeDrawn = (value) => Math.abs(value) <= WIDEST;

const byName = new Intl.Collator(undefined, { numeric: true }).compare;

/** Every name with what belongs to it. A Map, because a device may well be called "constructor". */
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
 * One bar a sensor, also where it was at several locations: then weighted by the events at each. Those with most events
 * are shown, in the order of their names, so that bars keep their places from one refresh to the next.
 */
export function averagesBySensor(bySensor, metric, limit) {
  const measured = bySensor.filter((row) => canBeDrawn(row[`avg_${metric}`]));
  const sensors = Array.from(groupBy(measured, (row) => row.sensor_id), ([name, rows]) => {
    const events = sum(rows.map((row) => row.event_count));
    return {
      name,
      events,
      average: sum(rows.map((row) => row[`avg_${metric}`] * (row.event_count / events))),
      least: least(rows.map((row) => row[`min_${metric}`])),
      most: most(rows.map((row) => row[`max_${metric}`])),
    };
  });
  sensors.sort((a, b) => b.events - a.events || byName(a.name, b.name));
  const shown = sensors.slice(0, limit).sort((a, b) => byName(a.name, b.name));
  return { shown, total: sensors.length };
}

/** Events by location, or by sensor where all are at one; the largest, and all others as one slice. */
export function distribution({ overall, by_sensor: bySensor, by_location: byLocation }, limit) {
  const by = byLocation.length > 1 ? "location" : "sensor";
  const slices = by === "location"
    ? byLocation.map((row) => ({ name: row.location ?? "No location", events: row.event_count, isOther: false }))
    : Array.from(groupBy(bySensor, (row) => row.sensor_id), ([name, rows]) => ({ name, events: sum(rows.map((row) => row.event_count)), isOther: false }));
  slices.sort((a, b) => b.events - a.events || byName(a.name, b.name));
  // One slice too many is better shown than hidden behind "others".
  const cut = slices.length <= limit + 1 ? slices.length : limit;
  const shown = slices.slice(0, cut).sort((a, b) => byName(a.name, b.name));
  const others = overall.total_events - sum(shown.map((slice) => slice.events));
  if (others > 0) {
    shown.push({ name: "All others", events: others, isOther: true });
  }
  return { by, slices: shown, total: overall.total_events };
}

/** A day, or so much that what there is fills the chart. */
export function trendRange({ first_reading: first }, now) {
  const age = first ? now - Date.parse(first) : 0;
  if (age > 6 * HOUR) {
    return age > 12 * HOUR ? "-24h" : "-12h";
  }
  return age > HOUR ? "-6h" : age > 15 * MINUTE ? "-1h" : "-15m";
}

/** When the last of these readings arrived, which says whether data flow; their own times may be much older. */
export function newestArrival(readings) {
  return readings.length > 0 ? most(readings.map((reading) => Date.parse(reading.received_at))) : undefined;
}

/** What makes a reading the same reading, whoever sends it again. */
export function identityOf(reading) {
  return JSON.stringify([reading.sensor_id, reading.location, reading.timestamp, Object.keys(reading).sort()]);
}

export function newestOf(readings, arrived, limit) {
  const all = new Map([...arrived, ...readings].map((reading) => [identityOf(reading), reading]));
  // Times have the same form, so their text has their order.
  return [...all.values()].sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0)).slice(0, limit);
}
