/**
 * A table of alerts, with buttons to do something about each, and links to their pages.
 *
 *   const table = new AlertTable(section, { hasLinks: false, onChange(alert, kind) { ... } });      kind: "acknowledge", "shelve", "unshelve" or "clear"; hasLinks: true by default
 *   table.hear(alert);                          what has become of an alert, also of one whose row stays only because it has the focus
 *   table.show(alerts, { now, question });      now: by the server's clock; question: changes with the query (update.js)
 */

import { messageOf } from "./alert-message.js";
import { isShelved, pageOf } from "./alert-views.js";
import { element, nameCell, sensorCell } from "./elements.js";
import { formatAge, formatMoment } from "./formatting.js";
import { update } from "./update.js";

export class AlertTable {
  #rows;
  /** Those in the table, by id, including ones that stay only because they have the focus. */
  #alerts = new Map();
  /** The button that was pressed last, and its row. */
  #button;
  #pressed;
  #hasLinks;

  constructor(section, { hasLinks = true, onChange }) {
    this.#hasLinks = hasLinks;
    this.#rows = section.querySelector("tbody");
    // A button that vanished as it lost the focus would move the one that is being pressed, which then gets no click. The next update removes the class.
    this.#rows.addEventListener("pointerdown", () => this.#rows.querySelector(":focus")?.classList.add("kept"));
    this.#rows.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button && button.ariaDisabled !== "true") {
        this.#button = button;
        this.#pressed = button.closest("tr");
        onChange(this.#alerts.get(this.#pressed.dataset.key), button.value);
      }
    });
  }

  hear(alert) {
    if (this.#alerts.has(alert.id)) {
      this.#alerts.set(alert.id, alert);
    }
  }

  show(alerts, { now, question }) {
    alerts.forEach((alert) => this.#alerts.set(alert.id, alert));
    const held = document.querySelector("dialog:modal") ? this.#pressed : undefined;
    update(this.#rows, alerts.map((alert) => rowOf(alert, { now, hasLink: this.#hasLinks })), { question, held });
    if (held) {
      // The focus will return to it, even if there is nothing left for it to do.
      this.#button.classList.add("kept");
    }
    const gone = [...this.#rows.children].filter((row) => row.classList.contains("gone") && row !== held);
    gone.forEach((row) => update(row, [...rowOf(this.#alerts.get(row.dataset.key), { now, hasLink: this.#hasLinks }).children]));
    const shown = new Set([...this.#rows.children].map((row) => row.dataset.key));
    this.#alerts.forEach((alert, id) => shown.has(id) || this.#alerts.delete(id));
  }
}

function rowOf(alert, { now, hasLink }) {
  const { id, severity, sensor_id, location, rule } = alert;
  return element(
    "tr", { key: id },
    element("td", { className: "severity" }, element("span", { className: `badge ${severity}` }, severity)),
    sensorCell(sensor_id),
    nameCell("location", location),
    element("td", { className: "alert-message" }, element("strong", { dir: "auto" }, rule), " ", element("span", { dir: "auto" }, messageOf(alert))),
    timeCell(alert, now),
    element("td", { className: "marks" }, ...marksOf(alert, now).map(([className, text]) => element("span", { className: `badge ${className}`, dir: "auto" }, text))),
    element("td", { className: "actions" }, element("div", { className: "buttons" }, ...buttonsOf(alert, now), ...(hasLink ? [linkTo(alert)] : []))),
  );
}

function timeCell({ fired_at }, now) {
  const time = element("time", { dateTime: fired_at }, formatMoment(Date.parse(fired_at), now));
  return element("td", { className: "time", title: fired_at }, time, element("span", { className: "age" }, `${formatAge(now - Date.parse(fired_at))} ago`));
}

/** What there is to say about its state, each with a class. */
function marksOf(alert, now) {
  const { flapping, late, latched, acknowledged, shelved_until, cleared_at, cleared_by, came_back_at } = alert;
  return [
    cleared_at && ["retired", `cleared ${formatMoment(Date.parse(cleared_at), now)}${cleared_by ? ` by ${cleared_by}` : ""}`],
    came_back_at && ["odd", `came back ${formatMoment(Date.parse(came_back_at), now)}`],
    latched && acknowledged === null && ["odd", "condition ended, not acknowledged"],
    acknowledged && ["online", `acknowledged by ${acknowledged.by}`],
    cleared_at === null && isShelved(alert, now) && ["retired", `shelved until ${formatMoment(Date.parse(shelved_until), now)}`],
    flapping && ["odd", "flapping"],
    late && ["odd", "late"],
  ].filter(Boolean);
}

/** Always the same ones, so that the one with the focus stays; the style sheet hides others that do nothing. */
function buttonsOf(alert, now) {
  const { state, acknowledged } = alert;
  const button = (value, name, isEnabled) => element(
    "button", { type: "button", value, ariaLabel: labelOf(name, alert), ariaDisabled: isEnabled ? null : "true" }, name,
  );
  return [
    button("acknowledge", "Acknowledge", state === "firing" && acknowledged === null),
    isShelved(alert, now) ? button("unshelve", "Unshelve", state === "firing") : button("shelve", "Shelve", state === "firing"),
    button("clear", "Clear", state === "firing"),
  ];
}

const linkTo = (alert) => element("a", { className: "button", href: pageOf(alert.id), ariaLabel: labelOf("Details", alert) }, "Details");

const labelOf = (name, alert) => `${name}: ${alert.sensor_id}, ${messageOf(alert)}`;
