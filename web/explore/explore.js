/**
 * Explore: one metric over any period, for all sensors, or to compare locations or sensors; and the underlying readings. The view is
 * stored in the URL, and every change adds an entry to the browser's history.
 */

import { formatDuration } from "../components/alert-spans.js";
import { figuresOf } from "../components/chart-figures.js";
import { prepareCharts } from "../components/chart-theme.js";
import { loadMetrics } from "../components/declared-metrics.js";
import { element } from "../components/elements.js";
import { newestArrival } from "../components/figures.js";
import { metricsOf, namesOf } from "../components/metrics.js";
import { Picker } from "../components/picker.js";
import { ReadingsTable } from "../components/readings-table.js";
import { addressOf, ask } from "../components/rest-api.js";
import { askForAlerts } from "../components/sensor-alerts.js";
import { spansOf } from "../components/thresholds.js";
import { pointsThatFit, TimeChart } from "../components/time-chart.js";
import { setText, update } from "../components/update.js";
import { addressOfView, isLive, localTime, moved, readView, spanOf, withSpan } from "../components/view-state.js";
import { askForSeries, zone } from "../components/zone.js";
import { startPage } from "../frame/page.js";

const PAGE = 50;
const MOST_LINES = 9;
/** New metrics are rare: the list is requested once a minute. */
const KNOWN_FOR = 60000;
const MOST_OFFERED = 50;
const RANGES = new Set(["-15m", "-1h", "-6h", "-24h", "-7d", "-30d"]);

const find = (selector) => document.querySelector(selector);

const form = find("#view");
let view = readView(location.search);
let known = [];
let knownAt = 0;

const chart = prepareCharts() ? new TimeChart(find("#chart-series"), { onZoom: (from, to) => change(withSpan(view, from, to)) }) : undefined;

const table = new ReadingsTable(find("#readings"), {
  onOrder: (order) => change({ ...view, order, cursor: undefined }),
  onFirst: () => change({ ...view, cursor: undefined }),
  onNext: (cursor) => change(fixed({ ...view, cursor })),
});

const sensors = new Picker(find("#sensors"), {
  one: "sensor",
  all: "All sensors",
  async find(search) {
    const { answer } = await ask("/sensors", { search, limit: MOST_OFFERED, location: view.locations });
    return Object.assign(answer.data.map((sensor) => sensor.sensor_id), { hasMore: answer.next !== null });
  },
  onChange: (chosen) => change({ ...view, sensors: chosen, cursor: undefined }),
});

const locations = new Picker(find("#locations"), {
  one: "location",
  all: "All locations",
  async find(search) {
    const { answer } = await ask("/locations", { search, limit: MOST_OFFERED });
    return Object.assign(answer.data.map((row) => row.location), { hasMore: answer.next !== null });
  },
  onChange: (chosen) => change({ ...view, locations: chosen, cursor: undefined }),
});

/** A period that ends now is frozen when its first page is left, so that further pages do not shift. */
function fixed(wanted) {
  const { from, to } = spanOf(wanted, Date.now());
  return { ...withSpan(wanted, from, to), cursor: wanted.cursor };
}

/** A line for each selected sensor or location, or else one for all. */
function linesOf({ sensors: chosenSensors, locations: chosenLocations }) {
  return chosenSensors.length > 0 ? "sensor" : chosenLocations.length > 0 ? "location" : "all";
}

function questions() {
  const filters = { from: view.from, to: view.to, sensor_id: view.sensors, location: view.locations };
  const metric = view.metric ?? known[0];
  return {
    series: { ...filters, metric, by: linesOf(view), agg: figuresOf(view.figure, metric).agg, points: pointsThatFit() },
    // Until a metric is chosen, the readings are shown with all that they have.
    readings: { ...filters, metric: view.metric, order: view.order },
  };
}

async function askForAll(signal) {
  if (known.length === 0 || performance.now() - knownAt > KNOWN_FOR) {
    const { answer } = await ask("/data/stats", { hours: 1, limit: 1 }, signal);
    known = usualFirst(metricsOf(answer.data.overall));
    knownAt = performance.now();
  }
  // Of directions another figure is shown.
  await loadMetrics();
  const { series, readings } = questions();
  const span = spanOf(view, Date.now());
  const [points, page, alerting] = await Promise.all([
    series.metric ? askForSeries(series, signal) : undefined,
    ask("/data/readings", { ...readings, limit: PAGE, cursor: view.cursor }, signal),
    // Of several sensors, it would not be seen whose alerts they are.
    view.sensors.length === 1 ? askForAlerts({ sensor_id: view.sensors[0], from: span.from, to: view.to && span.to }, signal) : undefined,
  ]);
  return { series: points?.answer, alerting, page: page.answer, begun: page.begun, clockDifference: page.clockDifference };
}

const usualFirst = (metrics) => [...metrics.filter((metric) => metric === "temperature"), ...metrics.filter((metric) => metric !== "temperature")];

