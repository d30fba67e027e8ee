/**
 * The table of the latest readings.
 *
 *   const table = new LatestReadings(document.querySelector("#latest-readings"));
 *   table.show({ readings });
 *
 * Names come from devices and are only ever set as text. A row that is still among the latest stays the same element, so
 * that a selection or the place of the reader survives a refresh.
 */

import { identityOf } from "./figures.js";
import { formatCount, formatMeasurement, formatMetric, formatMoment } from "./formatting.js";

const WITH_OWN_PLACE = new Set(["sensor_id", "location", "timestamp", "received_at", "temperature", "humidity", "attributes"]);

/** The metrics without a column of their own, such as "co2 412, vibration 0.02". Pure. */
export function describeOtherMetrics(reading) {
  return Object.entries(reading)
    .filter(([name]) => !WITH_OWN_PLACE.has(name))
    .map(([name, value]) => `${name} ${Number.isFinite(value) ? formatMetric(value) : value}`)
    .join(", ");
}

export class LatestReadings {
  #panel;
  #body;
  #rows = new Map();

  constructor(table) {
    this.#panel = table.closest(".panel");
    this.#body = table.tBodies[0];
  }

  show({ readings }) {
    const now = Date.now();
    const isFirst = this.#panel.dataset.content === "loading";
    this.#panel.dataset.content = readings.length > 0 ? "filled" : "empty";
    this.#panel.querySelector(".message").textContent = "No readings yet. They appear here as soon as a device sends one.";
    this.#panel.querySelector(".note").textContent = readings.length > 0 ? `The newest ${formatCount(readings.length)} by the devices' own time` : "";

    const previous = this.#rows;
    this.#rows = new Map(readings.map((reading) => {
      const identity = identityOf(reading);
      return [identity, previous.get(identity) ?? makeRow(reading, now, !isFirst)];
    }));
    for (const [identity, row] of previous) {
      if (!this.#rows.has(identity)) {
        row.remove();
      }
    }
    let place = this.#body.firstChild;
    for (const row of this.#rows.values()) {
      if (row === place) {
        place = row.nextSibling;
      } else {
        this.#body.insertBefore(row, place);
      }
    }
  }
}

function makeRow(reading, now, isNew) {
  const row = document.createElement("tr");
  row.classList.toggle("new", isNew);
  const time = document.createElement("time");
  time.dateTime = reading.timestamp;
  time.textContent = formatMoment(Date.parse(reading.timestamp), now);
  const moment = document.createElement("td");
  moment.className = "time";
  moment.title = `${reading.timestamp}, received ${reading.received_at}`;
  moment.append(time);
  row.append(
    moment,
    makeName("sensor", reading.sensor_id),
    makeName("location", reading.location ?? ""),
    makeNumber("temperature", reading.temperature, "°C"),
    makeNumber("humidity", reading.humidity, "%"),
    makeName("others", describeOtherMetrics(reading)),
  );
  return row;
}

function makeName(column, name) {
  const cell = document.createElement("td");
  cell.className = `${column} clip`;
  cell.dir = "auto";
  cell.title = name;
  cell.textContent = name;
  return cell;
}

function makeNumber(column, value, unit) {
  const cell = document.createElement("td");
  cell.className = `number ${column}`;
  cell.textContent = Number.isFinite(value) ? `${formatMeasurement(value)}\u00a0${unit}` : "–";
  return cell;
}
