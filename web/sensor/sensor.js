/** One sensor: what it measures now, the history of each of its metrics, when it was silent, and what came late. */

import { applyTheme } from "../components/chart-theme.js";
import { ConnectionStatus } from "../frame/connection-status.js";
import { element } from "../components/elements.js";
import { formatAge, formatCount, formatMoment } from "../components/formatting.js";
import { formatNumber, formatValue, labelOf, unitOf, valuesOf } from "../components/metrics.js";
import { startPage, tellFailure } from "../frame/page.js";
import { Polling } from "../components/polling.js";
import { ReadingsTable } from "../components/readings-table.js";
import { addressOf, ask } from "../components/rest-api.js";
import { pointsThatFit, TimeChart } from "../components/time-chart.js";
import { addressOfView, readView, withSpan } from "../components/view-state.js";

const PAGE = 50;
const MOST_CHARTS = 12;
const HOUR = 3600000;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const find = (selector) => document.querySelector(selector);

startPage();
const form = find("#view");
const status = new ConnectionStatus(find("#status"));
const charts = new Map();
let view = readView(location.search);
let metrics = [];
let isChosen = new URLSearchParams(location.search).has("from");

const [name] = view.sensors;
find("#sensor").textContent = name ?? "No sensor chosen";
document.title = `${name ?? "Sensor"} · Sensor Pipeline`;

if (window.Chart) {
  applyTheme();
}

const table = new ReadingsTable(find("#readings"), {
  onOrder: (order) => look({ ...view, order, cursor: undefined }),
  onFirst: () => look({ ...view, cursor: undefined }),
  onNext: (cursor) => look({ ...view, cursor }),
});

async function askForAll(signal) {
  if (name === undefined) {
    return { begun: Date.now(), clockDifference: 0 };
  }
  const about = await ask("/sensors", { sensor_id: name }, signal);
  const [sensor] = about.answer.data;
  if (!sensor) {
    return { begun: about.begun, clockDifference: about.clockDifference };
  }
  if (!isChosen) {
    view = { ...view, from: usualRange(Date.parse(sensor.first_reading), about.begun + about.clockDifference) };
    showRange();
  }
  const [latest, page, ...series] = await Promise.all([
    ask("/data/latest", { sensor_id: name, limit: PAGE }, signal),
    ask("/data/readings", { sensor_id: name, order: view.order, limit: PAGE, cursor: view.cursor }, signal),
    ...sensor.metrics.slice(0, MOST_CHARTS).map((metric) => ask("/data/series", { metric, sensor_id: name, from: view.from, points: pointsThatFit(), tz: ZONE }, signal)),
  ]);
  return {
    sensor,
    latest: latest.answer.data,
    page: page.answer,
    series: series.map((one) => one.answer),
    begun: about.begun,
    clockDifference: about.clockDifference,
  };
}

/** Sensors may send some metrics seldom: the newest value of each, with its time. Pure. */
export function currentValues(readings) {
  const values = new Map();
  for (const reading of readings) {
    for (const [metric, value] of valuesOf(reading)) {
      if (!values.has(metric)) {
        values.set(metric, { value, timestamp: reading.timestamp });
      }
    }
  }
  return values;
}

/** A day, or less of a sensor that is new. */
function usualRange(first, now) {
  return now - first > 6 * HOUR ? "-24h" : now - first > HOUR ? "-6h" : "-1h";
}

function show({ sensor, latest, page, series, begun, clockDifference }) {
  find("#main").ariaBusy = "false";
  find("#problem").hidden = sensor !== undefined;
  document.querySelectorAll("#view, #facts, #values, #charts, .charts-note, #readings").forEach((part) => { part.hidden = sensor === undefined; });
  if (!sensor) {
    find("#problem").textContent = name === undefined ? "Choose a sensor from the list of sensors." : "No reading of this sensor is stored.";
    return;
  }
  metrics = sensor.metrics;
  linkToExplore();
  showFacts(sensor, latest[0], begun + clockDifference);
  showValues(currentValues(latest), begun);
  for (const answer of series) {
    showSeries(answer);
  }
  table.show({
    readings: page.data,
    order: view.order,
    next: page.next,
    isFirstPage: view.cursor === undefined,
    address: addressOf("/data/readings", { sensor_id: name, order: view.order, format: "csv" }),
  });
}

