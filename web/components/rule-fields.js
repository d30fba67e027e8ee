/**
 * The fields of the form for an alert rule (form-fields.js): a kind or a field of rules is added here, and its words in rule-words.js.
 *
 *   RULE_FIELDS                  in the order in which they are shown
 *   isFinished(rule)             whether there is enough of it to try it
 *   EMPTY_RULE                   what the form for a new one begins with
 */

import { SEVERITIES } from "./alert-views.js";
import { check, choice, duration, hours, longText, names, number, text } from "./form-controls.js";
import { pairs, rows } from "./form-rows.js";
import { checkHours, checkLevels, checkOwnLimits, checkRate } from "./rule-checks.js";
import { levelsOf } from "./rule-words.js";

export const EMPTY_RULE = { severity: "warning" };

const KINDS = [
  {
    kind: "above",
    label: "A value is above a limit",
    isKindOf: (rule) => levelsOf(rule).every(({ below, outside }) => below === undefined && outside === undefined),
    isFinished: hasLimits,
  },
  {
    kind: "below",
    label: "A value is below a limit",
    isKindOf: (rule) => levelsOf(rule).every(({ below }) => below !== undefined),
    isFinished: hasLimits,
  },
  // Whose levels need not all have two limits.
  { kind: "outside", label: "A value is outside a range", isKindOf: () => true, isFinished: hasLimits },
  { kind: "rate", label: "A value changes too fast", isKindOf: ({ rate }) => rate !== undefined, isFinished: ({ rate, ...rule }) => rate !== undefined && hasLimits(rule) },
  { kind: "condition", label: "Metrics meet a condition", isKindOf: ({ when }) => when !== undefined, isFinished: ({ when }) => when !== undefined },
  { kind: "silence", label: "A sensor is silent", isKindOf: ({ silent_for: silence }) => silence !== undefined, isFinished: ({ silent_for: silence }) => silence !== undefined },
];
/** Others say by a field of their own that they are meant. */
const OF_VALUES = ["above", "below", "outside"];
const OF_LIMITS = [...OF_VALUES, "rate"];
const OF_READINGS = [...OF_LIMITS, "condition"];

const kindOf = (rule) => (KINDS.find(({ kind, isKindOf }) => !OF_VALUES.includes(kind) && isKindOf(rule)) ?? KINDS.find(({ isKindOf }) => isKindOf(rule))).kind;

function hasLimits({ metric, ...rule }) {
  return metric !== undefined && levelsOf(rule).every(({ above, below, outside }) => [above, below, outside].some((one) => one !== undefined));
}

export const isFinished = (rule) => KINDS.find(({ kind }) => kind === kindOf(rule)).isFinished(rule);

const severity = choice(SEVERITIES.map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)]));

/** Limits with a severity each: one of them is written without `levels`. */
const levels = (kind, columns, { toRow = (level) => level, toLevel = (row) => row } = {}) => ({
  name: "levels",
  label: "Limit",
  hint: "A separate value for clearing keeps an alert from firing again and again while values are near the limit. Add levels for several severities.",
  kinds: [kind],
  covers: ["levels", "severity", "above", "below", "outside", "clear_below", "clear_above"],
  check: checkLevels(Object.fromEntries(columns)),
  control: rows({
    one: "level",
    columns: [{ name: "severity", label: "Severity", control: severity }, ...columns.map(([name, label]) => ({ name, label, hasUnit: true, control: number() }))],
    least: 1,
    most: SEVERITIES.length,
    fresh: (given) => ({ severity: SEVERITIES.find((one) => !given.some((row) => row.severity === one)) }),
  }),
  get: (rule) => levelsOf(rule).map(toRow),
  put: (rule, given, original) => {
    const result = given.map(toLevel);
    Object.assign(rule, result.length === 1 && original.levels === undefined ? result[0] : { levels: result });
  },
});

