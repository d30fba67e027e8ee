/** One sensor: its open alerts, its current values, the history of each metric with its gaps, limits and alerts, and which readings arrived late. */

import { formatDuration } from "../components/alert-spans.js";
import { prepareCharts } from "../components/chart-theme.js";
import { Deleting } from "../components/deleting.js";
import { element } from "../components/elements.js";
import { currentValues } from "../components/figures.js";
import { formatAge, formatCount, formatMoment } from "../components/formatting.js";
import { gapsOf } from "../components/gaps.js";
import { formatNumber, formatValue, namesOf, unitOf } from "../components/metrics.js";
import { ReadingsTable } from "../components/readings-table.js";
import { addressOf, ask } from "../components/rest-api.js";
import { Retiring } from "../components/retiring.js";
import { askForAlerts, showOpenAlerts } from "../components/sensor-alerts.js";
import { oddities, stateBadge } from "../components/sensor-state.js";
import { spansOf, thresholdsOf } from "../components/thresholds.js";
import { pointsThatFit, TimeChart } from "../components/time-chart.js";
import { update } from "../components/update.js";
import { askForUsualSeries } from "../components/usual-series.js";
import { addressOfView, readView, spanOf, withSpan } from "../components/view-state.js";
import { startPage } from "../frame/page.js";

const PAGE = 50;
const MOST_CHARTS = 12;
const HOUR = 3600000;

const find = (selector) => document.querySelector(selector);

const form = find("#view");
const hasCharts = prepareCharts();
const charts = new Map();
let view = readView(location.search);
let metrics = [];
let isChosen = new URLSearchParams(location.search).has("from");

const [name] = view.sensors;
find("#sensor").textContent = name ?? "No sensor chosen";
document.title = `${name ?? "Sensor"} · Sensor Pipeline`;

const table = new ReadingsTable(find("#readings"), {
  onOrder: (order) => look({ ...view, order, cursor: undefined }),
  onFirst: () => look({ ...view, cursor: undefined }),
  onNext: (cursor) => look({ ...view, cursor }),
});

const retiring = new Retiring(find("#retire"), find("#retire-status"), () => page.askAnew());
const deleting = new Deleting(find("#delete"), () => page.askAnew());

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
  const [latest, page, alerting, ...series] = await Promise.all([
    ask("/data/latest", { sensor_id: name, limit: PAGE }, signal),
    ask("/data/readings", { sensor_id: name, order: view.order, limit: PAGE, cursor: view.cursor }, signal),
    askForAlerts({ sensor_id: name, from: spanOf(view, about.begun + about.clockDifference).from }, signal),
    ...sensor.metrics.slice(0, MOST_CHARTS).map((metric) => askForUsualSeries({ metric, sensor_id: name, from: view.from, points: pointsThatFit() }, signal)),
  ]);
  return {
    sensor,
    latest: latest.answer.data,
    page: page.answer,
    alerting,
    series: series.map((one, place) => ({ ...one, metric: sensor.metrics[place] })),
    begun: about.begun,
    clockDifference: about.clockDifference,
  };
}

/** A day, or less if the sensor is new. */
function usualRange(first, now) {
  return now - first > 6 * HOUR ? "-24h" : now - first > HOUR ? "-6h" : "-1h";
}

/** @return what is wrong with the URL, or undefined */
function show({ sensor, latest, page: readings, alerting, series, begun, clockDifference }) {
  document.querySelectorAll("#view, #open-alerts, #facts, #values, #charts, .charts-note, #readings").forEach((part) => { part.hidden = sensor === undefined; });
  if (!sensor) {
    const fact = name === undefined ? "" : "No readings of this sensor are stored. ";
    return [`${fact}Choose a sensor from the `, element("a", { href: "/sensors" }, "list of sensors"), "."];
  }
  metrics = sensor.metrics;
  find("#delete-readings").disabled = false;
  retiring.show(sensor);
  const names = namesOf(metrics);
  linkToExplore();
  showOpenAlerts(find("#open-alerts"), { alerts: alerting.alerts, counts: sensor.open_alerts, sensor_id: name, now: begun + clockDifference });
  showFacts(sensor, latest[0], begun + clockDifference);
  showValues(currentValues(latest), names, begun);
  for (const one of series) {
    showSeries(one, names, sensor, alerting);
  }
  table.show({
    readings: readings.data,
    order: view.order,
    next: readings.next,
    question: addressOfView(view),
    isFirstPage: view.cursor === undefined,
    address: addressOf("/data/readings", { sensor_id: name, order: view.order, format: "csv" }),
  });
  return undefined;
}

