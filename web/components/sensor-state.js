/**
 * Shows how a sensor is doing: online or silent, by the time at which its last reading was received, and what is odd about it.
 *
 *   stateBadge(sensor, now)       a badge "online", or "silent for 9 min"
 *   oddities(sensor)              ["Clock 20 h fast"]: a sentence for each entry of `odd`; empty if nothing is
 *   oddityBadges(sensor)          a badge for each
 *
 * @param sensor an entry of /sensors
 * @param now by the server's clock, in milliseconds
 */

import { element } from "./elements.js";
import { formatAge } from "./formatting.js";

const SECOND = 1000;

const SENTENCES = {
  clock_fast: (offset) => `Clock ${offset} fast`,
  clock_slow: (offset) => `Clock ${offset} slow, or late data`,
};

export function stateBadge(sensor, now) {
  const text = sensor.status === "silent" ? `silent for ${formatAge(now - Date.parse(sensor.last_received))}` : "online";
  return element("span", { className: `badge ${sensor.status}` }, text);
}

export function oddities({ odd, clock_offset_seconds: seconds }) {
  const offset = formatAge(Math.abs(seconds) * SECOND);
  return odd.map((name) => SENTENCES[name]?.(offset) ?? name.replaceAll("_", " "));
}

export const oddityBadges = (sensor) => oddities(sensor).map((text) => element("span", { className: "badge odd" }, text));
