/**
 * What a chart over time can show of a metric: a line, and perhaps the band around it. Pure functions.
 *
 *   figuresOf("median")      { agg: "p05,median,p95", fields: ["median", "p05", "p95"], names: ["Median", "5 %", "95 %"] }
 *   figuresOf(undefined)     average, minimum and maximum, which each point has anyway
 *
 * agg: the parameter of /data/series; fields: of its points, the line first, then both edges of the band if there is one; names: for people.
 */

const FIGURES = new Map([
  ["average", { agg: undefined, fields: ["avg", "min", "max"], names: ["Average", "Lowest", "Highest"] }],
  ["median", { agg: "p05,median,p95", fields: ["median", "p05", "p95"], names: ["Median", "5 %", "95 %"] }],
  ["rate", { agg: "rate", fields: ["rate"], names: ["Rate per second"] }],
]);

export const figuresOf = (name) => FIGURES.get(name) ?? FIGURES.get("average");

export const isFigure = (name) => FIGURES.has(name);
