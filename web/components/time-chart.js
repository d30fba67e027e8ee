/**
 * A metric over time: a line for each series, with the band from minimum to maximum or what else figures of chart-figures.js say, gaps
 * where a sensor sent less often than usual, lines of limits, and the times of alerts.
 *
 *   const chart = new TimeChart(canvas, { onZoom(from, to) { ... } });
 *   chart.show(answer, { lines, note, figures, thresholds, share, alerts });      figures: average, minimum and maximum if they are not given
 *   chart.showEmpty("No readings in this period");
 *
 *   askForSeries({ metric, points: pointsThatFit() })
 *
 * `answer` is the response of /data/series; `lines` are [{ name, points }], at most nine. With `onZoom`, dragging selects a period.
 *
 * `thresholds` are [{ value: 140, severity: "critical", text: "critical above 140" }], such as those of thresholds.js. The values keep at least
 * half of the height, or the given share: a limit that is too far from them for that is named below the chart, and an arrow points to the nearest.
 * `alerts` are [{ from, to, severity: "critical", text: "heart_rate is 152, above 140" }], in milliseconds since 1970; without `to`, it is still firing.
 * They are bars above the values, and are counted below the chart. Both are optional, and have tables for screen readers. A chart without readings
 * shows neither.
 */

import { ChartPanel } from "./chart-panel.js";
import { figuresOf } from "./chart-figures.js";
import { alertsAt, describeMarks, limitsInSight, marksPlugin, marksTables, paddingFor, signOf } from "./chart-marks.js";
import { bandColor, themeColor } from "./chart-theme.js";
import { followDrag } from "./drag-selection.js";
import { describeSpan, formatClock, formatCount, formatDay, formatShortClock, shorten } from "./formatting.js";
import { withGaps } from "./gaps.js";
import { colorOf, formatTick, formatValue } from "./metrics.js";
import { timeTicks } from "./time-ticks.js";

const MINUTE = 60000;
/** The difference of two larger values, which an axis needs, may not be a finite number. */
const WIDEST = 1e300;
/** Pixels from one point to the next; closer ones cost time and cannot be distinguished. */
const POINT_WIDTH = 3;
const MOST_POINTS = 500;
/** Radius of a point, in pixels. */
const SEEN = 2.5;
/** Maximum number of rows of the table for screen readers. */
const MOST_ROWS = 100;
/** Maximum number of alerts that a tooltip tells. */
const MOST_TOLD = 3;

/** The number of points that a line across the whole window can show. */
export const pointsThatFit = () => Math.min(MOST_POINTS, Math.max(100, Math.round(innerWidth / POINT_WIDTH)));

const drawn = (value) => (value !== null && value !== undefined && Math.abs(value) <= WIDEST ? value : NaN);

export class TimeChart {
  #panel;
  #metric = "";
  /** When the interval that begins at a time ends: months and days differ in length. */
  #ends = new Map();
  #lines = [];
  #figures = figuresOf();
  /** Limits and alerts that are drawn. */
  #marks = { thresholds: [], far: [], alerts: [] };

