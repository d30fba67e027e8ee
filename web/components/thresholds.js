/**
 * Limits of alert rules, and times of alerts, as a chart over time shows them (time-chart.js). Pure functions, but for what was declared of metrics.
 *
 *   thresholdsOf(rules, { metric: "heart_rate", sensor_id: "bed-3", location: "icu-1" })      of the rules that apply to the sensor and metric
 *   thresholdsOf([rule], { metric: "heart_rate" })                                            of a rule, whatever the sensor
 *       [{ value: 140, severity: "critical", text: "critical above 140 bpm" }]
 *   spansOf(alerts, { metric: "heart_rate", rules })      of the alerts that concern the metric
 *       [{ from, to, severity: "critical", text: "Heart rate is 152 bpm, above 140" }]
 *
 * rules and alerts: those of GET /alert-rules and GET /alerts. Conditions, rates and silence have no limits of values.
 */

import { messageOf } from "./alert-message.js";
import { formatExactValue } from "./metrics.js";

/** In a condition: a name, or one in quotation marks. */
const NAME = /"[^"]*"|[\p{L}\p{N}_]+/gu;

export function thresholdsOf(rules, { metric, sensor_id, location }) {
  const applies = (rule) => rule.metric === metric && rule.silent_for === undefined && rule.rate === undefined
    && (sensor_id === undefined || (isMatch(rule.sensors, sensor_id) && isMatch(rule.locations, location)));
  return rules.filter(applies).flatMap((rule) => limitsOf(rule, sensor_id).map(({ severity, side, value }) => ({
    value,
    severity,
    text: `${severity} ${side} ${formatExactValue(metric, value)}${rule.schedule ? " at certain hours" : ""}`,
  })));
}

function limitsOf(rule, sensor) {
  const own = sensor !== undefined && Object.hasOwn(rule.limits ?? {}, sensor) ? rule.limits[sensor] : undefined;
  return (rule.levels ?? [rule]).flatMap(({ severity, above, below, outside = [] }) => [
    { severity, side: "below", value: below === undefined ? outside[0] : own ?? below },
    { severity, side: "above", value: above === undefined ? outside[1] : own ?? above },
  ]).filter(({ value }) => value !== undefined);
}

/** Whether a name matches one of the patterns, in which an asterisk stands for any text; without patterns, all do. */
export function isMatch(patterns, name) {
  return patterns === undefined || (typeof name === "string" && patterns.some((pattern) => matches(pattern, name)));
}

/** Goes back to the last asterisk only, so that no pattern takes longer than its length times that of the name. */
function matches(pattern, name) {
  let place = 0;
  let asterisk = -1;
  let afterAsterisk = 0;
  for (let i = 0; i < name.length;) {
    if (pattern[place] === "*") {
      asterisk = place;
      place += 1;
      afterAsterisk = i;
    } else if (pattern[place] === name[i]) {
      place += 1;
      i += 1;
    } else if (asterisk >= 0) {
      place = asterisk + 1;
      afterAsterisk += 1;
      i = afterAsterisk;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(place));
}

export function spansOf(alerts, { metric, rules }) {
  const conditions = new Map(rules.filter(({ when }) => when !== undefined).map(({ id, when }) => [id, when]));
  return alerts.filter((alert) => concerns(alert, metric, conditions.get(alert.rule_id))).map((alert) => ({
    from: Date.parse(alert.fired_at),
    to: alert.cleared_at === null ? undefined : Date.parse(alert.cleared_at),
    severity: alert.severity,
    text: messageOf(alert),
  }));
}

/** An alert without a metric is one of a condition, or of a sensor that sends nothing. */
function concerns(alert, metric, condition) {
  if (alert.metric !== null) {
    return alert.metric === metric;
  }
  return condition === undefined || (condition.match(NAME) ?? []).some((name) => name === metric || name === `"${metric}"`);
}
