/**
 * Bar chart of the average of one metric by sensor.
 *
 *   const chart = new SensorBarChart(canvas);
 *   chart.show({ stats, metric: "temperature", names });      names: from namesOf in metrics.js
 */

import { ChartPanel } from "./chart-panel.js";
import { themeColor } from "./chart-theme.js";
import { averagesBySensor, leavesOut } from "./figures.js";
import { formatCount, shorten } from "./formatting.js";
import { colorOf, formatTick, formatValue, isDirection } from "./metrics.js";

const MOST_BARS = 30;

export class SensorBarChart {
  #panel;
  #metric = "";
  #sensors = [];

  constructor(canvas) {
    this.#panel = new ChartPanel(canvas, {
      type: "bar",
      data: {
        labels: [],
        datasets: [{ data: [], backgroundColor: () => themeColor(colorOf(this.#metric)), borderRadius: 3, maxBarThickness: 40 }],
      },
      options: {
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { grid: { display: false }, ticks: { maxRotation: 60, autoSkipPadding: 0 } },
          y: { border: { display: false }, ticks: { maxTicksLimit: 6, callback: (value) => formatTick(this.#metric, value) } },
        },
        plugins: {
          tooltip: {
            callbacks: {
              title: ([item]) => shorten(this.#sensors[item.dataIndex].name, 40),
              label: (item) => this.#describe(this.#sensors[item.dataIndex]),
            },
          },
        },
      },
    });
  }

  show({ stats, metric, names }) {
    const { shown, total } = averagesBySensor(stats.by_sensor, metric, MOST_BARS);
    const isCut = leavesOut(stats, stats.by_sensor);
    if (isDirection(metric)) {
      this.#panel.showEmpty("Directions have no average");
      return;
    }
    if (shown.length === 0) {
      this.#panel.showEmpty(`No ${names.words(metric)} readings ${isCut ? `of the first ${formatCount(stats.by_sensor.length)} sensors by name` : "yet"}`);
      return;
    }
    this.#metric = metric;
    this.#sensors = shown;
    // Further sensors may have the metric.
    const all = isCut ? stats.overall.active_sensors : total;
    this.#panel.show({ note: describeCount(shown.length, all, total), tables: [this.#table()] }, (data) => {
      data.labels = shown.map((sensor) => shorten(sensor.name, 14));
      data.datasets[0].data = shown.map((sensor) => sensor.average);
    });
  }

  #describe({ average, least, most, readings }) {
    return [
      `Average ${formatValue(this.#metric, average)}`,
      `From ${formatValue(this.#metric, least)} to ${formatValue(this.#metric, most)}`,
      `${formatCount(readings)} readings`,
    ];
  }

  #table() {
    const rows = this.#sensors.map(({ name, average, least, most, readings }) =>
      [name, ...[average, least, most].map((value) => formatValue(this.#metric, value)), formatCount(readings)]);
    return { columns: ["Sensor", "Average", "Lowest", "Highest", "Readings"], rows };
  }
}

function describeCount(shown, total, compared) {
  if (shown < total) {
    const among = compared < total ? ` among the first ${formatCount(compared)} by name` : "";
    return `${formatCount(shown)} of ${formatCount(total)} sensors: the highest and the lowest averages${among}`;
  }
  return `Average of all readings of ${total === 1 ? "1 sensor" : `${formatCount(total)} sensors`}`;
}
