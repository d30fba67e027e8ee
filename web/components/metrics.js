/**
 * What is known of metrics by their names: any number that a device sends is one.
 *
 *   metricsOf(stats.overall)               ["co2", "humidity", "temperature"]
 *   labelOf("heart_rate")                  "Heart rate"
 *   formatValue("temperature", 21.437)     "21.4 °C"
 *   colorOf("temperature")                 "--temperature", the custom property of the style sheet
 */

import { formatMeasurement, formatMetric } from "./formatting.js";

/** Those whose unit the contract knows. Of all others a page that named one would be guessing. */
const UNITS = new Map([["temperature", "°C"], ["humidity", "%"]]);

/** Fields that describe a reading and are none of its metrics. */
const DESCRIPTION = new Set(["sensor_id", "location", "timestamp", "received_at", "attributes"]);

export const unitOf = (metric) => UNITS.get(metric);

export const metricsOf = (overall) => Object.keys(overall).filter((name) => name.startsWith("avg_")).map((name) => name.slice(4)).sort();

/** [name, value] of each metric of a reading. */
export const valuesOf = (reading) => Object.entries(reading).filter(([name]) => !DESCRIPTION.has(name));

export function labelOf(metric) {
  const words = metric.replaceAll("_", " ").trim() || metric;
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** A number as people read it, without its unit. */
export const formatNumber = (metric, value) => (UNITS.has(metric) ? formatMeasurement(value) : formatMetric(value));

export function formatValue(metric, value) {
  if (!Number.isFinite(value)) {
    return value === null || value === undefined ? "–" : String(value);
  }
  return UNITS.has(metric) ? `${formatNumber(metric, value)}\u00a0${UNITS.get(metric)}` : formatNumber(metric, value);
}

/** A value on an axis, where digits count for less than room. */
export const formatTick = (metric, value) => (UNITS.has(metric) ? `${formatMetric(value)} ${UNITS.get(metric)}` : formatMetric(value));

export const colorOf = (metric) => (UNITS.has(metric) ? `--${metric}` : "--metric");
