/**
 * A table of alert rules, with buttons to do something about each.
 *
 *   const table = new RuleTable(section, { onDelete(rule) { ... } });
 *   table.show(rules, { question });      question: changes with the query (update.js)
 */

import { element } from "./elements.js";
import { formatCount } from "./formatting.js";
import { describeRule, severitiesOf } from "./rule-words.js";
import { update } from "./update.js";

export class RuleTable {
  #rows;
  /** Those in the table, by id, including ones that stay only because they have the focus. */
  #rules = new Map();
  /** The row whose button was pressed last. */
  #pressed;

  constructor(section, { onDelete }) {
    this.#rows = section.querySelector("tbody");
    this.#rows.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) {
        this.#pressed = button.closest("tr");
        onDelete(this.#rules.get(this.#pressed.dataset.key));
      }
    });
  }

  show(rules, { question }) {
    rules.forEach((rule) => this.#rules.set(String(rule.id), rule));
    const held = document.querySelector("dialog:modal") ? this.#pressed : undefined;
    update(this.#rows, rules.map(rowOf), { question, held });
    const shown = new Set([...this.#rows.children].map((row) => row.dataset.key));
    this.#rules.forEach((rule, id) => shown.has(id) || this.#rules.delete(id));
  }
}

function rowOf(rule) {
  const { id, name, open_alerts: open } = rule;
  const link = (query, text) => element("a", { className: "button", href: `/rule?${query}`, ariaLabel: `${text}: ${name}` }, text);
  return element(
    "tr", { key: id },
    element("td", { className: "severity" }, ...severitiesOf(rule).map((severity) => element("span", { className: `badge ${severity}` }, severity))),
    element("th", { scope: "row", className: "rule" }, element("a", { href: `/rule?rule_id=${id}`, dir: "auto" }, name)),
    element("td", { className: "sentence", dir: "auto" }, describeRule(rule)),
    element("td", { className: ["number", open > 0 && "some", open === 1 && "one"].filter(Boolean).join(" ") }, formatCount(open)),
    element(
      "td", { className: "actions" },
      element("div", { className: "buttons" }, link(`rule_id=${id}`, "Edit"), link(`copy_of=${id}`, "Duplicate"), element("button", { type: "button", ariaLabel: `Delete: ${name}` }, "Delete")),
    ),
  );
}
