/**
 * How many alerts are open, by severity, and the newest of them: one line.
 *
 *   const strip = new AlertStrip(section);
 *   strip.show(state, now);      state: that of frame/open-alerts.js
 */

import { messageOf } from "./alert-message.js";
import { pageOf, SEVERITIES } from "./alert-views.js";
import { element } from "./elements.js";
import { formatCount, formatMoment } from "./formatting.js";
import { setText, update } from "./update.js";

export class AlertStrip {
  #section;

  constructor(section) {
    this.#section = section;
  }

  show({ counts, count, newest }, now) {
    this.#section.dataset.content = count > 0 ? "filled" : "empty";
    update(this.#section.querySelector(".counts"), SEVERITIES.filter((severity) => counts[severity] > 0)
      .map((severity) => element("li", { key: severity, className: `badge ${severity}` }, `${formatCount(counts[severity])} ${severity}`)));
    setText(this.#section.querySelector(".message"), count > 0 ? "" : "No open alerts.");
    update(this.#section.querySelector(".newest"), newest === undefined ? [] : wordsOf(newest, now));
  }
}

function wordsOf(alert, now) {
  const { id, sensor_id, location, fired_at, severity } = alert;
  const address = `/sensor?${new URLSearchParams({ sensor_id })}`;
  return [
    element("span", {}, "Newest: "),
    element("a", { href: address, dir: "auto" }, sensor_id),
    element("span", { dir: "auto" }, `${location === null ? "" : `, ${location}`}: `),
    element("a", { href: pageOf(id), className: "alert-message", dir: "auto", title: severity }, messageOf(alert)),
    element("time", { dateTime: fired_at }, ` (${formatMoment(Date.parse(fired_at), now)})`),
  ];
}
