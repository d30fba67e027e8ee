/**
 * Explore: a metric over a time that people choose, of all sensors, of some locations or of some sensors beside each other; and the readings
 * behind it. What is looked at stands in the address, and every change of it is a step to go back.
 */

import { applyTheme } from "../components/chart-theme.js";
import { ConnectionStatus } from "../frame/connection-status.js";
import { element } from "../components/elements.js";
import { newestArrival } from "../components/figures.js";
import { labelOf, metricsOf } from "../components/metrics.js";
import { startPage, tellFailure } from "../frame/page.js";
import { Picker } from "../components/picker.js";
import { Polling } from "../components/polling.js";
import { ReadingsTable } from "../components/readings-table.js";
import { addressOf, ask } from "../components/rest-api.js";
import { pointsThatFit, TimeChart } from "../components/time-chart.js";
import { addressOfView, isLive, moved, readView, spanOf, withSpan } from "../components/view-state.js";

const PAGE = 50;
const MOST_LINES = 9;
/** New metrics are seldom: they are looked for once a minute. */
const KNOWN_FOR = 60000;
const MOST_OFFERED = 50;
const RANGES = new Set(["-15m", "-1h", "-6h", "-24h", "-7d", "-30d"]);
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const find = (selector) => document.querySelector(selector);

startPage();
const form = find("#view");
const problem = find("#problem");
const status = new ConnectionStatus(find("#status"));
let view = readView(location.search);
let known = [];
let knownAt = 0;
let places = [];

if (window.Chart) {
  applyTheme();
}
const chart = window.Chart && new TimeChart(find("#chart-series"), { onZoom: (from, to) => change(withSpan(view, from, to)) });

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
    if (search === "") {
      const { answer } = await ask("/data/stats", { hours: 1, limit: 10000 });
      places = answer.data.by_location.map((row) => row.location).filter((name) => name !== null);
    }
    const names = places.filter((name) => name.toLocaleLowerCase().includes(search.toLocaleLowerCase()));
    return Object.assign(names.slice(0, MOST_OFFERED), { hasMore: names.length > MOST_OFFERED });
  },
  onChange: (chosen) => change({ ...view, locations: chosen, cursor: undefined }),
});

/** The pages of "the last hour" would move on while they are turned: they are of the time at which the first was left. */
function fixed(wanted) {
  const { from, to } = spanOf(wanted, Date.now());
  return { ...withSpan(wanted, from, to), cursor: wanted.cursor };
}

/** Lines beside each other where some were chosen, else one of all. */
function linesOf({ sensors: chosenSensors, locations: chosenLocations }) {
  return chosenSensors.length > 0 ? "sensor" : chosenLocations.length > 0 ? "location" : "all";
}

function questions() {
  const filters = { from: view.from, to: view.to, sensor_id: view.sensors, location: view.locations };
  return {
    series: { ...filters, metric: view.metric ?? known[0], by: linesOf(view), points: pointsThatFit(), tz: ZONE },
    readings: { ...filters, order: view.order },
  };
}

async function askForAll(signal) {
  if (known.length === 0 || performance.now() - knownAt > KNOWN_FOR) {
    const { answer } = await ask("/data/stats", { hours: 1, limit: 1 }, signal);
    known = usualFirst(metricsOf(answer.data.overall));
    knownAt = performance.now();
  }
  const { series, readings } = questions();
  const [points, page] = await Promise.all([
    series.metric ? ask("/data/series", series, signal) : undefined,
    ask("/data/readings", { ...readings, limit: PAGE, cursor: view.cursor }, signal),
  ]);
  return { series: points?.answer, page: page.answer, begun: page.begun, clockDifference: page.clockDifference };
}

const usualFirst = (metrics) => [...metrics.filter((metric) => metric === "temperature"), ...metrics.filter((metric) => metric !== "temperature")];

