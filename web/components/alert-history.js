/**
 * A dialog that shows what happened to an alert, the oldest first.
 *
 *   const history = new AlertHistory(dialog);
 *   history.open(alert.id);
 */

import { element } from "./elements.js";
import { formatMoment } from "./formatting.js";
import { formatValue } from "./metrics.js";
import { ask } from "./rest-api.js";
import { setText } from "./update.js";

export class AlertHistory {
  #dialog;

  constructor(dialog) {
    this.#dialog = dialog;
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  }

  async open(id) {
    const problem = this.#dialog.querySelector(".problem");
    let alert;
    try {
      ({ answer: { data: alert } } = await ask(`/alerts/${id}`));
      problem.hidden = true;
    } catch (error) {
      setText(problem, `The history cannot be shown: ${error.message}`);
      problem.hidden = false;
    }
    this.#dialog.querySelector(".facts").replaceChildren(...(alert ? factsOf(alert) : []));
    this.#dialog.querySelector(".events").replaceChildren(...(alert?.history.map((event) => itemOf(event, alert.metric)) ?? []));
    this.#dialog.showModal();
  }
}

function factsOf({ rule_id: id, rule, sensor_id, location, severity, message }) {
  const facts = [["Sensor", sensor_id], ["Location", location], ["Severity", severity], ["Message", message], ["Rule", element("a", { href: `/rule?rule_id=${id}` }, rule)]];
  return facts.filter(([, value]) => value !== null).map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", { dir: "auto" }, value)));
}

function itemOf(event, metric) {
  return element(
    "li", {},
    element("time", { dateTime: event.at, title: event.at }, formatMoment(Date.parse(event.at), Date.now())),
    element("span", { dir: "auto" }, describeEvent(event, metric)),
    ...(event.comment === null ? [] : [element("q", { dir: "auto" }, event.comment)]),
  );
}

/** Pure. */
export function describeEvent({ kind, severity, value, by, until }, metric) {
  const level = [severity, value !== null && `at ${formatValue(metric, value)}`].filter(Boolean).join(" ");
  const person = by === null ? "" : ` by ${by}`;
  switch (kind) {
    case "fired": return `Fired: ${level}`;
    case "changed": return `Became ${level}`;
    case "latched": return "Over, but not acknowledged";
    case "resumed": return `Back: ${level}`;
    case "reopened": return `Fired again: ${level}`;
    case "shelved": return until === null ? `No longer shelved${person}` : `Shelved until ${formatMoment(Date.parse(until), Date.now())}${person}`;
    default: return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${person}`;
  }
}
