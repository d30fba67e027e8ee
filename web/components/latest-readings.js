/**
 * The table of the latest readings.
 *
 *   const table = new LatestReadings(document.querySelector("#latest-readings"));
 *   table.show({ readings, metrics: ["temperature", "humidity"], names });      names: from namesOf in metrics.js
 *
 * Names come from devices and are only ever set as text. A reading keeps its row element while it is among the latest.
 */

import { element, nameCell, sensorCell } from "./elements.js";
import { identityOf } from "./figures.js";
import { formatCount, formatMoment } from "./formatting.js";
import { formatShortValue, formatValue, valueOf, valuesOf } from "./metrics.js";
import { arrange, setText } from "./update.js";

/** The columns other than metrics. */
export const COLUMNS = ["Time", "Sensor", "Location", "Other metrics"];

/** The metrics without their own column, such as "co2 412, vibration 0.02". Pure. */
export function describeOtherMetrics(reading, metrics, format) {
  return valuesOf(reading)
    .filter(([name]) => !metrics.includes(name))
    .map(([name, value]) => `${name} ${format(name, value)}`)
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

  show({ readings, metrics, names }) {
    const now = Date.now();
    const isFirst = this.#panel.dataset.content === "loading";
    this.#panel.dataset.content = readings.length > 0 ? "filled" : "empty";
    setText(this.#panel.querySelector(".message"), "No readings yet. They appear here as soon as a device sends one.");
    setText(this.#panel.querySelector(".note"), readings.length > 0 ? `The newest ${formatCount(readings.length)}, by device time` : "");
    this.#nameColumns(metrics, names);

    const previous = this.#rows;
    this.#rows = new Map(readings.map((reading) => {
      const identity = identityOf(reading);
      return [identity, previous.get(identity) ?? makeRow(reading, metrics, now, !isFirst)];
    }));
    arrange(this.#table.tBodies[0], [...this.#rows.values()], { question: this.#columns });
  }

  #nameColumns(metrics, names) {
    const columns = JSON.stringify(metrics);
    if (columns !== this.#columns) {
      this.#columns = columns;
      this.#rows.clear();
    }
    const headings = this.#table.querySelectorAll("th.number");
    metrics.forEach((metric, index) => setText(headings[index], names.label(metric)));
    headings[1].hidden = metrics.length < 2;
  }
}

function makeRow(reading, metrics, now, isNew) {
  const time = element("time", { dateTime: reading.timestamp }, formatMoment(Date.parse(reading.timestamp), now));
  return element(
    "tr", { className: isNew ? "new" : "" },
    element("td", { className: "time", title: `${reading.timestamp}, received ${reading.received_at}` }, time),
    sensorCell(reading.sensor_id),
    nameCell("location", reading.location),
    ...metrics.map((metric, index) => valueCell(`number metric-${index + 1}`, metric, valueOf(reading, metric))),
    nameCell("others", describeOtherMetrics(reading, metrics, formatShortValue), describeOtherMetrics(reading, metrics, formatValue)),
  );
}

const valueCell = (className, metric, value) => element("td", { className, title: formatValue(metric, value) }, formatShortValue(metric, value));
