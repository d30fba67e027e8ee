/**
 * The message of an alert with the name and the unit of its metric, as in e-mails, where it begins with the metric and its value. Pure.
 *
 *   messageOf(alert)      "Heart rate is 152 bpm, above 140" for "heart_rate is 152, above 140"
 */

import { namesOf, unitOf } from "./metrics.js";

export function messageOf({ message, metric, value }) {
  const measured = `${metric} is ${value}`;
  // A longer number is another value.
  if (metric === null || value === null || !message.startsWith(measured) || /^[.\dEe]/.test(message.slice(measured.length))) {
    return message;
  }
  const unit = unitOf(metric);
  return `${namesOf([metric]).label(metric)} is ${value}${unit === undefined ? "" : `\u00a0${unit}`}${message.slice(measured.length)}`;
}
