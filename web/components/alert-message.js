/**
 * The message of an alert with the name and the unit of its metric, unless its rule has a message of its own. Pure.
 *
 *   messageOf(alert)      "Heart rate is 152 bpm, above 140 bpm" for "heart_rate is 152, above 140"
 *                         "No reading for 1 min" for "no reading for 1 min"
 *   isOfRate(alert)       whether its value is how much its metric changes per minute, as far as its message tells
 */

import { formatExactValue, namesOf } from "./metrics.js";

/** What the service alerts writes after the name of the metric: of a value or a rate, and of silence. */
const USUAL = /^ (?:does not change|(is|rises by|falls by) (-?[\d.]+(?:E-?\d+)?)( per minute)?), (above|below) (-?[\d.]+(?:E-?\d+)?)$/;
const SILENCE = /^ for \d+ (?:s|min|h|days?)$/;

export function messageOf(alert) {
  const { message, metric, value } = alert;
  const silence = `no ${metric ?? "reading"}`;
  if (message.startsWith(silence) && SILENCE.test(message.slice(silence.length))) {
    return `No ${metric === null ? "reading" : namesOf([metric]).words(metric)}${message.slice(silence.length)}`;
  }
  const [, verb, number, period, side, limit] = partsOf(alert);
  // A message with another value is one that somebody has written.
  if (side === undefined || Number(number ?? 0) !== Math.abs(value) * (verb === "is" ? Math.sign(value) : 1)) {
    return message;
  }
  const told = verb === undefined ? "does not change" : `${verb} ${formatExactValue(metric, Number(number))}${period === undefined ? "" : " per minute"}`;
  return `${namesOf([metric]).label(metric)} ${told}, ${side} ${formatExactValue(metric, Number(limit))}`;
}

export function isOfRate(alert) {
  const [, verb, , period, side] = partsOf(alert);
  return side !== undefined && (verb === undefined || period !== undefined);
}

const partsOf = ({ message, metric, value }) => (metric !== null && value !== null && message.startsWith(metric) && USUAL.exec(message.slice(metric.length))) || [];
