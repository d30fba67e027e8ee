/**
 * Limits and alerts in a chart over time: which limits are drawn, a plugin for Chart.js that draws them, and words for all of it.
 *
 *   const { drawn, far } = limitsInSight(thresholds, 61, 118)      those whose line leaves the values, which are from 61 to 118, half of the height,
 *                                                                  or another share of it
 *   new Chart(canvas, { plugins: [marksPlugin(() => ({ thresholds: drawn, far, alerts }))], ... })      an arrow points to the nearest of the far ones
 *   options.layout.padding = paddingFor(alerts)                    for the bars of alerts, above the values
 *   describeMarks({ far, alerts })                                 texts and elements for the line below the chart; empty without any
 *   alertsAt(alerts, from, to)                                     those that were firing between, the most severe first
 *   marksTables({ thresholds, alerts }, now)                       tables for screen readers
 *
 * thresholds: [{ value: 140, severity: "critical", text: "critical above 140" }]
 * alerts: [{ from, to, severity: "critical", text: "heart_rate is 152, above 140" }], times in milliseconds since 1970; without `to`, it is still firing
 *
 * A severity is told by its sign, by dashes and by place as well, so not by colour alone.
 */

import { SEVERITIES } from "./alert-views.js";
import { bandColor, themeColor } from "./chart-theme.js";
import { element } from "./elements.js";
import { formatCount, formatMoment } from "./formatting.js";

const STYLES = {
  critical: { color: "--offline", dash: [12, 3], sign: "▲" },
  warning: { color: "--stale", dash: [6, 4], sign: "!" },
  info: { color: "--link", dash: [2, 3], sign: "●" },
};

/** Share of the height of the chart that lines of limits leave to the values. */
const USUAL_SHARE = 0.5;
/** Of values that are all the same: relative to them. */
const SPREAD_OF_ONE = 0.1;
const MOST_LINES = 6;
/** Lengths, relative to the size of the text of the chart. */
const LANE = 1.1;
const BAR = 0.5;
const SIGN = 0.9;
/** Pixels. */
const SHORTEST = 3;

/** @return drawn and far, both in the order of their values; texts that repeat are left out */
export function limitsInSight(thresholds, low, high, share = USUAL_SHARE) {
  const spread = high > low ? high - low : Math.abs(high) * SPREAD_OF_ONE;
  const distance = ({ value }) => Math.max(low - value, value - high, 0);
  const different = [...new Map(thresholds.map((threshold) => [threshold.text, threshold])).values()];
  const drawn = [];
  let [bottom, top] = [low, high];
  for (const threshold of different.toSorted((a, b) => distance(a) - distance(b))) {
    const ends = [Math.min(bottom, threshold.value), Math.max(top, threshold.value)];
    if (drawn.length < MOST_LINES && (ends[1] - ends[0]) * share <= spread) {
      drawn.push(threshold);
      [bottom, top] = ends;
    }
  }
  const inOrder = (some) => some.toSorted((a, b) => a.value - b.value);
  return { drawn: inOrder(drawn), far: inOrder(different.filter((threshold) => !drawn.includes(threshold))) };
}

const lanesOf = (alerts) => SEVERITIES.filter((severity) => alerts.some((alert) => alert.severity === severity));

const textSize = () => window.Chart.defaults.font.size;

/** Bars of alerts that are still firing end in an arrow. */
export const paddingFor = (alerts) => ({ top: lanesOf(alerts).length * LANE * textSize(), right: alerts.some(({ to }) => to === undefined) ? BAR * textSize() : 0 });

const endOf = ({ to }) => to ?? Infinity;

export const alertsAt = (alerts, from, to) => SEVERITIES.flatMap((severity) => alerts.filter((alert) => alert.severity === severity && alert.from < to && endOf(alert) >= from));

export const signOf = (severity) => STYLES[severity].sign;

export function describeMarks({ far, alerts }) {
  const counts = lanesOf(alerts).map((severity) => {
    const some = alerts.filter((alert) => alert.severity === severity);
    const firing = some.filter((alert) => alert.to === undefined).length;
    const text = ` ${formatCount(some.length)} ${severity}${firing > 0 ? `, ${firing === some.length ? "" : `${formatCount(firing)} `}firing` : ""}`;
    return element("span", { className: `alert-count ${severity}` }, element("span", { ariaHidden: "true" }, signOf(severity)), text);
  });
  return [
    ...(counts.length > 0 ? [element("span", {}, `${alerts.length === 1 ? "Alert" : "Alerts"}:`), ...counts] : []),
    ...(far.length > 0 ? [element("span", {}, `Not shown on this chart: ${far.map(({ text }) => text).join("; ")}`)] : []),
  ];
}

