/**
 * Bars of the average of one metric by sensor.
 *
 *   const chart = new SensorBarChart(canvas, { metric: "temperature", unit: "°C" });
 *   chart.show({ stats });
 *
 * The bars have the colour of the custom property named after the metric.
 */

import { ChartPanel } from "./chart-panel.js";
import { themeColor } from "./chart-theme.js";
import { averagesBySensor } from "./figures.js";
import { formatCount, formatMeasurement, formatMetric, shorten } from "./formatting.js";

const MOST_BARS = 30;

export class SensorBarChart {
  #panel;
  #metric;
  #unit;
  #sensors = [];

  constructor(canvas, { metric, unit }) {
    this.#metric = metric;
    this.#unit = unit;
    this.#panel = new ChartPanel(canvas, {
      type: "bar",
      data: {
        labels: [],
        datasets: [{ data: [], backgroundColor: () => themeColor(`--${metric}`), borderRadius: 3, maxBarThickness: 40 }],
      },
      options: {
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { grid: { display: false }, ticks: { maxRotation: 60, autoSkipPadding: 0 } },
          y: { border: { display: false }, ticks: { maxTicksLimit: 6, callback: (value) => `${formatMetric(value)} ${unit}` } },
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

  show({ stats }) {
    const { shown, total } = averagesBySensor(stats.by_sensor, this.#metric, MOST_BARS);
    if (shown.length === 0) {
      this.#panel.showEmpty(`No ${this.#metric} readings to draw yet`);
      return;
    }
    this.#sensors = shown;
    this.#panel.show({ note: describeCount(shown.length, total), table: this.#table() }, (data) => {
      data.labels = shown.map((sensor) => shorten(sensor.name, 14));
      data.datasets[0].data = shown.map((sensor) => sensor.average);
    });
  }

  #describe({ average, least, most, events }) {
    return [
      `Average ${formatMeasurement(average)} ${this.#unit}`,
      `From ${formatMeasurement(least)} to ${formatMeasurement(most)} ${this.#unit}`,
      `${formatCount(events)} events`,
    ];
  }

  #table() {
    const rows = this.#sensors.map(({ name, average, least, most, events }) =>
      [name, ...[average, least, most].map((value) => `${formatMeasurement(value)} ${this.#unit}`), formatCount(events)]);
    return { columns: ["Sensor", "Average", "Lowest", "Highest", "Events"], rows };
  }
}

function describeCount(shown, total) {
  if (shown < total) {
    return `${formatCount(shown)} of ${formatCount(total)} sensors: those with most events`;
  }
  return `Average of all readings of ${total === 1 ? "1 sensor" : `${formatCount(total)} sensors`}`;
}
