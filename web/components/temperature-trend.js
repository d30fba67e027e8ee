/**
 * The temperature over time, with the band from the lowest to the highest.
 *
 *   const chart = new TemperatureTrend(canvas);
 *   chart.show({ stats, readings });
 *
 * Hours, once there are three of them. Until then the readings that the page has seen since it was opened, so that a new
 * installation shows a line within seconds.
 */

import { ChartPanel } from "./chart-panel.js";
import { themeColor } from "./chart-theme.js";
import { identityOf, temperatureTrend } from "./figures.js";
import { formatClock, formatDay, formatMeasurement, formatMetric, formatShortClock } from "./formatting.js";
import { timeTicks } from "./time-ticks.js";

const MOST_REMEMBERED = 5000;
const UNIT = "°C";

export class TemperatureTrend {
  #panel;
  #trend = { points: [] };
  #remembered = new Map();

  constructor(canvas) {
    const edge = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, data: [], spanGaps: false };
    this.#panel = new ChartPanel(canvas, {
      type: "line",
      data: {
        datasets: [
          { data: [], borderColor: () => themeColor("--temperature"), borderWidth: 2, backgroundColor: () => themeColor("--temperature") },
          { ...edge },
          { ...edge, fill: "-1", backgroundColor: () => themeColor("--temperature-band") },
        ],
      },
      options: {
        parsing: false,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: {
            type: "linear",
            bounds: "data",
            grid: { display: false },
            afterBuildTicks: (axis) => { axis.ticks = timeTicks(axis.min, axis.max, 8); },
            ticks: { maxRotation: 0, autoSkipPadding: 12, callback: (time) => this.#describeTick(time) },
          },
          y: { grace: "5%", border: { display: false }, ticks: { maxTicksLimit: 6, callback: (value) => `${formatMetric(value)} ${UNIT}` } },
        },
        plugins: {
          tooltip: {
            filter: (item) => item.datasetIndex === 0,
            callbacks: {
              title: ([item]) => item && this.#describeTime(this.#trend.points[item.dataIndex]),
              label: (item) => describePoint(this.#trend.points[item.dataIndex]),
            },
          },
        },
      },
    });
  }

  show({ stats, readings }) {
    this.#remember(readings);
    this.#trend = temperatureTrend(stats.hourly, Array.from(this.#remembered.values()));
    const { points, source } = this.#trend;
    if (points.length === 0) {
      this.#panel.showEmpty("No temperature readings to draw yet");
      return;
    }
    const note = source === "hourly" ? "Hourly average and range, last 24 hours" : "Average and range of the latest readings";
    this.#panel.show({ note, table: this.#table() }, (data) => {
      const [average, least, most] = data.datasets;
      average.data = points.map((point) => ({ x: point.at, y: point.average }));
      least.data = points.map((point) => ({ x: point.at, y: point.least }));
      most.data = points.map((point) => ({ x: point.at, y: point.most }));
      average.pointRadius = points.length <= 30 ? 2.5 : 0;
    });
  }

  /** The newest replace the oldest, so that a page left open for a year stays small; none at all means an emptied database. */
  #remember(readings) {
    if (readings.length === 0) {
      this.#remembered.clear();
    }
    for (const reading of readings) {
      this.#remembered.set(identityOf(reading), reading);
    }
    const surplus = this.#remembered.size - MOST_REMEMBERED;
    for (const identity of Array.from(this.#remembered.keys()).slice(0, Math.max(0, surplus))) {
      this.#remembered.delete(identity);
    }
  }

  #describeTick(time) {
    const { width } = this.#trend;
    const isMidnight = new Date(time).getHours() === 0 && new Date(time).getMinutes() === 0;
    if (isMidnight) {
      return formatDay(time, Date.now());
    }
    return width < 60000 ? formatClock(time) : formatShortClock(time);
  }

  #describeTime({ at }) {
    const { source, width } = this.#trend;
    return source === "hourly"
      ? `${formatDay(at, Date.now())}, ${formatShortClock(at)} to ${formatShortClock(at + width)}`
      : `${formatClock(at)} to ${formatClock(at + width)}`;
  }

  #table() {
    const rows = this.#trend.points.filter((point) => Number.isFinite(point.average)).map((point) =>
      [this.#describeTime(point), ...[point.average, point.least, point.most].map((value) => `${formatMeasurement(value)} ${UNIT}`)]);
    return { columns: ["Time", "Average", "Lowest", "Highest"], rows };
  }
}

function describePoint({ average, least, most }) {
  return [
    `Average ${formatMeasurement(average)} ${UNIT}`,
    `From ${formatMeasurement(least)} to ${formatMeasurement(most)} ${UNIT}`,
  ];
}
