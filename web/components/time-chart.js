/**
 * A metric over time: a line for each series, with the band from the lowest to the highest, and gaps where nothing was measured.
 *
 *   const chart = new TimeChart(canvas, { onZoom(from, to) { ... } });
 *   chart.show(answer, { lines, note });
 *   chart.showEmpty("No readings in this time");
 *
 *   ask("/data/series", { metric, points: pointsThatFit() })
 *
 * `answer` is that of /data/series; `lines` are [{ name, points }], at most nine. With `onZoom`, dragging chooses a part of the time.
 */

import { ChartPanel } from "./chart-panel.js";
import { bandColor, themeColor } from "./chart-theme.js";
import { followDrag } from "./drag-selection.js";
import { formatClock, formatCount, formatDay, formatShortClock, shorten } from "./formatting.js";
import { colorOf, formatTick, formatValue } from "./metrics.js";
import { timeTicks } from "./time-ticks.js";

const DAY = 86400000;
/** Beyond this the difference of two values, which an axis needs, may be no number any more. */
const WIDEST = 1e300;
/** Pixels from one point to the next; closer ones cost time and cannot be told apart. */
const POINT_WIDTH = 3;
const MOST_POINTS = 500;
/** Radius of a point, in pixels. */
const SEEN = 2.5;
/** Rows of the table for those who do not see the chart; more than that nobody listens to. */
const MOST_ROWS = 100;

/** As many as a line over the whole window shows. */
export const pointsThatFit = () => Math.min(MOST_POINTS, Math.max(100, Math.round(innerWidth / POINT_WIDTH)));

const drawn = (value) => (value !== null && Math.abs(value) <= WIDEST ? value : NaN);

export class TimeChart {
  #panel;
  #metric = "";
  #width = 0;
  #lines = [];

  constructor(canvas, { onZoom } = {}) {
    this.#panel = new ChartPanel(canvas, {
      type: "line",
      data: { datasets: [] },
      options: {
        parsing: false,
        normalized: true,
        interaction: { mode: "index", intersect: false },
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
              label: (item) => this.#describePoint(this.#lines[item.dataset.line], item.dataIndex),
            },
          },
        },
      },
    });
    if (onZoom) {
      followDrag(canvas, () => this.#panel.chart, onZoom);
    }
  }

  show({ metric, from, to, data }, { lines, note }) {
    this.#metric = metric;
    this.#lines = lines;
    const [first, second] = lines[0]?.points ?? [];
    this.#width = second ? Date.parse(second.time) - Date.parse(first.time) : 0;
    if (!lines.some((line) => line.points.some((point) => point.count > 0))) {
      this.showEmpty(data.length > 0 ? "No readings in this time" : "No readings yet");
      return;
    }
    this.#panel.show({ note, table: this.#table() }, (chart, options) => {
      options.scales.x.min = Date.parse(from);
      options.scales.x.max = Math.min(Date.parse(to), Math.max(Date.now(), Date.parse(from) + 1));
      chart.datasets = lines.flatMap((line, index) => this.#datasets(line, index));
    });
  }

  showEmpty(message) {
    this.#panel.showEmpty(message);
  }

  /** Those of one line: the average, and the edges of its band. */
  #datasets({ points }, index) {
    const color = this.#lines.length === 1 ? colorOf(this.#metric) : `--slice-${index + 1}`;
    const times = points.map((point) => Date.parse(point.time));
    const dataset = (field) => points.map((point, place) => ({ x: times[place], y: drawn(point[field]) }));
    const edge = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0 };
    return [
      {
        line: index,
        data: dataset("avg"),
        borderColor: () => themeColor(color),
        backgroundColor: () => themeColor(color),
        borderWidth: 2,
        pointRadius: radii(points),
      },
      { ...edge, data: dataset("min") },
      { ...edge, data: dataset("max"), fill: "-1", backgroundColor: () => bandColor(color) },
    ];
  }

  #describeTick(time) {
    const isMidnight = new Date(time).getHours() === 0 && new Date(time).getMinutes() === 0;
    if (isMidnight) {
      return formatDay(time, Date.now());
    }
    return this.#width < 60000 ? formatClock(time) : formatShortClock(time);
  }

  #describeTime(time) {
    const clock = this.#width < 60000 ? formatClock : formatShortClock;
    const end = time + this.#width;
    if (this.#width >= DAY) {
      return this.#width > DAY * 1.5 ? `${formatDay(time, Date.now())} to ${formatDay(end - 1, Date.now())}` : formatDay(time, Date.now());
    }
    return `${formatDay(time, Date.now())}, ${clock(time)} to ${clock(end)}`;
  }

  #describePoint({ name, points }, place) {
    const { avg, min, max, count } = points[place];
    const values = [
      `Average ${formatValue(this.#metric, avg)}, from ${formatValue(this.#metric, min)} to ${formatValue(this.#metric, max)}`,
      `${formatCount(count)} ${count === 1 ? "reading" : "readings"}`,
    ];
    return this.#lines.length === 1 ? values : `${shorten(name, 30)}: ${values[0].toLowerCase()}`;
  }

  /** Of many points those where something was measured, the newest first. */
  #table() {
    const several = this.#lines.length > 1;
    const rows = this.#lines.flatMap(({ name, points }) => points.filter((point) => point.count > 0).map((point) => ({ name, point })))
      .sort((a, b) => Date.parse(b.point.time) - Date.parse(a.point.time))
      .slice(0, MOST_ROWS)
      .map(({ name, point }) => [
        this.#describeTime(Date.parse(point.time)),
        ...(several ? [name] : []),
        ...[point.avg, point.min, point.max].map((value) => formatValue(this.#metric, value)),
        formatCount(point.count),
      ]);
    return { columns: ["Time", ...(several ? ["Line"] : []), "Average", "Lowest", "Highest", "Readings"], rows };
  }
}

/** A line through one point would not be seen. Where all are alike, one radius for all spares the chart to ask for each. */
function radii(points) {
  const isAlone = ({ count }, place) => count > 0 && !points[place - 1]?.count && !points[place + 1]?.count;
  if (points.length <= 30) {
    return SEEN;
  }
  return points.some(isAlone) ? points.map((point, place) => (isAlone(point, place) ? SEEN : 0)) : 0;
}
