/**
 * Shows how a sensor is doing: online or silent, by the time at which its last reading was received, or retired, and what is odd about it.
 *
 *   stateBadge(sensor, now)       a badge "online", "silent for 9 min", or "retired"
 *   oddities(sensor)              ["Clock 20 h fast", "Text for temperature in 12 readings"]: a sentence for each entry of `odd`; empty if nothing is
 *   oddityBadges(sensor)          a badge for each
 *
 * @param sensor an entry of /sensors
 * @param now by the server's clock, in milliseconds
 */

import { element } from "./elements.js";
import { formatAge, formatCount } from "./formatting.js";

const SECOND = 1000;

const SENTENCES = {
  clock_fast: ({ clock_offset_seconds }) => `Clock ${offsetOf(clock_offset_seconds)} fast`,
  clock_slow: ({ clock_offset_seconds }) => `Clock ${offsetOf(clock_offset_seconds)} slow, or late data`,
  text_for_number: ({ texts_for_numbers }) => texts_for_numbers.map(({ metric, readings }) => `Text for ${metric} in ${countOf(readings)}`).join("; "),
  implausible_value: ({ implausible_values }) => implausible_values.map(({ metric, readings }) => `Implausible ${metric} in ${countOf(readings)}`).join("; "),
};

const countOf = (readings) => (readings === 1 ? "1 reading" : `${formatCount(readings)} readings`);

const offsetOf = (seconds) => formatAge(Math.abs(seconds) * SECOND);

export function stateBadge(sensor, now) {
  const text = sensor.status === "silent" ? `silent for ${formatAge(now - Date.parse(sensor.last_received))}` : sensor.status;
  return element("span", { className: `badge ${sensor.status}` }, text);
}

export const oddities = (sensor) => sensor.odd.map((name) => SENTENCES[name]?.(sensor) ?? name.replaceAll("_", " "));

export const oddityBadges = (sensor) => oddities(sensor).map((text) => element("span", { className: "badge odd" }, text));
