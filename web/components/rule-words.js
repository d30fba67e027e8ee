/**
 * What an alert rule says, as a sentence. Pure functions, but for what was declared of metrics.
 *
 *   describeRule(rule)       "heart_rate above 140 bpm for 10 s, clears below 130 bpm, sensors bed-*"
 *   describeRule(rule, { hasSeverity: true })      "critical: heart_rate above 140 bpm ..."
 *   severitiesOf(rule)       ["critical", "warning"], the most severe first
 *   levelsOf(rule)           [{ severity: "critical", above: 140, clear_below: 130 }], also of a rule with a single limit
 *
 * `rule` is one of the REST API, possibly unfinished. What a later version adds to rules is left out.
 */

import { describeHours, formatDuration } from "./alert-spans.js";
import { SEVERITIES } from "./alert-views.js";
import { formatChoice, formatCount } from "./formatting.js";
import { formatExactValue } from "./metrics.js";

const LIMIT = ["severity", "above", "below", "outside", "clear_below", "clear_above"];

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
    latched && "stays open until acknowledged",
    sensors && `sensors ${formatChoice(sensors)}`,
    locations && `in ${formatChoice(locations)}`,
    limits && describeLimits(rule),
    schedule && describeHours(schedule),
  ].filter(Boolean).join(", ");
}

const isLong = (duration) => duration !== undefined && Number.parseInt(duration) > 0;

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
  const inWords = (describe) => formatChoice(bySeverity.map((level) => `${describe(level, metric)}${bySeverity.length > 1 ? ` (${level.severity})` : ""}`));
  const value = metric ?? "a value";
  if (rate === undefined) {
    return `${value} ${inWords(describeLimit)}`;
  }
  const change = bySeverity.every(isChange) ? `${value} ${inWords(describeChange)} per minute` : `rate of change of ${value} ${inWords(describeLimit)} per minute`;
  return `${change} (over ${formatDuration(rate)})`;
}

function describeLimit({ above, below, outside }, metric) {
  if (outside !== undefined) {
    return `outside ${formatExactValue(undefined, outside[0])} to ${formatExactValue(metric, outside[1])}`;
  }
  return above !== undefined ? `above ${formatExactValue(metric, above)}` : `below ${below === undefined ? "a limit" : formatExactValue(metric, below)}`;
}

/** Whether a limit of a rate is one of values that rise or fall, rather than, say, one that is breached unless they rise. */
const isChange = ({ above, below, outside: [low, high] = [below, above] }) => (low !== undefined || high !== undefined) && !(low > 0) && !(high < 0);

function describeChange({ above, below, outside: [low, high] = [below, above] }, metric) {
  if (low === -high) {
    return `changes by more than ${formatExactValue(metric, high)}`;
  }
  const directions = [high !== undefined && `rises by more than ${formatExactValue(metric, high)}`, low !== undefined && `falls by more than ${formatExactValue(metric, Math.abs(low))}`];
  return directions.filter(Boolean).join(" or ");
}

/** Only of a single level: with several, it would be longer than anybody reads. */
function describeClearing(rule) {
  const [{ clear_below: below, clear_above: above }, ...others] = levelsOf(rule);
  const limits = [below !== undefined && `below ${limitOf(rule, below)}`, above !== undefined && `above ${limitOf(rule, above)}`].filter(Boolean);
  return others.length === 0 && limits.length > 0 && `clears ${limits.join(" and ")}`;
}

const limitOf = ({ metric, rate }, limit) => `${formatExactValue(metric, limit)}${rate === undefined ? "" : " per minute"}`;

function describeLimits(rule) {
  const [[sensor, limit] = [], ...others] = Object.entries(rule.limits);
  return sensor !== undefined && (others.length === 0 ? `limit for ${sensor}: ${limitOf(rule, limit)}` : `${formatCount(others.length + 1)} sensors have their own limits`);
}
