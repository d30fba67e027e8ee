/**
 * What an alert rule says, as a sentence. Pure functions.
 *
 *   describeRule(rule)       "heart_rate above 140 for 10 s, clears below 130, sensors bed-*"
 *   describeRule(rule, { hasSeverity: true })      "critical: heart_rate above 140 ..."
 *   severitiesOf(rule)       ["critical", "warning"], the most severe first
 *   levelsOf(rule)           [{ severity: "critical", above: 140, clear_below: 130 }], also of a rule with a single limit
 *
 * `rule` is one of the REST API, possibly unfinished. What a later version adds to rules is left out.
 */

import { describeHours, formatDuration } from "./alert-spans.js";
import { SEVERITIES } from "./alert-views.js";
import { formatChoice, formatCount } from "./formatting.js";

const LIMIT = ["severity", "above", "below", "outside", "clear_below", "clear_above"];
/** Without rounding: a limit is what it is. */
const number = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 17 });

export const levelsOf = (rule) => rule.levels ?? [Object.fromEntries(LIMIT.filter((name) => rule[name] !== undefined).map((name) => [name, rule[name]]))];

export function severitiesOf(rule) {
  const given = levelsOf(rule).map(({ severity }) => severity);
  return SEVERITIES.filter((severity) => given.includes(severity));
}

/** @param hasSeverity whether it begins with the severity; several are said with their limits in any case */
export function describeRule(rule, { hasSeverity = false } = {}) {
  const [severity, ...others] = severitiesOf(rule);
  return `${hasSeverity && severity !== undefined && others.length === 0 ? `${severity}: ` : ""}${describeParts(rule)}`;
}

function describeParts(rule) {
  const { for: delay, clear_for: clearDelay, latched, sensors, locations, limits, schedule } = rule;
  return [
    `${describeCondition(rule)}${isLong(delay) ? ` for ${formatDuration(delay)}` : ""}`,
    describeClearing(rule),
    isLong(clearDelay) && `clears after ${formatDuration(clearDelay)}`,
    latched && "open until acknowledged",
    sensors && `sensors ${formatChoice(sensors)}`,
    locations && `at ${formatChoice(locations)}`,
    limits && describeLimits(limits),
    schedule && describeHours(schedule),
  ].filter(Boolean).join(", ");
}

const isLong = (duration) => duration !== undefined && !duration.startsWith("0");

function describeCondition(rule) {
  const { metric, rate, when, silent_for: silence } = rule;
  if (when !== undefined) {
    return when;
  }
  if (silence !== undefined) {
    return `no ${metric ?? "reading"} for ${formatDuration(silence)}`;
  }
  const levels = levelsOf(rule);
  const bySeverity = severitiesOf(rule).map((severity) => levels.find((level) => level.severity === severity));
  const limits = bySeverity.map((level) => `${describeLimit(level)}${bySeverity.length > 1 ? ` (${level.severity})` : ""}`);
  const value = metric ?? "a value";
  return rate === undefined ? `${value} ${formatChoice(limits)}` : `change of ${value} a minute ${formatChoice(limits)} (over ${formatDuration(rate)})`;
}

function describeLimit({ above, below, outside }) {
  if (outside !== undefined) {
    return `outside of ${number.format(outside[0])} to ${number.format(outside[1])}`;
  }
  return above !== undefined ? `above ${number.format(above)}` : `below ${below === undefined ? "a limit" : number.format(below)}`;
}

/** Only of a single level: with several, it would be longer than anybody reads. */
function describeClearing(rule) {
  const [{ clear_below: below, clear_above: above }, ...others] = levelsOf(rule);
  const limits = [below !== undefined && `below ${number.format(below)}`, above !== undefined && `above ${number.format(above)}`].filter(Boolean);
  return others.length === 0 && limits.length > 0 && `clears ${limits.join(" and ")}`;
}

function describeLimits(limits) {
  const [[sensor, limit] = [], ...others] = Object.entries(limits);
  return sensor !== undefined && (others.length === 0 ? `${sensor} at ${number.format(limit)}` : `${formatCount(others.length + 1)} sensors with a limit of their own`);
}
