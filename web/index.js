/**
 * Puts the page together: one poll of the REST API feeds every component, so that all of them show the same moment.
 * Each component has `show({ stats, readings })` and knows nothing of the others.
 */

import { applyTheme } from "./components/chart-theme.js";
import { ConnectionStatus } from "./components/connection-status.js";
import { EventDistribution } from "./components/event-distribution.js";
import { newestArrival } from "./components/figures.js";
import { describeZone } from "./components/formatting.js";
import { LatestReadings } from "./components/latest-readings.js";
import { startPolling } from "./components/polling.js";
import { askForData } from "./components/rest-api.js";
import { SensorBarChart } from "./components/sensor-bar-chart.js";
import { StatisticsCards } from "./components/statistics-cards.js";
import { TemperatureTrend } from "./components/temperature-trend.js";

const find = (selector) => document.querySelector(selector);

find("#zone").textContent = `Times in ${describeZone(Date.now())}`;

const status = new ConnectionStatus(find("#status"));
const views = [
  new StatisticsCards(find(".cards")),
  new LatestReadings(find("#latest-readings")),
  ...makeCharts(),
];

/** Without its chart library the page still shows figures and readings. */
function makeCharts() {
  if (!window.Chart) {
    for (const message of document.querySelectorAll(".plot .message")) {
      message.textContent = "The chart library could not be loaded. Reload the page to try again.";
      message.closest(".panel").dataset.content = "empty";
    }
    return [];
  }
  applyTheme();
  return [
    new TemperatureTrend(find("#chart-temperature-trend")),
    new EventDistribution(find("#chart-event-distribution")),
    new SensorBarChart(find("#chart-temperature-by-sensor"), { metric: "temperature", unit: "°C" }),
    new SensorBarChart(find("#chart-humidity-by-sensor"), { metric: "humidity", unit: "%" }),
  ];
}

let previous;

/** Late readings are not among the newest by their own time, but they count: data that grow are not stale. */
function lastArrival({ readings, stats }, now) {
  const newest = newestArrival(readings);
  const hasGrown = previous && stats.overall.total_events > previous.total;
  const grownSince = hasGrown ? previous.at : newest;
  previous = { total: stats.overall.total_events, at: now };
  return newest === undefined ? undefined : Math.max(newest, grownSince);
}

startPolling({
  ask: askForData,
  onAnswer(answer) {
    for (const view of views) {
      view.show(answer);
    }
    find("#main").ariaBusy = "false";
    status.answered({ newestArrival: lastArrival(answer, Date.now() + answer.clockDifference), clockDifference: answer.clockDifference });
  },
  onFailure: (error) => status.failed(error.message),
  onReturn: () => status.loading(),
});