export function marksTables({ thresholds, alerts }, now) {
  return [
    { caption: "Limits", columns: ["Limit"], rows: thresholds.map(({ text }) => [text]) },
    {
      caption: "Alerts",
      columns: ["From", "To", "Severity", "Alert"],
      rows: alerts.map(({ from, to, severity, text }) => [formatMoment(from, now), to === undefined ? "still firing" : formatMoment(to, now), severity, text]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

/** @param marksOf called whenever the chart is drawn */
export const marksPlugin = (marksOf) => ({
  id: "marks",
  beforeDatasetsDraw(chart) {
    eachSpan(chart, marksOf().alerts, (left, right, { severity }) => {
      const { top, height } = chart.chartArea;
      chart.ctx.fillStyle = bandColor(STYLES[severity].color);
      chart.ctx.fillRect(left, top, right - left, height);
    });
  },
  afterDatasetsDraw(chart) {
    const { thresholds, far, alerts } = marksOf();
    chart.ctx.save();
    drawLines(chart, thresholds);
    drawFar(chart, far);
    drawBars(chart, alerts);
    chart.ctx.restore();
  },
});

function eachSpan(chart, alerts, draw) {
  const { chartArea: { left, right }, scales: { x } } = chart;
  for (const alert of alerts) {
    if (alert.from <= x.max && endOf(alert) >= x.min) {
      const start = alert.from <= x.min ? left : x.getPixelForValue(alert.from);
      const end = endOf(alert) >= x.max ? right : x.getPixelForValue(alert.to);
      const width = Math.max(end - start, SHORTEST);
      draw(Math.min(start, right - width), Math.min(start, right - width) + width, alert);
    }
  }
}

/** A lane for each severity, the most severe the highest. */
function drawBars(chart, alerts) {
  const { ctx, chartArea } = chart;
  const lanes = lanesOf(alerts);
  const size = textSize();
  const signsEnd = new Map();
  ctx.font = `700 ${SIGN * size}px ${window.Chart.defaults.font.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  eachSpan(chart, alerts.toSorted((a, b) => a.from - b.from), (left, right, { severity, to }) => {
    const middle = chartArea.top - (lanes.length - lanes.indexOf(severity) - 0.5) * LANE * size;
    ctx.fillStyle = themeColor(STYLES[severity].color);
    ctx.fillRect(left, middle - BAR * size / 2, right - left, BAR * size);
    if (to === undefined) {
      drawArrow(ctx, right, middle, BAR * size);
    }
    // Signs of alerts that follow each other closely would cover each other.
    if (left >= (signsEnd.get(severity) ?? -Infinity)) {
      drawSign(ctx, Math.min(left, chartArea.right - SIGN * size), middle, severity);
      signsEnd.set(severity, left + 2 * SIGN * size);
    }
  });
}

function drawSign(ctx, left, middle, severity) {
  const { sign, color } = STYLES[severity];
  const height = LANE * textSize();
  ctx.fillStyle = themeColor("--panel");
  ctx.fillRect(left, middle - height / 2, ctx.measureText(sign).width + 2, height);
  ctx.fillStyle = themeColor(color);
  ctx.fillText(sign, left, middle);
}

/** It goes on. */
function drawArrow(ctx, right, middle, length) {
  ctx.beginPath();
  ctx.moveTo(right, middle - length);
  ctx.lineTo(right + length, middle);
  ctx.lineTo(right, middle + length);
  ctx.fill();
}

function drawLines(chart, thresholds) {
  const { ctx, chartArea: { left, right }, scales: { y } } = chart;
  const size = textSize();
  const labels = [];
  ctx.font = `600 ${size}px ${window.Chart.defaults.font.family}`;
  for (const { value, severity, text } of thresholds) {
    const { color, dash } = STYLES[severity];
    const height = y.getPixelForValue(value);
    ctx.strokeStyle = themeColor(color);
    ctx.lineWidth = 1.5;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(left, height);
    ctx.lineTo(right, height);
    ctx.stroke();
    labels.push({ height, text, color });
  }
  ctx.setLineDash([]);
  labels.forEach((label, place) => drawLabel(chart, label, labels.slice(0, place).filter(({ height }) => Math.abs(height - label.height) < 1.4 * size).length, size));
}

/** The nearest one above the chart and the nearest one below it, at the right end of that edge. */
function drawFar(chart, far) {
  const { chartArea: { top, bottom }, scales: { y } } = chart;
  const size = textSize();
  const above = far.find(({ value }) => value > y.max);
  const below = far.findLast(({ value }) => value < y.min);
  [[above, "↑", top + 1.4 * size], [below, "↓", bottom]].filter(([limit]) => limit !== undefined)
    .forEach(([{ text, severity }, arrow, height]) => drawLabel(chart, { height, text: `${arrow} ${text}`, color: STYLES[severity].color }, 1, size));
}

/** Above its line at the left end, away from the newest values; one that would cover another label at the right end. */
function drawLabel({ ctx, chartArea: { left, right } }, { height, text, color }, covered, size) {
  const start = covered % 2 === 0 ? left + 4 : right - ctx.measureText(text).width - 4;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.lineJoin = "round";
  ctx.lineWidth = size / 3;
  ctx.strokeStyle = themeColor("--panel");
  ctx.strokeText(text, start, height - 1);
  ctx.fillStyle = themeColor(color);
  ctx.fillText(text, start, height - 1);
}
