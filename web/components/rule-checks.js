/**
 * What is wrong with the fields of an alert rule, for form-fields.js: as rules/AlertRule.java, so that it is said at once, beside the right input.
 *
 *   checkLevels(labels)(rows, { object })      labels: those of the columns, such as { above: "Above", clear_below: "Clears below" }
 *   checkRate, checkOwnLimits, checkHours      of fields of these kinds
 */

import { SEVERITIES } from "./alert-views.js";
import { quoted } from "./form-problems.js";
import { formatExactValue } from "./metrics.js";

const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 };
const SHORTEST_RATE = 10;

export const secondsOf = (duration) => Number(duration.slice(0, -1)) * SECONDS[duration.slice(-1)];

export const checkLevels = (labels) => (given, { object: { metric } }) => {
  const name = (column) => `“${labels[column]}”`;
  const limits = Object.keys(labels).filter((column) => ["above", "below"].includes(column));
  for (const [row, level] of given.entries()) {
    const { below: low, above: high } = level;
    const wrong = (column, text) => ({ name: column, row, text });
    if (low === undefined && high === undefined) {
      return wrong(limits[0], `${limits.map((column) => quoted(labels[column])).join(" or ")} is required.`);
    }
    if (low > high) {
      return wrong("above", `${name("above")} must not be less than ${name("below")}.`);
    }
    for (const [column, limit] of [["clear_below", "above"], ["clear_above", "below"]]) {
      const clear = level[column];
      const isOf = (side) => `${name(side)}, which is ${formatExactValue(metric, level[side])}`;
      if (clear !== undefined && level[limit] === undefined) {
        return wrong(column, `${name(column)} requires ${name(limit)}.`);
      }
      if (clear > high) {
        return wrong(column, `${name(column)} must not be greater than ${isOf("above")}.`);
      }
      if (clear < low) {
        return wrong(column, `${name(column)} must not be less than ${isOf("below")}.`);
      }
    }
    if (level.clear_above >= level.clear_below) {
      return wrong("clear_above", `${name("clear_above")} must be less than ${name("clear_below")}.`);
    }
  }
  return checkOrder(given, name);
};

/** A more severe level must be harder to reach. */
function checkOrder(given, name) {
  const places = given.map((level, row) => ({ level, row })).sort((a, b) => SEVERITIES.indexOf(b.level.severity) - SEVERITIES.indexOf(a.level.severity) || a.row - b.row);
  for (const [place, { level, row }] of places.entries()) {
    const { level: milder } = places[place - 1] ?? { level: undefined };
    if (milder?.severity === level.severity) {
      return { name: "severity", row, text: `Another level already has the severity ${level.severity}.` };
    }
    if (milder && level.above <= milder.above) {
      return { name: "above", row, text: `${name("above")} of ${level.severity} must be greater than that of ${milder.severity}.` };
    }
    if (milder && level.below >= milder.below) {
      return { name: "below", row, text: `${name("below")} of ${level.severity} must be less than that of ${milder.severity}.` };
    }
  }
  return undefined;
}

export const checkRate = (label) => (duration) => {
  const seconds = secondsOf(duration);
  return seconds < SHORTEST_RATE || seconds > SECONDS.d ? `${quoted(label)} must be from 10 seconds to 24 hours.` : undefined;
};

export function checkOwnLimits(given, { rows, object: { levels, above, below, outside } }) {
  const place = rows.findIndex(({ key, value }) => (key === undefined) !== (value === undefined) || key?.includes("*"));
  if (place >= 0) {
    const { key, value } = rows[place];
    if (key !== undefined && value === undefined) {
      return { name: "value", row: place, text: "Limit is required." };
    }
    return { name: "key", row: place, text: key === undefined ? "Sensor is required." : "Sensor must be the id of a single sensor, without *." };
  }
  const isSingle = levels === undefined && outside === undefined && (above === undefined || below === undefined);
  return given === undefined || isSingle ? undefined : "Limits of individual sensors require a single level with one limit.";
}

/** @return what is wrong with hours of the week, whose times the browser checks */
export const checkHours = (hours) => (hours?.days === "" ? { name: "days", row: 0, text: "At least one day is required." } : undefined);
