/**
 * The overview. One round of requests feeds all components, so that they show the same point in time; readings from the stream go to the
 * table immediately. Components are independent of each other.
 *
 * The URL determines the metrics: /?metric=co2&metric=humidity
 */

import { formatDuration } from "../components/alert-spans.js";
import { AlertStrip } from "../components/alert-strip.js";
import { prepareCharts } from "../components/chart-theme.js";
import { element } from "../components/elements.js";
import { EventDistribution } from "../components/event-distribution.js";
import { newestArrival, newestOf, trendRange } from "../components/figures.js";
import { formatAge } from "../components/formatting.js";
import { COLUMNS, LatestReadings } from "../components/latest-readings.js";
import { metricsOf, namesOf } from "../components/metrics.js";
import { ask } from "../components/rest-api.js";
import { SensorBarChart } from "../components/sensor-bar-chart.js";
import { StatisticsCards } from "../components/statistics-cards.js";
import { pointsThatFit, TimeChart } from "../components/time-chart.js";
import { setText, update } from "../components/update.js";
import { askForUsualSeries } from "../components/usual-series.js";
import { addressOfView, readView, withSpan } from "../components/view-state.js";
import { startPage } from "../frame/page.js";

const MOST_READINGS = 50;
const USUAL = ["temperature", "humidity"];

const find = (selector) => document.querySelector(selector);

const alerts = new AlertStrip(find("#open-alerts"));
const cards = new StatisticsCards(find(".cards"));
const table = new LatestReadings(find("#latest-readings"));
const charts = prepareCharts() ? makeCharts() : undefined;
const choice = find("#metrics");

let wanted = new URLSearchParams(location.search).getAll("metric");
/** The most likely trend request, so that it need not wait for the other responses. */
let expected = { metric: wanted[0] ?? USUAL[0], from: "-24h" };
let readings = [];
/** Readings from the stream since the current round of requests began: its responses may not have them. */
let arrivedMeanwhile = [];
let answer;
/** The total of the last round, and when it last increased. */
let previous;

function makeCharts() {
  return {
    trend: new TimeChart(find("#chart-trend"), {
      onZoom(from, to) {
        location.href = `/explore${addressOfView(withSpan({ ...readView(""), metric: answer.metrics[0] }, from, to))}`;
      },
    }),
    distribution: new EventDistribution(find("#chart-event-distribution")),
    bars: ["#chart-first-metric", "#chart-second-metric"].map((id) => ({ figure: find(id).closest("figure"), chart: new SensorBarChart(find(id)) })),
  };
}

/** Two existing metrics: those of the URL, or else the usual ones, or else any. */
function chooseMetrics(known) {
  return [...new Set([...wanted, ...USUAL, ...known])].filter((metric) => known.includes(metric) || wanted.includes(metric)).slice(0, 2);
}

const askForTrend = (question, signal) => askForUsualSeries({ ...question, points: pointsThatFit() }, signal);

async function askForAll(signal) {
  arrivedMeanwhile = [];
  const asked = expected;
  const [latest, statistics, foreseen] = await Promise.all([
    ask("/data/latest", { limit: MOST_READINGS }, signal),
    ask("/data/stats", { hours: 24 }, signal),
    askForTrend(asked, signal),
  ]);
  const stats = statistics.answer.data;
  const known = metricsOf(stats.overall);
  const metrics = chooseMetrics(known);
  const names = namesOf([...new Set([...known, ...metrics])], COLUMNS);
  const answered = { stats, known, metrics, names, readings: latest.answer.data, begun: latest.begun, clockDifference: latest.clockDifference };
  if (metrics.length === 0) {
    return answered;
  }
  expected = { metric: metrics[0], from: trendRange(stats.overall, Date.now()) };
  const isForeseen = expected.metric === asked.metric && expected.from === asked.from;
  const trend = isForeseen ? foreseen : await askForTrend(expected, signal);
  return { ...answered, trend };
}

/** Late readings are not among the newest by their own time, but they count: growing data is not stale. */
function lastArrival({ stats, begun, clockDifference, readings: latest }) {
  const newest = newestArrival(latest);
  const hasGrown = previous && stats.overall.total_events > previous.total;
  const grownAt = hasGrown ? begun + clockDifference : previous?.grownAt;
  previous = { total: stats.overall.total_events, grownAt };
  return newest === undefined ? undefined : Math.max(newest, grownAt ?? newest);
}

function show(answered) {
  answer = answered;
  readings = newestOf(answered.readings, arrivedMeanwhile, MOST_READINGS);
  const { stats, metrics, names, trend } = answer;
  offerMetrics();
  cards.show(answer);
  showReadings();
  charts?.distribution.show(answer);
  charts?.bars.forEach(({ figure, chart }, index) => {
    figure.hidden = metrics.length > 0 && metrics[index] === undefined;
    setText(figure.querySelector("h2"), `${names.label(metrics[index] ?? USUAL[index])} by sensor`);
    chart.show({ stats, names, metric: metrics[index] ?? USUAL[index] });
  });
  setText(find(".trend h2"), `${names.label(metrics[0] ?? USUAL[0])} trend`);
  if (trend?.answer) {
    const { interval, from, data } = trend.answer;
    const note = `Every ${formatDuration(interval)}, last ${formatAge(Date.now() - Date.parse(from))}`;
    charts?.trend.show(trend.answer, { lines: data.slice(0, 1).map(({ points }) => ({ name: "All sensors", points })), note, figures: trend.figures });
  } else {
    charts?.trend.showEmpty(trend?.problem ?? "No readings yet");
  }
}

function showReadings() {
  table.show({ readings, names: answer.names, metrics: answer.metrics.length > 0 ? answer.metrics : USUAL });
}

function offerMetrics() {
  const { known, metrics, names } = answer;
  const offered = [...new Set([...(known.length > 0 ? known : USUAL), ...metrics])];
  [choice.elements.first, choice.elements.second].forEach((select, index) => {
    update(select, offered.map((metric) => element("option", { key: metric, value: metric }, names.label(metric))));
    select.value = metrics[index] ?? offered[index] ?? offered[0];
    select.closest("label").hidden = offered.length < 2;
  });
}

choice.addEventListener("change", ({ target }) => {
  const { first, second } = choice.elements;
  // Two different metrics are shown: selecting the other one swaps them.
  const other = target === first ? second : first;
  const [one, two] = answer.metrics;
  if (other.value === target.value) {
    other.value = target === first ? one : two;
  }
  wanted = [first.value, second.value];
  expected = { ...expected, metric: first.value };
  history.replaceState(null, "", `?${new URLSearchParams(wanted.map((metric) => ["metric", metric]))}`);
  page.askAnew();
});

const page = startPage({
  ask: askForAll,
  show,
  newestArrival: lastArrival,
  onReadings(arrived) {
    arrivedMeanwhile = newestOf(arrivedMeanwhile, arrived, MOST_READINGS);
    readings = newestOf(readings, arrived, MOST_READINGS);
    if (answer) {
      showReadings();
    }
    return newestArrival(arrived);
  },
  onOpenAlerts: (open) => alerts.show(open, Date.now()),
});
