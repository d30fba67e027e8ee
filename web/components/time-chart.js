/**
 * A metric over time: a line for each series, with the band from minimum to maximum or what else figures of chart-figures.js say, and gaps
 * where a sensor sent less often than usual.
 *
 *   const chart = new TimeChart(canvas, { onZoom(from, to) { ... } });
 *   chart.show(answer, { lines, note, figures });           figures: average, minimum and maximum if they are not given
 *   chart.showEmpty("No readings in this period");
 *
 *   askForSeries({ metric, points: pointsThatFit() })
 *
 * `answer` is the response of /data/series; `lines` are [{ name, points }], at most nine. With `onZoom`, dragging selects a period.
 */

import { ChartPanel } from "./chart-panel.js";
import { figuresOf } from "./chart-figures.js";
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

  constructor(canvas, { onZoom } = {}) {
    this.#panel = new ChartPanel(canvas, {
      type: "line",
      data: { datasets: [] },
      options: {
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
            },
          },
        },
      },
    });
    if (onZoom) {
      followDrag(canvas, () => this.#panel.chart, onZoom);
    }
  }

  show({ metric, from, to, data }, { lines, note, figures = figuresOf() }) {
    this.#metric = metric;
    this.#figures = figures;
    this.#lines = lines;
    const times = (lines[0]?.points ?? []).map((point) => Date.parse(point.time));
    this.#ends = new Map(times.map((time, place) => [time, times[place + 1] ?? Date.parse(to)]));
    if (!lines.some((line) => line.points.some((point) => point.count > 0))) {
      this.showEmpty(data.length > 0 ? "No readings in this period" : "No readings yet");
      return;
    }
    this.#panel.show({ note, table: this.#table() }, (chart, options) => {
      options.scales.x.min = Date.parse(from);
      options.scales.x.max = Math.min(Date.parse(to), Math.max(Date.now(), Date.parse(from) + 1));
      chart.datasets = lines.flatMap((line, index) => this.#datasets(line.points.length, withGaps(line.points, to), index));
    });
  }

  showEmpty(message) {
    this.#panel.showEmpty(message);
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
