/**
 * The overview: one round of questions feeds every component, so that all of them show the same moment; readings that are told in between
 * go to the table at once. Each component has `show(...)` and knows nothing of the others.
 *
 * The address says which metrics are shown: /?metric=co2&metric=humidity
 */

import { applyTheme } from "../components/chart-theme.js";
import { ConnectionStatus } from "../frame/connection-status.js";
import { element } from "../components/elements.js";
import { EventDistribution } from "../components/event-distribution.js";
import { newestArrival, newestOf, trendRange } from "../components/figures.js";
import { LatestReadings } from "../components/latest-readings.js";
import { followStream } from "../components/live-stream.js";
import { labelOf, metricsOf } from "../components/metrics.js";
import { startPage } from "../frame/page.js";
import { Polling } from "../components/polling.js";
import { ask } from "../components/rest-api.js";
import { SensorBarChart } from "../components/sensor-bar-chart.js";
import { StatisticsCards } from "../components/statistics-cards.js";
import { pointsThatFit, TimeChart } from "../components/time-chart.js";
import { addressOfView, readView, withSpan } from "../components/view-state.js";

const MOST_SENSORS = 30;
const MOST_READINGS = 50;
const USUAL = ["temperature", "humidity"];
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const find = (selector) => document.querySelector(selector);

startPage();
const status = new ConnectionStatus(find("#status"));
const cards = new StatisticsCards(find(".cards"));
const table = new LatestReadings(find("#latest-readings"));
const charts = makeCharts();
const choice = find("#metrics");

let wanted = new URLSearchParams(location.search).getAll("metric");
/** What the trend was asked for, or will most likely be: so it need not wait for the other answers. */
let expected = { metric: wanted[0] ?? USUAL[0], from: "-24h" };
let readings = [];
let answer;

/** Without its chart library the page still shows figures and readings. */
function makeCharts() {
  if (!window.Chart) {
    for (const message of document.querySelectorAll(".plot .message")) {
      message.textContent = "The chart library could not be loaded. Reload the page to try again.";
      message.closest(".panel").dataset.content = "empty";
    }
    return undefined;
  }
  applyTheme();
  return {
    trend: new TimeChart(find("#chart-trend"), {
      onZoom(from, to) {
        location.href = `/explore${addressOfView(withSpan({ ...readView(""), metric: answer.metrics[0] }, from, to))}`;
      },
    }),
    distribution: new EventDistribution(find("#chart-event-distribution")),
    bars: [new SensorBarChart(find("#chart-first-metric")), new SensorBarChart(find("#chart-second-metric"))],
  };
}

/** Two metrics that the data hold: those of the address, else the usual ones, else any. */
function chooseMetrics(known) {
  return [...new Set([...wanted, ...USUAL, ...known])].filter((metric) => known.includes(metric) || wanted.includes(metric)).slice(0, 2);
}

const askForTrend = (question, signal) => ask("/data/series", { ...question, points: pointsThatFit(), tz: ZONE }, signal);

async function askForAll(signal) {
  const asked = expected;
  const [latest, statistics, foreseen] = await Promise.all([
    ask("/data/latest", { limit: MOST_READINGS }, signal),
    ask("/data/stats", { hours: 24, limit: MOST_SENSORS }, signal),
    askForTrend(asked, signal),
  ]);
  const stats = statistics.answer.data;
  const known = metricsOf(stats.overall);
  const metrics = chooseMetrics(known);
  const answered = { stats, known, metrics, readings: latest.answer.data, begun: latest.begun, clockDifference: latest.clockDifference };
  if (metrics.length === 0) {
    return answered;
  }
  expected = { metric: metrics[0], from: trendRange(stats.overall, Date.now()) };
  const isForeseen = expected.metric === asked.metric && expected.from === asked.from;
  const trend = isForeseen ? foreseen : await askForTrend(expected, signal);
  return { ...answered, trend: trend.answer };
}

let previous;

/** Late readings are not among the newest by their own time, but they count: data that grow are not stale. */
function lastArrival({ stats, begun, clockDifference }) {
  const newest = newestArrival(readings);
  const hasGrown = previous && stats.overall.total_events > previous.total;
  const grownAt = hasGrown ? begun + clockDifference : previous?.grownAt;
  previous = { total: stats.overall.total_events, grownAt };
  return newest === undefined ? undefined : Math.max(newest, grownAt ?? newest);
}

function showAll() {
  const { stats, metrics, trend } = answer;
  cards.show(answer);
  showReadings();
  charts?.distribution.show(answer);
  charts?.bars.forEach((bar, index) => {
    const figure = find(["#chart-first-metric", "#chart-second-metric"][index]).closest("figure");
    figure.hidden = metrics.length > 0 && metrics[index] === undefined;
    figure.querySelector("h2").textContent = `${labelOf(metrics[index] ?? USUAL[index])} by sensor`;
    bar.show({ stats, metric: metrics[index] ?? USUAL[index] });
  });
  find(".trend h2").textContent = `${labelOf(metrics[0] ?? USUAL[0])} trend`;
  if (trend) {
    charts?.trend.show(trend, { lines: trend.data.slice(0, 1).map(({ points }) => ({ name: "All sensors", points })), note: describeTrend(trend) });
  } else {
    charts?.trend.showEmpty("No readings to draw yet");
  }
  find("#main").ariaBusy = "false";
}

function describeTrend({ interval, from }) {
  const hours = Math.round((Date.now() - Date.parse(from)) / 3600000);
  const span = hours >= 1 ? `last ${hours === 1 ? "hour" : `${hours} hours`}` : "last 15 minutes";
  return `Every ${interval}, ${span}`;
}

function showReadings() {
  table.show({ readings, metrics: answer.metrics.length > 0 ? answer.metrics : USUAL });
}

function offerMetrics() {
  const { known, metrics } = answer;
  const names = known.length > 0 ? known : USUAL;
  [choice.elements.first, choice.elements.second].forEach((select, index) => {
    const offered = [...new Set([...names, ...metrics])];
    if (select.options.length !== offered.length) {
      select.replaceChildren(...offered.map((metric) => element("option", { value: metric }, labelOf(metric))));
    }
    select.value = metrics[index] ?? names[index] ?? names[0];
    select.closest("label").hidden = offered.length < 2;
  });
}

const polling = new Polling({
  ask: askForAll,
  onAnswer(answered) {
    answer = answered;
    readings = answered.readings;
    status.answered({ newestArrival: lastArrival(answered), clockDifference: answered.clockDifference, begun: answered.begun });
    offerMetrics();
    showAll();
  },
  onFailure: (error) => status.failed(error.message),
  onReturn: () => status.loading(),
});

choice.addEventListener("change", ({ target }) => {
  const { first, second } = choice.elements;
  // The same twice shows nothing more: they change places.
  const other = target === first ? second : first;
  const [one, two] = answer.metrics;
  if (other.value === target.value) {
    other.value = target === first ? one : two;
  }
  wanted = [first.value, second.value];
  expected = { ...expected, metric: first.value };
  history.replaceState(null, "", `?${new URLSearchParams(wanted.map((metric) => ["metric", metric]))}`);
  polling.askAnew();
});

polling.start();
followStream({
  onReadings(arrived) {
    if (answer) {
      readings = newestOf(readings, arrived, MOST_READINGS);
      status.arrived(newestArrival(arrived));
      showReadings();
    }
  },
  onReset: () => polling.askNow(),
});