function linkToExplore() {
  find("#explore").href = `/explore${addressOfView({ ...view, metric: metrics.includes("temperature") ? undefined : metrics[0], cursor: undefined })}`;
}

function showFacts(sensor, newest, now) {
  const facts = [
    ["Status", stateBadge(sensor, now)],
    ...(sensor.retired_at ? [["Retired", formatMoment(Date.parse(sensor.retired_at), now)]] : []),
    ...oddities(sensor).map((text) => ["Unusual", text]),
    ["Location", sensor.location ?? "not given"],
    ["Last received", formatMoment(Date.parse(sensor.last_received), now)],
    ["Last reading", formatMoment(Date.parse(sensor.last_reading), now)],
    ["First reading", formatMoment(Date.parse(sensor.first_reading), now)],
    ["Readings", formatCount(sensor.readings)],
    ...Object.entries(newest?.attributes ?? {}).map(([attribute, value]) => [attribute, typeof value === "string" ? value : JSON.stringify(value)]),
  ];
  find("#facts").dataset.content = "filled";
  update(find("#facts"), facts.map(([term, value]) =>
    element("div", {}, element("dt", {}, element("bdi", {}, term)), element("dd", { dir: "auto" }, value))));
}

function showValues(values, names, now) {
  update(find("#values"), [...values].map(([metric, { value, timestamp }]) => {
    const figure = element("p", { className: "value", title: formatValue(metric, value) }, Number.isFinite(value) ? formatNumber(metric, value) : formatValue(metric, value));
    if (unitOf(metric)) {
      figure.append(element("span", { className: "unit" }, `\u00a0${unitOf(metric)}`));
    }
    return element(
      "article", { key: metric, className: "card" },
      element("h2", { dir: "auto" }, names.label(metric)), figure,
      element("p", { className: "detail" }, `at ${formatMoment(Date.parse(timestamp), now)}`),
    );
  }));
}

function showSeries({ metric, answer, figures, problem }, names, { location: place }, { alerts, rules, isPart }) {
  if (!hasCharts) {
    return;
  }
  if (!charts.has(metric)) {
    charts.set(metric, addChart(names.label(metric), metric));
  }
  if (problem) {
    charts.get(metric).showEmpty(problem);
    return;
  }
  const { interval, to, data } = answer;
  // A sensor is one line even if it was at several locations.
  const points = data.length > 0 ? data[0].points : [];
  const spans = spansOf(alerts, { metric, rules });
  charts.get(metric).show(answer, {
    lines: [{ name, points }],
    figures,
    note: [`Every ${formatDuration(interval)}`, describeGaps(gapsOf(points, to)), isPart && spans.length > 0 && `the newest ${formatCount(alerts.length)} alerts`].filter(Boolean).join(", "),
    thresholds: thresholdsOf(rules, { metric, sensor_id: name, location: place }),
    alerts: spans,
  });
}

function describeGaps(gaps) {
  if (gaps.length === 0) {
    return undefined;
  }
  const longest = formatAge(Math.max(...gaps));
  return gaps.length === 1 ? `1 gap of ${longest}` : `${formatCount(gaps.length)} gaps of up to ${longest}`;
}

function addChart(label, metric) {
  const canvas = element("canvas", { role: "img", ariaLabel: `Line chart of ${label} over time; the table that follows has its values` });
  const figure = element(
    "figure", { className: "panel" },
    element("figcaption", {}, element("h2", { dir: "auto" }, label), element("p", { className: "note" })),
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
  page.askAnew();
}

function showRange() {
  const { range } = form.elements;
  if (![...range.options].some((option) => option.value === view.from)) {
    range.append(element("option", { value: view.from }, `Since ${view.from}`));
  }
  range.value = view.from;
}

showRange();
form.elements.range.addEventListener("change", ({ target }) => look({ ...view, from: target.value }));
find("#delete-readings").addEventListener("click", () => deleting.open({ sensor: name, metrics, labelOf: namesOf(metrics).label, ...spanOf(view, Date.now()) }));
const page = startPage({ ask: askForAll, show });
