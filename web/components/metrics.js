/**
 * Names, units and colours of metrics. Any name is possible, such as "time", "constructor" or "__proto__". Pure functions, but for what was declared.
 *
 *   declare(answer.data)                   what GET /metrics says of them: declared-metrics.js calls it
 *   knownMetrics()                         what was declared, or undeclared metrics that there are readings of
 *   isDirection("wind_direction")          true if it was declared one
 *   metricsOf(stats.overall)               ["co2", "humidity", "temperature"]
 *   valuesOf(reading)                      [["temperature", 21.4], ...]
 *   valueOf(reading, "constructor")        undefined if the reading does not have it
 *   namesOf(metrics).label("heart_rate")   "Heart rate"; .words("heart_rate"): "heart rate", within a sentence
 *   formatValue("temperature", 21.437)     "21.4 °C"; formatValue("bytes", 19712345678): "19,712,345,678"
 *   formatExactValue("temperature", 18.02)  "18.02 °C", where a limit is compared
 *   formatShortValue("bytes", 19712345678) "19.71 G"
 *   colorOf("temperature")                 "--temperature", the custom property of the style sheet
 */

import { formatExact, formatMeasurement, formatMetric, formatShort } from "./formatting.js";

/** Metrics whose unit the contract defines; other units are declared, or would be guesses. */
const UNITS = new Map([["temperature", "°C"], ["humidity", "%"]]);

/** Fields of a reading that are never metrics. */
const DESCRIPTION = new Set(["sensor_id", "location", "timestamp", "received_at", "attributes"]);

let declared = new Map();

/** @param metrics [{ metric, display_name, unit, kind, ... }], in place of earlier ones */
export function declare(metrics) {
  declared = new Map(metrics.map((one) => [one.metric, one]));
}

export const knownMetrics = () => [...declared.values()];

/** @return undefined if it is not known */
export const unitOf = (metric) => declared.get(metric)?.unit ?? UNITS.get(metric);

/** Whether its values are directions in degrees, which have no arithmetic mean. */
export const isDirection = (metric) => declared.get(metric)?.kind === "direction";

export const metricsOf = (overall) => Object.keys(overall).filter((name) => name.startsWith("avg_")).map((name) => name.slice(4)).sort();

export const valuesOf = (reading) => Object.entries(reading).filter(([name]) => !DESCRIPTION.has(name));

/** Only own properties, because all objects inherit some names. */
export const valueOf = (reading, metric) => (Object.hasOwn(reading, metric) ? reading[metric] : undefined);

/**
 * Display names that distinguish the metrics from each other and from other labels: if two labels would look alike, the exact names are
 * used, and if even those look alike, their characters are spelled out.
 *
 * @param metrics all metrics shown together
 * @param taken other labels next to them, such as the columns of a table
 */
export function namesOf(metrics, taken = []) {
  const labels = countBy([...taken, ...metrics.map(plainLabel)], (label) => look(label).toLowerCase());
  const exact = countBy([...taken, ...metrics], look);
  const isPlain = (metric) => !metrics.includes(metric) || labels.get(look(plainLabel(metric)).toLowerCase()) === 1;
  const told = (metric) => (exact.get(look(metric)) === 1 ? metric : spelled(metric));
  return {
    label: (metric) => (isPlain(metric) ? plainLabel(metric) : told(metric)),
    words: (metric) => (isPlain(metric) ? plainWords(metric) : told(metric)),
  };
}

const plainWords = (metric) => declared.get(metric)?.display_name ?? (metric.replaceAll("_", " ").trim() || metric);

function plainLabel(metric) {
  const words = plainWords(metric);
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** The visible part of a text. */
const look = (text) => text.normalize("NFKC").replace(/[\s\p{Cf}\p{Cc}]+/gu, " ").trim();

const spelled = (text) => JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function countBy(items, keyOf) {
  const counts = new Map();
  items.map(keyOf).forEach((key) => counts.set(key, (counts.get(key) ?? 0) + 1));
  return counts;
}

const formatOf = (metric) => (UNITS.has(metric) ? formatMeasurement : formatMetric);

/** A short number without its unit. */
export const formatNumber = (metric, value) => formatShort(value, formatOf(metric));

/** With all digits, for titles and wide columns. */
export const formatValue = (metric, value) => withUnit(metric, value, formatOf(metric));

/** Without rounding: a value of 18.02 is above a limit of 18. */
export const formatExactValue = (metric, value) => withUnit(metric, value, formatExact);

/** The same, where space matters more than precision. */
export const formatShortValue = (metric, value) => withUnit(metric, value, (number) => formatNumber(metric, number));

function withUnit(metric, value, format) {
  if (!Number.isFinite(value)) {
    return value === null || value === undefined ? "–" : String(value);
  }
  const unit = unitOf(metric);
  return unit === undefined ? format(value) : `${format(value)}\u00a0${unit}`;
}

/** A value on an axis. */
export const formatTick = (metric, value) => (unitOf(metric) === undefined ? formatShort(value) : `${formatShort(value)} ${unitOf(metric)}`);

export const colorOf = (metric) => (UNITS.has(metric) ? `--${metric}` : "--metric");