  constructor(canvas, { onZoom } = {}) {
    this.#panel = new ChartPanel(canvas, {
      type: "line",
      data: { datasets: [] },
      plugins: [marksPlugin(() => this.#marks)],
      options: {
        layout: {},
        parsing: false,
        normalized: true,
        // Per line, the point at the nearest time, because lines have different gaps.
        interaction: { mode: "nearest", axis: "x", intersect: false },
        scales: {
          x: {
            type: "linear",
            bounds: "data",
            grid: { display: false },
            afterBuildTicks: (axis) => { axis.ticks = timeTicks(axis.min, axis.max, Math.max(2, Math.floor(axis.width / 90))); },
            ticks: { maxRotation: 0, autoSkipPadding: 12, callback: (time) => this.#describeTick(time) },
          },
          y: { grace: "5%", border: { display: false }, ticks: { maxTicksLimit: 6, callback: (value) => formatTick(this.#metric, value) } },
        },
        plugins: {
          tooltip: {
            filter: (item) => item.dataset.line !== undefined,
            callbacks: {
              title: ([item]) => item && this.#describeTime(item.parsed.x),
              label: (item) => this.#describePoint(this.#lines[item.dataset.line].name, item.dataset.points[item.dataIndex]),
              afterBody: ([item]) => item && this.#describeAlerts(item.parsed.x),
            },
          },
        },
      },
    });
    if (onZoom) {
      followDrag(canvas, () => this.#panel.chart, onZoom);
    }
  }

  show({ metric, from, to, data }, { lines, note, figures = figuresOf(), thresholds = [], share, alerts = [] }) {
    this.#metric = metric;
    this.#figures = figures;
    this.#lines = lines;
    const times = (lines[0]?.points ?? []).map((point) => Date.parse(point.time));
    this.#ends = new Map(times.map((time, place) => [time, times[place + 1] ?? Date.parse(to)]));
    if (!lines.some((line) => line.points.some((point) => point.count > 0))) {
      this.showEmpty(data.length > 0 ? "No readings in this period" : "No readings yet");
      return;
    }
    const start = Date.parse(from);
    const end = Math.min(Date.parse(to), Math.max(Date.now(), start + 1));
    const shown = alertsAt(alerts, start, end);
    const limits = limitsInSight(thresholds, ...this.#extent(), share);
    const tables = [this.#table(), ...marksTables({ thresholds, alerts: shown }, Date.now())];
    this.#panel.show({ note, tables, below: describeMarks({ far: limits.far, alerts: shown }) }, (chart, options) => {
      this.#marks = { thresholds: limits.drawn, far: limits.far, alerts: shown };
      options.layout.padding = paddingFor(shown);
      options.scales.x.min = start;
      options.scales.x.max = end;
      options.scales.y.suggestedMin = limits.drawn[0]?.value;
      options.scales.y.suggestedMax = limits.drawn.at(-1)?.value;
      chart.datasets = lines.flatMap((line, index) => this.#datasets(line.points.length, withGaps(line.points, to), index));
    });
  }

  showEmpty(message) {
    this.#panel.showEmpty(message);
  }

  /** The lowest and the highest value that is drawn. */
  #extent() {
    const values = this.#lines.flatMap(({ points }) => points.flatMap((point) => this.#figures.fields.map((field) => drawn(point[field])))).filter((value) => !Number.isNaN(value));
    return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  }

  /** One line, and the edges of its band. A gap is undefined among the points of the given number of intervals. */
  #datasets(intervals, points, index) {
    const color = this.#lines.length === 1 ? colorOf(this.#metric) : `--slice-${index + 1}`;
    const times = points.map((point, place) => (point ? Date.parse(point.time) : this.#ends.get(Date.parse(points[place - 1].time))));
    const dataset = (field) => points.map((point, place) => ({ x: times[place], y: point ? drawn(point[field]) : NaN }));
    const [value, ...edges] = this.#figures.fields;
    const edge = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0 };
    return [
      {
        line: index,
        points,
        data: dataset(value),
        borderColor: () => themeColor(color),
        backgroundColor: () => themeColor(color),
        borderWidth: 2,
        pointRadius: radii(intervals, points),
      },
      ...edges.map((field, side) => ({ ...edge, data: dataset(field), ...(side === 1 && { fill: "-1", backgroundColor: () => bandColor(color) }) })),
    ];
  }

  #describeTick(time) {
    const isMidnight = new Date(time).getHours() === 0 && new Date(time).getMinutes() === 0;
    if (isMidnight) {
      return formatDay(time, Date.now());
    }
    return this.#isFine() ? formatClock(time) : formatShortClock(time);
  }

  /** Whether intervals are shorter than a minute, so that times need seconds. */
  #isFine() {
    const [[start, end] = [0, MINUTE]] = this.#ends;
    return end - start < MINUTE;
  }

  #describePoint(name, point) {
    const { count } = point;
    const [value, low, high] = this.#figures.fields.map((field) => formatValue(this.#metric, point[field]));
    const values = [
      `${this.#figures.names[0]} ${value}${low === undefined ? "" : `, from ${low} to ${high}`}`,
      `${formatCount(count)} ${count === 1 ? "reading" : "readings"}`,
    ];
    return this.#lines.length === 1 ? values : `${shorten(name, 30)}: ${values[0].toLowerCase()}`;
  }

  #describeAlerts(time) {
    const some = alertsAt(this.#marks.alerts, time, this.#ends.get(time));
    const told = some.slice(0, MOST_TOLD).map(({ severity, text }) => `${signOf(severity)} ${severity}: ${shorten(text, 50)}`);
    return some.length > MOST_TOLD ? [...told, `and ${formatCount(some.length - MOST_TOLD)} more alerts`] : told;
  }

  #describeTime(time) {
    return describeSpan(time, this.#ends.get(time), Date.now());
  }

  /** The newest points with readings, newest first. */
  #table() {
    const several = this.#lines.length > 1;
    const rows = this.#lines.flatMap(({ name, points }) => points.filter((point) => point.count > 0).map((point) => ({ name, point })))
      .sort((a, b) => Date.parse(b.point.time) - Date.parse(a.point.time))
      .slice(0, MOST_ROWS)
      .map(({ name, point }) => [
        this.#describeTime(Date.parse(point.time)),
        ...(several ? [name] : []),
        ...this.#figures.fields.map((field) => formatValue(this.#metric, point[field])),
        formatCount(point.count),
      ]);
    return { columns: ["Time", ...(several ? ["Line"] : []), ...this.#figures.names, "Readings"], rows };
  }
}

/** A line through one point would be invisible. A single radius spares the chart a call per point. */
function radii(intervals, points) {
  if (intervals <= 30) {
    return SEEN;
  }
  const isAlone = (point, place) => point && !points[place - 1] && !points[place + 1];
  return points.some(isAlone) ? points.map((point, place) => (isAlone(point, place) ? SEEN : 0)) : 0;
}
