/**
 * A table of readings in pages, sorted by time by the REST API, and within a page by any column.
 *
 *   const table = new ReadingsTable(section, { onOrder(order) { ... }, onFirst() { ... }, onNext(cursor) { ... } });
 *   table.show({ readings, metric: "temperature", order: "desc", next, isFirstPage: true, address, question });
 *
 * metric: the one whose column is next to the sensor, or undefined; address: URL of all readings as CSV; question: changes with the query
 * (update.js). Late readings show how late they arrived.
 */

import { element, nameCell, sensorCell } from "./elements.js";
import { identityOf } from "./figures.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { formatValue, namesOf, valueOf, valuesOf } from "./metrics.js";
import { Paging } from "./paging.js";
import { setText, update } from "./update.js";

const MOST_METRICS = 6;
/** Maximum delay in milliseconds of a reading that is not late. */
const LATE = 60000;

const byText = new Intl.Collator(undefined, { numeric: true }).compare;

/** How long after its own time a reading arrived, in milliseconds. */
const delayOf = (reading) => Date.parse(reading.received_at) - Date.parse(reading.timestamp);

/** Keys of metrics begin with "metric ", so that a metric named like another column has a distinct key. */
const TIME = { key: "time", name: "Time", className: "time", valueOf: (reading) => reading.timestamp, cell: timeCell };
const SENSOR = { key: "sensor", name: "Sensor", className: "sensor", valueOf: (reading) => reading.sensor_id, cell: (reading) => sensorCell(reading.sensor_id) };
const LOCATION = { key: "location", name: "Location", className: "location", valueOf: (reading) => reading.location ?? "", cell: (reading) => nameCell("location", reading.location) };
const ARRIVED = { key: "arrived", name: "Arrived", className: "arrived", valueOf: delayOf, cell: arrivalCell };

export class ReadingsTable {
  #section;
  #calls;
  #paging;
  #page = { readings: [] };
  /** The key of a column and a direction, or undefined for the order of the response. */
  #sorted;

  constructor(section, calls) {
    this.#section = section;
    this.#calls = calls;
    this.#paging = new Paging(section, calls);
    section.querySelector("thead").addEventListener("click", ({ target }) => {
      const heading = target.closest("button")?.closest("th");
      if (heading) {
        this.#sortBy(heading.dataset.key);
      }
    });
  }

  show(page) {
    this.#page = page;
    this.#draw();
  }

  #draw() {
    const { readings, metric, address, question } = this.#page;
    const columns = columnsOf(readings, metric);
    const sorted = columns.find(({ key }) => key === this.#sorted?.key);
    this.#section.dataset.content = readings.length > 0 ? "filled" : "empty";
    setText(this.#section.querySelector(".message"), "No readings in this period");
    setText(this.#section.querySelector(".note"), describe(this.#page, sorted));
    this.#paging.show(this.#page);
    this.#section.querySelector(".download").href = address;
    const headings = columns.map(({ key, name, className }) =>
      element("th", { key, scope: "col", className, ariaSort: this.#directionOf(key, sorted) }, element("button", { type: "button" }, name)));
    update(this.#section.querySelector("thead tr"), headings);
    update(this.#section.querySelector("tbody"), this.#inOrder(sorted).map((reading) =>
      element("tr", { key: identityOf(reading), className: delayOf(reading) > LATE ? "late" : "" }, ...columns.map((column) => column.cell(reading)))), { question });
  }

  #directionOf(key, sorted) {
    if (sorted) {
      return key === sorted.key ? this.#sorted.direction : "none";
    }
    return key !== TIME.key ? "none" : this.#page.order === "asc" ? "ascending" : "descending";
  }

  /** The API sorts by time, so that the first page has the newest or oldest of all readings; other columns sort within the page. */
  #sortBy(key) {
    const previous = this.#sorted;
    if (key === TIME.key) {
      this.#sorted = undefined;
      if (!previous) {
        this.#calls.onOrder(this.#page.order === "asc" ? "desc" : "asc");
      }
    } else {
      this.#sorted = { key, direction: previous?.key === key && previous.direction === "ascending" ? "descending" : "ascending" };
    }
    this.#draw();
  }

  #inOrder(sorted) {
    if (!sorted) {
      return this.#page.readings;
    }
    const sign = this.#sorted.direction === "ascending" ? 1 : -1;
    return [...this.#page.readings].sort((a, b) => sign * compare(sorted.valueOf(a), sorted.valueOf(b)));
  }
}

/** The chosen metric is next to the sensor, where a phone shows it without scrolling. */
function columnsOf(readings, chosen) {
  const metrics = shownMetrics(readings, chosen);
  const names = namesOf(metrics, [TIME, SENSOR, LOCATION, ARRIVED].map(({ name }) => name));
  const columns = metrics.map((metric) => ({
    key: `metric ${metric}`,
    name: names.label(metric),
    className: "number",
    valueOf: (reading) => valueOf(reading, metric),
    cell: (reading) => element("td", { className: "number" }, formatValue(metric, valueOf(reading, metric))),
  }));
  const leading = metrics.includes(chosen) ? columns.splice(0, 1) : [];
  return [TIME, SENSOR, ...leading, LOCATION, ...columns, ARRIVED];
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
    isFirstPage ? `The ${order === "asc" ? "oldest" : "newest"} ${formatCount(readings.length)}` : `The next ${formatCount(readings.length)}`,
    late > 0 ? `${formatCount(late)} arrived late` : undefined,
    sorted ? `this page is sorted by ${sorted.name}` : undefined,
  ].filter(Boolean).join(", ");
}

/**
 * Metrics that most of the readings have, because many kinds of sensors would need too many columns; led by the chosen one if any reading has
 * it. Pure.
 */
export function shownMetrics(readings, chosen) {
  const counts = new Map();
  for (const [metric] of readings.flatMap(valuesOf)) {
    counts.set(metric, (counts.get(metric) ?? 0) + 1);
  }
  const leading = counts.delete(chosen) ? [chosen] : [];
  const common = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_METRICS - leading.length).map(([metric]) => metric);
  return [...leading, ...common.sort()];
}

function timeCell(reading) {
  const time = element("time", { dateTime: reading.timestamp }, formatMoment(Date.parse(reading.timestamp), Date.now()));
  return element("td", { className: "time", title: reading.timestamp }, time);
}

function arrivalCell(reading) {
  const delay = delayOf(reading);
  return element("td", { className: "arrived", title: `received ${reading.received_at}` }, delay > LATE ? `${formatAge(delay)} late` : "on time");
}
