/**
 * The table of the latest readings.
 *
 *   const table = new LatestReadings(document.querySelector("#latest-readings"));
 *   table.show({ readings, metrics: ["temperature", "humidity"] });
 *
 * Names come from devices and are only ever set as text. A row that is still among the latest stays the same element, so
 * that a selection or the place of the reader survives a refresh.
 */

import { arrange, element, nameCell } from "./elements.js";
import { identityOf } from "./figures.js";
import { formatCount, formatMoment } from "./formatting.js";
import { formatValue, labelOf, valuesOf } from "./metrics.js";

/** The metrics without a column of their own, such as "co2 412, vibration 0.02". Pure. */
export function describeOtherMetrics(reading, metrics) {
  return valuesOf(reading)
    .filter(([name]) => !metrics.includes(name))
    .map(([name, value]) => `${name} ${formatValue(name, value)}`)
    .join(", ");
}

export class LatestReadings {
  #panel;
  #table;
  #rows = new Map();
  #columns = "";

  constructor(table) {
    this.#panel = table.closest(".panel");
    this.#table = table;
  }

  show({ readings, metrics }) {
    const now = Date.now();
    const isFirst = this.#panel.dataset.content === "loading";
    this.#panel.dataset.content = readings.length > 0 ? "filled" : "empty";
    this.#panel.querySelector(".message").textContent = "No readings yet. They appear here as soon as a device sends one.";
    this.#panel.querySelector(".note").textContent = readings.length > 0 ? `The newest ${formatCount(readings.length)} by the devices' own time` : "";
    this.#nameColumns(metrics);

    const previous = this.#rows;
    this.#rows = new Map(readings.map((reading) => {
      const identity = identityOf(reading);
      return [identity, previous.get(identity) ?? makeRow(reading, metrics, now, !isFirst)];
    }));
    arrange(this.#table.tBodies[0], [...this.#rows.values()]);
  }

  #nameColumns(metrics) {
    const columns = metrics.join("\n");
    if (columns !== this.#columns) {
      this.#columns = columns;
      this.#rows.clear();
      const headings = this.#table.querySelectorAll("th.number");
      metrics.forEach((metric, index) => { headings[index].textContent = labelOf(metric); });
      headings[1].hidden = metrics.length < 2;
    }
  }
}

function makeRow(reading, metrics, now, isNew) {
  const time = element("time", { dateTime: reading.timestamp }, formatMoment(Date.parse(reading.timestamp), now));
  return element(
    "tr", { className: isNew ? "new" : "" },
    element("td", { className: "time", title: `${reading.timestamp}, received ${reading.received_at}` }, time),
    sensorCell(reading.sensor_id),
    nameCell("location", reading.location),
    ...metrics.map((metric, index) => element("td", { className: `number metric-${index + 1}` }, formatValue(metric, reading[metric]))),
    nameCell("others", describeOtherMetrics(reading, metrics)),
  );
}

export function sensorCell(name) {
  const address = `/sensor?${new URLSearchParams({ sensor_id: name })}`;
  return element("td", { className: "sensor clip", title: name }, element("a", { href: address, dir: "auto" }, name));
}