/** Of a limit in one direction, without what the other direction has. */
const only = (...columns) => (level) => Object.fromEntries(Object.entries(level).filter(([name]) => columns.includes(name) || !["above", "below", "outside", "clear_above", "clear_below"].includes(name)));

const range = {
  toRow: ({ outside: [low, high] = [], below = low, above = high, ...level }) => ({ ...level, below, above }),
  toLevel: ({ below, above, ...level }) => (below !== undefined && above !== undefined ? { ...level, outside: [below, above] } : { ...level, below, above }),
};

export const RULE_FIELDS = [
  { name: "name", label: "Name", control: text({ required: true }) },
  { name: "kind", label: "Fires when", isKind: true, control: choice(KINDS.map(({ kind, label }) => [kind, label])), get: kindOf },
  { name: "metric", label: "Metric", kinds: OF_LIMITS, control: text({ list: "metrics", required: true }) },
  { name: "metric", label: "Metric", kinds: ["silence"], hint: "Empty: the sensor sends no readings at all.", control: text({ list: "metrics" }) },
  levels("above", [["above", "Above"], ["clear_below", "Clears below"]], { toRow: only("above", "clear_below") }),
  levels("below", [["below", "Below"], ["clear_above", "Clears above"]], { toRow: only("below", "clear_above") }),
  levels("outside", [["below", "Below"], ["above", "Above"], ["clear_above", "Clears above"], ["clear_below", "Clears below"]], range),
  { name: "rate", label: "Measured over", kinds: ["rate"], hint: "From 10 seconds to 24 hours. Limits are changes per minute: above 2 means rising by more than 10 in 5 minutes, below -2 falling by more than that.", check: checkRate("Measured over"), control: duration({ required: true }) },
  levels("rate", [["above", "Above"], ["below", "Below"], ["clear_below", "Clears below"], ["clear_above", "Clears above"]], range),
  { name: "when", label: "Condition", kinds: ["condition"], hint: "For example heart_rate > 120 && spo2 < 90. Names are metrics; only readings that have all of them are evaluated.", control: longText({ required: true, className: "code" }) },
  { name: "severity", label: "Severity", kinds: ["condition", "silence"], control: severity, get: (rule) => levelsOf(rule)[0].severity },
  { name: "silent_for", label: "Nothing received for", kinds: ["silence"], control: duration({ required: true, min: 1 }) },
  { name: "for", label: "For at least", kinds: OF_READINGS, hint: "How long the condition must last before the alert fires. Empty: it fires at the first reading.", control: duration() },
  { name: "sensors", label: "Sensors", hint: "Separated by commas; * matches any text, for example bed-*. Empty: all sensors.", control: names() },
  { name: "locations", label: "Locations", hint: "Same format, for example icu-*. Empty: all locations.", control: names() },
  { name: "clear_for", label: "Clears after", kinds: OF_READINGS, isMore: true, hint: "How long the condition must be over before the alert clears. Empty: it clears at the first reading.", control: duration() },
  { name: "latched", label: "After its condition has ended", kinds: OF_READINGS, isMore: true, control: check(false, "Stays open until somebody acknowledges it") },
  { name: "schedule", label: "Hours", isMore: true, check: checkHours, control: hours("Only at certain hours") },
  {
    name: "limits",
    label: "Limits of individual sensors",
    kinds: ["above", "below", "rate"],
    isMore: true,
    hint: "They replace the limit above. Not with several levels.",
    check: checkOwnLimits,
    control: pairs({ one: "sensor", key: "Sensor", value: { label: "Limit", hasUnit: true, control: number() }, most: 1000 }),
  },
  { name: "message", label: "Message", isMore: true, hint: "Replaces the default message, which states the value and the limit.", control: longText() },
  {
    name: "longest_gap",
    label: "Longest gap",
    kinds: OF_READINGS,
    isMore: true,
    hint: "Longer intervals without readings do not count toward “For at least” and “Clears after”. Empty: 5 minutes.",
    control: duration(),
  },
];