function linkToExplore() {
  find("#explore").href = `/explore${addressOfView({ ...view, metric: metrics.includes("temperature") ? undefined : metrics[0], cursor: undefined })}`;
}

function showFacts(sensor, newest, now) {
  const last = Date.parse(sensor.last_reading);
  const state = sensor.status === "silent" ? `silent for ${formatAge(now - last)}` : "online";
  const facts = [
    ["Status", element("span", { className: `badge ${sensor.status}` }, state)],
    ["Location", sensor.location ?? "none given"],
    ["Last seen", formatMoment(last, now)],
    ["First seen", formatMoment(Date.parse(sensor.first_reading), now)],
    ["Readings", formatCount(sensor.readings)],
    ...Object.entries(newest?.attributes ?? {}).map(([attribute, value]) => [attribute, typeof value === "string" ? value : JSON.stringify(value)]),
  ];
  find("#facts").dataset.content = "filled";
  find("#facts").replaceChildren(...facts.map(([term, value]) =>
    element("div", {}, element("dt", {}, element("bdi", {}, term)), element("dd", { dir: "auto" }, value))));
}

function showValues(values, now) {
  find("#values").replaceChildren(...[...values].map(([metric, { value, timestamp }]) => {
    const figure = element("p", { className: "value" }, Number.isFinite(value) ? formatNumber(metric, value) : formatValue(metric, value));
    if (unitOf(metric)) {
      figure.append(element("span", { className: "unit" }, `\u00a0${unitOf(metric)}`));
    }
    return element(
      "article", { className: "card" },
      element("h2", { dir: "auto" }, labelOf(metric)), figure,
      element("p", { className: "detail" }, `at ${formatMoment(Date.parse(timestamp), now)}`),
    );
  }));
}

/** A gap in the line is a time without a reading. */
function showSeries(answer) {
  if (!window.Chart) {
    return;
  }
  const { metric, interval, data } = answer;
  if (!charts.has(metric)) {
    charts.set(metric, addChart(metric));
  }
  // A sensor that was at several locations is still one.
  const points = data.length > 0 ? data[0].points : [];
  const empty = points.filter((point) => point.count === 0).length;
  const gaps = empty > 0 ? `, without a reading in ${formatCount(empty)} of ${formatCount(points.length)}` : "";
  charts.get(metric).show(answer, { lines: [{ name, points }], note: `Every ${interval}${gaps}` });
}

function addChart(metric) {
  const canvas = element("canvas", { role: "img", ariaLabel: `Line chart of ${labelOf(metric)} over time; its values are in the table that follows` });
  const figure = element(
    "figure", { className: "panel" },
    element("figcaption", {}, element("h2", { dir: "auto" }, labelOf(metric)), element("p", { className: "note" })),
    element("div", { className: "plot" }, canvas, element("p", { className: "message" })),
    element("div", { className: "values visually-hidden" }),
  );
  figure.dataset.content = "loading";
  find("#charts").append(figure);
  return new TimeChart(canvas, {
    onZoom(from, to) {
      location.href = `/explore${addressOfView({ ...withSpan(view, from, to), metric })}`;
    },
  });
}

function look(wanted) {
  isChosen = true;
  view = wanted;
  history.replaceState(null, "", addressOfView(view));
  linkToExplore();
  find("#main").ariaBusy = "true";
  polling.askAnew();
}

function showRange() {
  const { range } = form.elements;
  if (![...range.options].some((option) => option.value === view.from)) {
    range.append(element("option", { value: view.from }, `since ${view.from}`));
  }
  range.value = view.from;
}

const polling = new Polling({
  ask: askForAll,
  onAnswer(answered) {
    // What this one sensor does not send is told beside its name; the page is up to date all the same.
    status.answered({ newestArrival: null, clockDifference: answered.clockDifference, begun: answered.begun });
    show(answered);
  },
  onFailure: (error) => tellFailure(status, error),
  onReturn: () => status.loading(),
});

showRange();
form.elements.range.addEventListener("change", ({ target }) => look({ ...view, from: target.value }));
polling.start();
