/**
 * A table of readings in pages, sorted by time by the REST API, and within a page by whatever column people choose.
 *
 *   const table = new ReadingsTable(section, { onOrder(order) { ... }, onFirst() { ... }, onNext(cursor) { ... } });
 *   table.show({ readings, order: "desc", next, isFirstPage: true, address });      address: of all of them as CSV
 *
 * Late readings say how late they came.
 */

import { element, nameCell } from "./elements.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { sensorCell } from "./latest-readings.js";
import { formatValue, labelOf, valuesOf } from "./metrics.js";

const MOST_METRICS = 6;
/** Less is the way from a device to the store. */
const LATE = 60000;

const byText = new Intl.Collator(undefined, { numeric: true }).compare;

/** How long after its own time a reading arrived, in milliseconds. */
const delayOf = (reading) => Date.parse(reading.received_at) - Date.parse(reading.timestamp);

export class ReadingsTable {
  #section;
  #calls;
  #page = { readings: [] };
  /** A column of the page and its direction, or undefined while the page is in the order of the answer. */
  #sorted;

  constructor(section, calls) {
    this.#section = section;
    this.#calls = calls;
    section.querySelector(".first-page").addEventListener("click", () => calls.onFirst());
    section.querySelector(".next-page").addEventListener("click", () => calls.onNext(this.#page.next));
  }

  show(page) {
    this.#page = page;
    this.#draw();
  }

  #draw() {
    const { readings, order, next, isFirstPage, address } = this.#page;
    this.#section.dataset.content = readings.length > 0 ? "filled" : "empty";
    this.#section.querySelector(".message").textContent = "No readings in this time";
    this.#section.querySelector(".note").textContent = describe(this.#page, this.#sorted);
    this.#section.querySelector(".first-page").disabled = isFirstPage;
    this.#section.querySelector(".next-page").disabled = next === null;
    this.#section.querySelector(".download").href = address;
    const metrics = commonMetrics(readings);
    const columns = [
      { name: "Time", className: "time", valueOf: (reading) => reading.timestamp, cell: timeCell },
      { name: "Sensor", className: "sensor", valueOf: (reading) => reading.sensor_id, cell: (reading) => sensorCell(reading.sensor_id) },
      { name: "Location", className: "location", valueOf: (reading) => reading.location ?? "", cell: (reading) => nameCell("location", reading.location) },
      ...metrics.map((metric) => ({
        name: labelOf(metric),
        className: "number",
        valueOf: (reading) => reading[metric],
        cell: (reading) => element("td", { className: "number" }, formatValue(metric, reading[metric])),
      })),
      { name: "Arrived", className: "arrived", valueOf: delayOf, cell: arrivalCell },
    ];
    this.#section.querySelector("thead").replaceChildren(element("tr", {}, ...columns.map((column) => this.#heading(column, order))));
    this.#section.querySelector("tbody").replaceChildren(...this.#inOrder(columns).map((reading) =>
      element("tr", { className: delayOf(reading) > LATE ? "late" : "" }, ...columns.map((column) => column.cell(reading)))));
  }

  /** Time is sorted by the API, so that the first page has the newest of all, or the oldest; the others sort what is shown. */
  #heading({ name, className }, order) {
    const isTime = name === "Time";
    const direction = this.#sorted ? this.#sorted.name === name && this.#sorted.direction : isTime && (order === "asc" ? "ascending" : "descending");
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      const reversed = direction === "ascending" ? "descending" : "ascending";
      if (isTime) {
        const wasSorted = this.#sorted;
        this.#sorted = undefined;
        return wasSorted ? this.#draw() : this.#calls.onOrder(order === "asc" ? "desc" : "asc");
      }
      this.#sorted = { name, direction: reversed };
      this.#draw();
      return this.#focus(name);
    });
    return element("th", { scope: "col", className, ariaSort: direction || "none" }, button);
  }

  #focus(name) {
    [...this.#section.querySelectorAll("th button")].find((button) => button.textContent === name)?.focus();
  }

  #inOrder(columns) {
    const column = columns.find(({ name }) => name === this.#sorted?.name);
    if (!column) {
      return this.#page.readings;
    }
    const sign = this.#sorted.direction === "ascending" ? 1 : -1;
    return [...this.#page.readings].sort((a, b) => sign * compare(column.valueOf(a), column.valueOf(b)));
  }
}

function compare(a, b) {
  if (typeof a === "string") {
    return byText(a, b);
  }
  return (a ?? -Infinity) - (b ?? -Infinity) || 0;
}

function describe({ readings, order, isFirstPage }, sorted) {
  if (readings.length === 0) {
    return "";
  }
  const late = readings.filter((reading) => delayOf(reading) > LATE).length;
  return [
    isFirstPage ? `The ${order === "asc" ? "oldest" : "newest"} ${formatCount(readings.length)}` : `${formatCount(readings.length)} further ones`,
    late > 0 ? `${formatCount(late)} came late` : undefined,
    sorted ? `sorted by ${sorted.name.toLocaleLowerCase()} within this page` : undefined,
  ].filter(Boolean).join(", ");
}

/** Those that most of the readings have; a page of many kinds of sensors would have no end of columns. */
function commonMetrics(readings) {
  const counts = new Map();
  for (const [metric] of readings.flatMap(valuesOf)) {
    counts.set(metric, (counts.get(metric) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_METRICS).map(([metric]) => metric).sort();
}

function timeCell(reading) {
  const time = element("time", { dateTime: reading.timestamp }, formatMoment(Date.parse(reading.timestamp), Date.now()));
  return element("td", { className: "time", title: reading.timestamp }, time);
}

function arrivalCell(reading) {
  const delay = delayOf(reading);
  return element("td", { className: "arrived", title: `received ${reading.received_at}` }, delay > LATE ? `${formatAge(delay)} late` : "at once");
}