function show({ series, alerting, page: readings }) {
  const names = namesOf(view.metric && !known.includes(view.metric) ? [view.metric, ...known] : known);
  offerMetrics(names);
  if (series) {
    const lines = series.data.map((line) => ({ name: nameOf(line, series.data), points: line.points }));
    const shown = lines.slice(0, MOST_LINES);
    setText(find(".panel.wide h2"), `${names.label(series.metric)} over time`);
    if (known.includes(series.metric)) {
      chart?.show(series, { lines: shown, note: describe(series, lines.length, alerting), figures: figuresOf(view.figure, series.metric), alerts: alerting && spansOf(alerting.alerts, { metric: series.metric, rules: alerting.rules }) });
    } else {
      chart?.showEmpty(`No reading has the metric "${series.metric}"`);
    }
    showLegend(shown);
  } else {
    chart?.showEmpty("No readings yet");
  }
  const asked = questions();
  find("figure .download").href = addressOf("/data/series", { ...asked.series, tz: zone(), format: "csv" });
  table.show({
    readings: readings.data,
    metric: asked.series.metric,
    order: view.order,
    next: readings.next,
    question: addressOfView(view),
    isFirstPage: view.cursor === undefined,
    address: addressOf("/data/readings", { ...asked.readings, format: "csv" }),
  });
}

function nameOf({ sensor_id: sensor, location: place }, all) {
  if (sensor === undefined) {
    return place === undefined ? "All sensors" : place ?? "No location";
  }
  const isAtSeveral = all.filter((line) => line.sensor_id === sensor).length > 1;
  return isAtSeveral ? `${sensor} at ${place ?? "no location"}` : sensor;
}

function describe({ interval }, count, alerting) {
  const lines = count > MOST_LINES ? `, ${MOST_LINES} of ${count} lines` : "";
  return `Every ${formatDuration(interval)}${lines}${alerting?.isPart ? ", the newest alerts" : ""}`;
}

function showLegend(lines) {
  find(".lines").hidden = lines.length < 2;
  update(find(".lines"), lines.map(({ name }, index) => {
    const entry = element("li", { key: name }, element("span", { className: "clip", dir: "auto", title: name }, name));
    entry.dataset.slice = index + 1;
    return entry;
  }));
}

function offerMetrics(names) {
  const select = form.elements.metric;
  const offered = view.metric && !known.includes(view.metric) ? [view.metric, ...known] : known;
  update(select, offered.map((metric) => element("option", { key: metric, value: metric }, names.label(metric))));
  select.value = view.metric ?? known[0] ?? "";
}

/** Updates the form from the view. */
function showForm() {
  const { range, from, to, figure } = form.elements;
  figure.value = view.figure ?? "average";
  const isCustom = view.to !== undefined || !RANGES.has(view.from);
  range.value = isCustom ? "custom" : view.from;
  find(".custom-range").hidden = !isCustom;
  const span = spanOf(view, Date.now());
  from.value = localTime(span.from);
  to.value = localTime(span.to);
  sensors.choose(view.sensors);
  locations.choose(view.locations);
}

function change(wanted) {
  if (addressOfView(wanted) !== addressOfView(view)) {
    history.pushState(null, "", addressOfView(wanted));
    look(wanted);
  }
}

function look(wanted) {
  view = wanted;
  showForm();
  page.askAnew();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.elements.metric.addEventListener("change", ({ target }) => change({ ...view, metric: target.value }));
form.elements.figure.addEventListener("change", ({ target }) => change({ ...view, figure: target.value === "average" ? undefined : target.value }));
form.elements.range.addEventListener("change", ({ target }) => {
  if (target.value === "custom") {
    find(".custom-range").hidden = false;
    form.elements.from.focus();
  } else {
    change({ ...view, from: target.value, to: undefined, cursor: undefined });
  }
});
form.elements.apply.addEventListener("click", () => {
  const [from, to] = [form.elements.from.value, form.elements.to.value].map((text) => new Date(text).getTime());
  if (from < to) {
    change(withSpan(view, from, to));
  } else {
    page.showProblem("The start must be before the end. Enter both with date and time.");
  }
});
form.elements.earlier.addEventListener("click", () => change(moved(view, Date.now(), -0.5, 1)));
form.elements.later.addEventListener("click", () => change(moved(view, Date.now(), 0.5, 1)));
form.elements["zoom-in"].addEventListener("click", () => change(moved(view, Date.now(), 0, 0.5)));
form.elements["zoom-out"].addEventListener("click", () => change(moved(view, Date.now(), 0, 2)));
form.elements.reset.addEventListener("click", () => change({ ...view, sensors: [], locations: [], cursor: undefined }));
addEventListener("popstate", () => look(readView(location.search)));

showForm();
const page = startPage({
  ask: askForAll,
  show,
  newestArrival: (answer) => (linesOf(view) === "all" && isLive(view) && view.order === "desc" ? newestArrival(answer.page.data) : null),
});
