/**
 * The readings of a sensor as a rule with one metric sees them: with its limits, and the alerts that it would have fired.
 *
 *   const chart = new RuleChart(figure);
 *   chart.show(rule, alerts, "-24h");      alerts: those of a trial; of the sensor that is chosen, or else of the one that fired last, or else of
 *                                          the first that the rule is about
 *   chart.hide();                          while there is no such rule
 *
 * It begins at the first reading if that is in the second half of the time.
 */

import { formatDuration } from "./alert-spans.js";
import { prepareCharts } from "./chart-theme.js";
import { element } from "./elements.js";
import { namesOf } from "./metrics.js";
import { ask } from "./rest-api.js";
import { isMatch, spansOf, thresholdsOf } from "./thresholds.js";
import { pointsThatFit, TimeChart } from "./time-chart.js";
import { setText, update } from "./update.js";
import { askForUsualSeries } from "./usual-series.js";

/** Sensors to choose from. */
const MOST = 50;
/** Sensors among which one is sought that a rule is about. */
const MOST_SOUGHT = 1000;
/** Of the height, for the values: limits are what whoever writes a rule wants to see. */
const SHARE_OF_VALUES = 0.15;
/** Milliseconds that the chart shows at least. */
const SHORTEST = 600000;

export class RuleChart {
  #figure;
  #choice;
  #chart;
  #request;
  #shown;

  constructor(figure) {
    this.#figure = figure;
    this.#choice = figure.querySelector("select");
    this.#chart = prepareCharts() ? new TimeChart(figure.querySelector("canvas")) : undefined;
    this.#choice.addEventListener("change", () => this.show(...this.#shown));
  }

  hide() {
    this.#request?.abort();
    this.#figure.hidden = true;
  }

  async show(rule, alerts, from) {
    this.#shown = [rule, alerts, from];
    this.#request?.abort();
    if (rule.metric === undefined || rule.silent_for !== undefined || this.#chart === undefined) {
      this.hide();
      return;
    }
    const { signal } = this.#request = new AbortController();
    try {
      const sensors = await sensorsOf(rule, alerts, signal);
      const sensor = sensors.find(({ sensor_id: id }) => id === this.#choice.value) ?? sensors[0];
      const series = sensor && await askForReadings({ metric: rule.metric, sensor_id: sensor.sensor_id, from, points: pointsThatFit() }, signal);
      if (!signal.aborted) {
        this.#figure.hidden = sensor === undefined;
        this.#draw(rule, alerts, { sensors, sensor, series });
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#figure.hidden = false;
        this.#chart.showEmpty(`The readings cannot be shown: ${error.message}`);
      }
    }
  }

  #draw(rule, alerts, { sensors, sensor, series }) {
    if (sensor === undefined) {
      return;
    }
    update(this.#choice, sensors.map(({ sensor_id: id }) => element("option", { value: id }, id)));
    this.#choice.value = sensor.sensor_id;
    setText(this.#figure.querySelector("h2"), namesOf([rule.metric]).label(rule.metric));
    if (series.problem) {
      this.#chart.showEmpty(series.problem);
      return;
    }
    const { answer, figures, isShorter } = series;
    this.#chart.show(answer, {
      // A sensor is one line even if it was at several locations.
      lines: [{ name: sensor.sensor_id, points: answer.data[0]?.points ?? [] }],
      note: `${isShorter ? "Since the first reading, every" : "Every"} ${formatDuration(answer.interval)}`,
      figures,
      thresholds: thresholdsOf([rule], { metric: rule.metric, ...sensor }),
      share: SHARE_OF_VALUES,
      alerts: spansOf(alerts.filter(({ sensor_id: id }) => id === sensor.sensor_id), { metric: rule.metric, rules: [] }),
    });
  }
}

/** From the first reading on, if the time before it would take more room than the readings. */
async function askForReadings(question, signal) {
  const series = await askForUsualSeries(question, signal);
  const { from, to, data } = series.answer ?? { data: [] };
  const first = data[0]?.points.find(({ count }) => count > 0);
  const end = Math.min(Date.parse(to), Date.now());
  const start = Math.min(Date.parse(first?.time), end - SHORTEST);
  if (end - start < (end - Date.parse(from)) / 2) {
    return { ...await askForUsualSeries({ ...question, from: new Date(start).toISOString() }, signal), isShorter: true };
  }
  return series;
}

/** Those that fired, the last one first; without any, the first to which the rule applies, if there is one. */
async function sensorsOf({ metric, sensors, locations }, alerts, signal) {
  const fired = new Map(alerts.toReversed().map(({ sensor_id, location }) => [sensor_id, { sensor_id, location }]));
  if (fired.size > 0) {
    return [...fired.values()].reverse().slice(0, MOST);
  }
  const { answer: { data } } = await ask("/sensors", { metric, limit: MOST_SOUGHT }, signal);
  return data.filter(({ sensor_id: id, location }) => isMatch(sensors, id) && isMatch(locations, location)).slice(0, 1).map(({ sensor_id, location }) => ({ sensor_id, location }));
}
