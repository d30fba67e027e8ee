/**
 * What is known of an alert beside what its row in a table tells, and what happened to it, the oldest first.
 *
 *   showHistory(section, alert, { isRate, now });      alert: that of GET /alerts/{id}; isRate: whether its value is how much its metric changes a minute
 */

import { element } from "./elements.js";
import { formatAge, formatMoment } from "./formatting.js";
import { formatValue, namesOf } from "./metrics.js";
import { update } from "./update.js";

export function showHistory(section, alert, { isRate, now }) {
  const words = { valueOf: (value) => (isRate ? `${formatValue(alert.metric, value)} a minute` : formatValue(alert.metric, value)), now };
  update(section.querySelector(".facts"), factsOf(alert, words));
  update(section.querySelector(".events"), alert.history.map((event, place) => itemOf(event, words, place)));
}

function factsOf({ rule_id: id, rule, metric, value, started_at: began, fired_at: fired, cleared_at: cleared }, { valueOf, now }) {
  const facts = [
    ["Rule", element("a", { href: `/rule?rule_id=${id}`, dir: "auto" }, rule)],
    value !== null && [namesOf([metric]).label(metric), valueOf(value)],
    ["Condition since", timeOf(began, now)],
    [cleared === null ? "Firing for" : "Lasted", formatAge((cleared === null ? now : Date.parse(cleared)) - Date.parse(fired))],
  ];
  return facts.filter(Boolean).map(([term, content]) => element("div", { key: term }, element("dt", { dir: "auto" }, term), element("dd", {}, content)));
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

function describeEvent({ kind, severity, value, by, until }, { valueOf, now }) {
  const level = [severity, value !== null && `at ${valueOf(value)}`].filter(Boolean).join(" ");
  const person = by === null ? "" : ` by ${by}`;
  switch (kind) {
    case "fired": return `Fired: ${level}`;
    case "changed": return `Became ${level}`;
    case "latched": return "Condition ended, not acknowledged";
    case "resumed":
    case "reopened": return `Came back: ${level}`;
    case "shelved": return until === null ? `No longer shelved${person}` : `Shelved until ${formatMoment(Date.parse(until), now)}${person}`;
    default: return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${person}`;
  }
}