function show({ series, page }) {
  problem.hidden = true;
  offerMetrics();
  if (series) {
    const lines = series.data.map((line) => ({ name: nameOf(line, series.data), points: line.points }));
    const shown = lines.slice(0, MOST_LINES);
    find(".panel.wide h2").textContent = `${labelOf(series.metric)} over time`;
    if (known.includes(series.metric)) {
      chart?.show(series, { lines: shown, note: describe(series, lines.length) });
    } else {
      chart?.showEmpty(`No reading has a metric "${series.metric}"`);
    }
    showLegend(shown);
  } else {
    chart?.showEmpty("No readings yet");
  }
  const asked = questions();
  find("figure .download").href = addressOf("/data/series", { ...asked.series, format: "csv" });
  table.show({
    readings: page.data,
    order: view.order,
    next: page.next,
    isFirstPage: view.cursor === undefined,
    address: addressOf("/data/readings", { ...asked.readings, format: "csv" }),
  });
  find("#main").ariaBusy = "false";
}

function nameOf({ sensor_id: sensor, location: place }, all) {
  if (sensor === undefined) {
    return place === undefined ? "All sensors" : place ?? "No location";
  }
  const isAtSeveral = all.filter((line) => line.sensor_id === sensor).length > 1;
  return isAtSeveral ? `${sensor} at ${place ?? "no location"}` : sensor;
}

function describe({ interval }, count) {
  const lines = count > MOST_LINES ? `, ${MOST_LINES} of ${count} lines` : "";
  return `Every ${interval}${lines}`;
}

function showLegend(lines) {
  find(".lines").hidden = lines.length < 2;
  find(".lines").replaceChildren(...lines.map(({ name }, index) => {
    const entry = element("li", {}, element("span", { className: "clip", dir: "auto", title: name }, name));
    entry.dataset.slice = index + 1;
    return entry;
  }));
}

function offerMetrics() {
  const select = form.elements.metric;
  const names = view.metric && !known.includes(view.metric) ? [view.metric, ...known] : known;
  if ([...select.options].map((option) => option.value).join("\n") !== names.join("\n")) {
    select.replaceChildren(...names.map((metric) => element("option", { value: metric }, labelOf(metric))));
  }
  select.value = view.metric ?? known[0] ?? "";
}

/** The form says what the address says. */
function showForm() {
  const { range, from, to } = form.elements;
  const isCustom = view.to !== undefined || !RANGES.has(view.from);
  range.value = isCustom ? "custom" : view.from;
  find(".custom-range").hidden = !isCustom;
  const span = spanOf(view, Date.now());
  from.value = localTime(span.from);
  to.value = localTime(span.to);
  sensors.choose(view.sensors);
  locations.choose(view.locations);
}

/** As <input type="datetime-local"> has it. */
function localTime(time) {
  const date = new Date(time);
  return Number.isNaN(time) ? "" : new Date(time - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
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
  find("#main").ariaBusy = "true";
  polling.askAnew();
}

const polling = new Polling({
  ask: askForAll,
  onAnswer(answer) {
    status.answered({ newestArrival: linesOf(view) === "all" && isLive(view) && view.order === "desc" ? newestArrival(answer.page.data) : null, clockDifference: answer.clockDifference, begun: answer.begun });
    show(answer);
  },
  onFailure: (error) => tellFailure(status, error),
  onReturn: () => status.loading(),
});

form.addEventListener("submit", (event) => event.preventDefault());
form.elements.metric.addEventListener("change", ({ target }) => change({ ...view, metric: target.value }));
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
    problem.textContent = "The start must be before the end; choose both with day and time.";
    problem.hidden = false;
  }
});
form.elements.earlier.addEventListener("click", () => change(moved(view, Date.now(), -0.5, 1)));
form.elements.later.addEventListener("click", () => change(moved(view, Date.now(), 0.5, 1)));
form.elements["zoom-in"].addEventListener("click", () => change(moved(view, Date.now(), 0, 0.5)));
form.elements["zoom-out"].addEventListener("click", () => change(moved(view, Date.now(), 0, 2)));
form.elements.reset.addEventListener("click", () => change({ ...view, sensors: [], locations: [], cursor: undefined }));
addEventListener("popstate", () => look(readView(location.search)));

showForm();
polling.start();
