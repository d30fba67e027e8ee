/**
 * From the answers of the REST API to the figures that the page shows. Pure functions, without the page.
 *
 *   averagesBySensor(stats.by_sensor, "temperature", 30)   { shown: [{ name, average, least, most, events }], total }
 *   distribution(stats.by_sensor, 8)                       { by: "location", slices: [{ name, events }], total }
 *   temperatureTrend(stats.hourly, readings)               { source: "hourly", width, points: [{ at, average, least, most }] }
 *   newestArrival(readings)                                when the last of the readings arrived
 */

const HOUR = 3600000;
const BUCKET_WIDTHS = [5, 10, 30, 60, 120, 300, 600, 1800, 3600].map((seconds) => seconds * 1000);
const MOST_BUCKETS = 60;
const FEWEST_HOURS = 3;

/** Beyond this the difference of two values, which an axis needs, may be no number any more. */
const WIDEST = 1e300;

const canBeDrawn = (value) => Math.abs(value) <= WIDEST;
const drawn = (value) => (canBeDrawn(value) ? value : NaN);

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

/** Events by location, or by sensor where all are at one; the largest, and the others as one slice. */
export function distribution(bySensor, limit) {
  const locations = groupBy(bySensor, (row) => row.location);
  const by = locations.size > 1 ? "location" : "sensor";
  const groups = by === "location" ? locations : groupBy(bySensor, (row) => row.sensor_id);
  const slices = Array.from(groups, ([name, rows]) => ({
    name: name ?? "No location",
    events: sum(rows.map((row) => row.event_count)),
    isOther: false,
  }));
  slices.sort((a, b) => b.events - a.events || byName(a.name, b.name));
  // One slice too many is better shown than hidden behind "1 other".
  const cut = slices.length <= limit + 1 ? slices.length : limit;
  const others = slices.slice(cut);
  const shown = slices.slice(0, cut).sort((a, b) => byName(a.name, b.name));
  if (others.length > 0) {
    shown.push({ name: `${others.length} other`, events: sum(others.map((slice) => slice.events)), isOther: true });
  }
  return { by, slices: shown, total: sum(slices.map((slice) => slice.events)), groups: groups.size };
}

/** Hours where there are enough to make a line; until then the readings that the page has seen. */
export function temperatureTrend(hourly, readings) {
  const hours = hourly.filter((row) => canBeDrawn(row.avg_temperature));
  return hours.length >= FEWEST_HOURS ? hourlyTrend(hours) : recentTrend(readings);
}

function hourlyTrend(hours) {
  const points = [];
  for (const row of hours) {
    const at = Date.parse(row.hour);
    const previous = points.at(-1);
    if (previous && at - previous.at > HOUR) {
      points.push({ at: previous.at + HOUR, average: NaN, least: NaN, most: NaN });
    }
    points.push({ at, average: row.avg_temperature, least: drawn(row.min_temperature), most: drawn(row.max_temperature) });
  }
  return { source: "hourly", width: HOUR, points };
}

function recentTrend(readings) {
  const measured = readings.filter((reading) => canBeDrawn(reading.temperature));
  if (measured.length === 0) {
    return { source: "recent", width: BUCKET_WIDTHS[0], points: [] };
  }
  const times = measured.map((reading) => Date.parse(reading.timestamp));
  const span = most(times) - least(times);
  const width = BUCKET_WIDTHS.find((candidate) => span / candidate <= MOST_BUCKETS) ?? Math.ceil(span / MOST_BUCKETS);
  const buckets = groupBy(measured, (reading) => Math.floor(Date.parse(reading.timestamp) / width) * width);
  const points = Array.from(buckets, ([at, members]) => {
    const temperatures = members.map((reading) => reading.temperature);
    return { at, average: sum(temperatures) / temperatures.length, least: least(temperatures), most: most(temperatures) };
  });
  return { source: "recent", width, points: points.sort((a, b) => a.at - b.at) };
}

/** When the last of these readings arrived, which says whether data flow; their own times may be much older. */
export function newestArrival(readings) {
  return readings.length > 0 ? most(readings.map((reading) => Date.parse(reading.received_at))) : undefined;
}

/** What makes a reading the same reading, whoever sends it again. */
export function identityOf(reading) {
  return JSON.stringify([reading.sensor_id, reading.location, reading.timestamp, Object.keys(reading).sort()]);
}
