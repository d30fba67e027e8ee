/** Operations: lag, throughput, health, and dead letters to inspect, replay and discard. */

import { DeadLetters } from "../components/dead-letters.js";
import { element } from "../components/elements.js";
import { showCard } from "../components/card.js";
import { LostRecords } from "../components/lost-records.js";
import { describePipeline } from "../components/pipeline-figures.js";
import { Rate } from "../components/rate.js";
import { ask } from "../components/rest-api.js";
import { drawSparkline } from "../components/sparkline.js";
import { setText, update } from "../components/update.js";
import { startPage } from "../frame/page.js";

const MOST_REMEMBERED = 60;
/** Details of checks that a card shows too: measured up to seven seconds apart, the two figures would differ. */
const ON_A_CARD = new Set(["lag"]);

const find = (selector) => document.querySelector(selector);

const letters = new DeadLetters({ section: find("#dead-letters"), dialog: find("#letter"), confirmation: find("#discard"), onChange: () => page.askAnew() });
const lost = new LostRecords({ section: find("#lost-records"), onChange: () => page.askAnew() });
const rate = new Rate();
const lags = [];

async function askForAll(signal) {
  const [pipeline, stats, health, rejected, lostRecords] = await Promise.all([
    ask("/pipeline", {}, signal),
    ask("/data/stats", { hours: 1, limit: 1 }, signal),
    ask("/health", {}, signal),
    letters.ask(signal),
    lost.ask(signal),
  ]);
  return {
    pipeline: pipeline.answer.data,
    total: stats.answer.data.overall.total_events,
    checks: health.answer.checks,
    rejected,
    lostRecords,
    begun: pipeline.begun,
    clockDifference: pipeline.clockDifference,
  };
}

function measure({ total, begun, pipeline }) {
  rate.measure(total, begun);
  if (pipeline.lag) {
    lags.push(pipeline.lag.readings);
    lags.splice(0, lags.length - MOST_REMEMBERED);
  }
}

function show(answer) {
  const { pipeline, checks, rejected, lostRecords, begun, clockDifference } = answer;
  measure(answer);
  for (const [id, card] of Object.entries(describePipeline(pipeline, rate.values.at(-1), begun + clockDifference))) {
    showCard(find(`#${id}`), card);
  }
  drawSparkline(find("#card-lag .sparkline"), lags);
  drawSparkline(find("#card-events-per-second .sparkline"), rate.values);
  showHealth(checks);
  lost.show(lostRecords);
  letters.show(rejected);
}

function showHealth(checks) {
  const names = Object.keys(checks).sort();
  const isWell = names.every((check) => checks[check].status === "up");
  find("#health").dataset.content = "filled";
  setText(find("#health .note"), isWell ? "All checks pass" : "At least one check fails");
  update(find("#health tbody"), names.map((check) => {
    const { status: state, message, ...details } = checks[check];
    const text = message ?? Object.entries(details).filter(([name]) => !ON_A_CARD.has(name)).map(([name, value]) => `${name} ${value}`).join(", ");
    return element(
      "tr", { key: check },
      element("th", { scope: "row" }, check),
      element("td", {}, element("span", { className: `badge ${state === "up" ? "online" : "silent"}` }, state)),
      element("td", {}, text),
    );
  }));
}

const page = startPage({ ask: askForAll, show });
