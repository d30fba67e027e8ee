/**
 * Requests what a chart shows of a metric if nobody chooses: average and range, or the mean direction.
 *
 *   const { answer, figures } = await askForUsualSeries({ metric: "wind_direction", from: "-24h", points: 300 }, signal)
 *   const { problem } = ...      instead, if there are too many readings for a mean direction
 */

import { figuresOf } from "./chart-figures.js";
import { loadMetrics } from "./declared-metrics.js";
import { askForSeries } from "./zone.js";

export async function askForUsualSeries(question, signal) {
  await loadMetrics();
  const figures = figuresOf(undefined, question.metric);
  try {
    const { answer } = await askForSeries({ ...question, agg: figures.agg }, signal);
    return { answer, figures };
  } catch (error) {
    if (error.code !== "too_many_readings") {
      throw error;
    }
    return { problem: "Too many readings in this period for a mean direction" };
  }
}
