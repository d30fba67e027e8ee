/**
 * What is known of an alert beside what its row in a table tells, and what happened to it, the oldest first.
 *
 *   showFacts(list, alert, { rule, now });          rule: undefined if it has been deleted
 *   showHistory(list, alert, { rule, now });        alert: that of GET /alerts/{id}
 */

import { isOfRate } from "./alert-message.js";
import { element } from "./elements.js";
import { formatAge, formatMoment } from "./formatting.js";
import { formatExactValue, namesOf } from "./metrics.js";
import { update } from "./update.js";

/** Why an alert cleared that neither a reading nor a person cleared. */
const REASONS = new Map([
  ["rule_changed", " because its rule was changed"],
  ["rule_deleted", " because its rule was deleted"],
  ["sensor_retired", " because its sensor was retired"],
]);

export function showFacts(list, alert, { rule, now }) {
  const { rule_id: id, rule: name, metric, value, started_at: began, fired_at: fired, cleared_at: cleared } = alert;
  const facts = [
    ["Rule", ...(rule === undefined ? [element("bdi", {}, name), " (deleted)"] : [element("a", { href: `/rule?rule_id=${id}`, dir: "auto" }, name)])],
    value !== null && [namesOf([metric]).label(metric), valueIn(alert, rule)(value)],
    ["Condition began", timeOf(began, now)],
    [cleared === null ? "Firing for" : "Lasted", formatAge((cleared === null ? now : Date.parse(cleared)) - Date.parse(fired))],
  ];
  update(list, facts.filter(Boolean).map(([term, ...content]) => element("div", { key: term }, element("dt", { dir: "auto" }, term), element("dd", {}, ...content))));
}

export function showHistory(list, alert, { rule, now }) {
  const words = { valueOf: valueIn(alert, rule), now };
  update(list, alert.history.map((event, place) => itemOf(event, words, place)));
}

/** The value of an alert is compared with a limit, so it is not rounded. That of a rule about rates is how much its metric changes. */
function valueIn(alert, rule) {
  const isRate = rule === undefined ? isOfRate(alert) : rule.rate !== undefined;
  return (value) => `${formatExactValue(alert.metric, value)}${isRate ? " per minute" : ""}`;
}

const timeOf = (time, now) => element("time", { dateTime: time, title: time }, formatMoment(Date.parse(time), now));

function itemOf(event, words, place) {
  return element(
    "li", { key: place },
    timeOf(event.at, words.now),
    element("span", { dir: "auto" }, describeEvent(event, words)),
    ...(event.comment === null ? [] : [element("q", { dir: "auto" }, event.comment)]),
  );
}

function describeEvent({ kind, severity, value, by, until, reason }, { valueOf, now }) {
  const level = [severity, value !== null && `at ${valueOf(value)}`].filter(Boolean).join(" ");
  const person = by === null ? "" : ` by ${by}`;
  switch (kind) {
    case "fired": return `Fired: ${level}`;
    case "changed": return `Became ${level}`;
    case "latched": return "Condition ended, not acknowledged";
    case "resumed":
    case "reopened": return `Came back: ${level}`;
    case "shelved": return until === null ? `Unshelved${person}` : `Shelved until ${formatMoment(Date.parse(until), now)}${person}`;
    case "cleared": return `Cleared${person}${REASONS.get(reason) ?? ""}`;
    default: return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${person}`;
  }
}
