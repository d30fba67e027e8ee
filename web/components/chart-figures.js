/**
 * What a chart over time can show of a metric: a line, and perhaps the band around it. Pure functions, but for what was declared of metrics.
 *
 *   figuresOf("median")      { agg: "p05,median,p95", fields: ["median", "p05", "p95"], names: ["Median", "5 %", "95 %"] }
 *   figuresOf(undefined)     average, minimum and maximum, which each point has anyway
 *   figuresOf(undefined, "wind_direction")      of a metric that is declared a direction, whatever the name: the mean direction
 *
 * agg: the parameter of /data/series; fields: of its points, the line first, then both edges of the band if there is one; names: for people.
 */

import { isDirection } from "./metrics.js";

const AVERAGE = { agg: undefined, fields: ["avg", "min", "max"], names: ["Average", "Lowest", "Highest"] };
const DIRECTION = { agg: "direction", fields: ["direction"], names: ["Mean direction"] };
const OTHERS = new Map([
  ["median", { agg: "p05,median,p95", fields: ["median", "p05", "p95"], names: ["Median", "5 %", "95 %"] }],
  ["rate", { agg: "rate", fields: ["rate"], names: ["Rate per second"] }],
]);

export const figuresOf = (name, metric) => (isDirection(metric) ? DIRECTION : OTHERS.get(name) ?? AVERAGE);

/** Whether it is the name of a figure that has to be chosen. */
export const isFigure = (name) => OTHERS.has(name);
