/** What an operator asks first: does work wait, is everything well, what was refused; and dead letters to inspect and replay. */

import { ConnectionStatus } from "../frame/connection-status.js";
import { DeadLetters } from "../components/dead-letters.js";
import { element } from "../components/elements.js";
import { formatAge, formatCount, formatRate, formatMoment } from "../components/formatting.js";
import { startPage } from "../frame/page.js";
import { Polling } from "../components/polling.js";
import { Rate } from "../components/rate.js";
import { ask } from "../components/rest-api.js";
import { drawSparkline } from "../components/sparkline.js";

/** Consumers look every five seconds; one that has not looked for so long has stopped, or cannot. */
const UNSEEN = 20000;
/** Statistics wait some seconds at most, unless nobody makes them. */
const OVERDUE = 60000;
const MOST_REMEMBERED = 60;

const find = (selector) => document.querySelector(selector);

startPage();
const status = new ConnectionStatus(find("#status"));
const letters = new DeadLetters({ section: find("#dead-letters"), dialog: find("#letter"), onChange: () => polling.askAnew() });
const rate = new Rate();
const lags = [];

async function askForAll(signal) {
  const [pipeline, stats, health, refused] = await Promise.all([
    ask("/pipeline", {}, signal),
    ask("/data/stats", { hours: 1, limit: 1 }, signal),
    ask("/health", {}, signal),
    letters.ask(signal),
  ]);
  return {
    pipeline: pipeline.answer.data,
    total: stats.answer.data.overall.total_events,
    checks: health.answer.checks,
    refused,
    begun: pipeline.begun,
    clockDifference: pipeline.clockDifference,
  };
}

/** What each card says. Pure. */
export function describePipeline({ lag, rollups, retention, dead_letters: refused }, perSecond, now) {
  const unseen = lag && now - Date.parse(lag.seen_at);
  const overdue = rollups.oldest_waiting && now - Date.parse(rollups.oldest_waiting) > OVERDUE;
  return {
    "card-lag": lag
      ? { value: formatCount(lag.readings), detail: unseen > UNSEEN ? `no consumer has told for ${formatAge(unseen)}` : "records not stored yet", isBad: unseen > UNSEEN }
      : { detail: "No consumer has run yet" },
    "card-events-per-second": perSecond === undefined ? { detail: "Counting the first seconds" } : { value: formatRate(perSecond), detail: "stored in the last half minute" },
    "card-rollups": rollups.batches_waiting === 0
      ? { value: "up to date", detail: "nothing waits" }
      : { value: formatCount(rollups.batches_waiting), detail: `batches wait, the oldest since ${formatMoment(Date.parse(rollups.oldest_waiting), now)}`, isBad: overdue },
    "card-retention": retention
      ? { value: retention.readings_kept, detail: `readings; statistics by hour ${retention.statistics_kept}` }
      : { detail: "No consumer has run yet" },
    "card-dead-letters": {
      value: formatCount(refused.waiting),
      detail: refused.newest ? `wait; the newest of ${formatMoment(Date.parse(refused.newest), now)}` : "none was ever refused",
      isBad: refused.waiting > 0,
    },
  };
}

function measure({ total, begun, pipeline }) {
  rate.measure(total, begun);
  if (pipeline.lag) {
    lags.push(pipeline.lag.readings);
    lags.splice(0, lags.length - MOST_REMEMBERED);
  }
}

function show({ pipeline, checks, refused, begun, clockDifference }) {
  for (const [id, { value, detail, isBad = false }] of Object.entries(describePipeline(pipeline, rate.values.at(-1), begun + clockDifference))) {
    const card = find(`#${id}`);
    card.dataset.content = value === undefined ? "empty" : "filled";
    card.classList.toggle("bad", isBad);
    card.querySelector(".value").textContent = value ?? "–";
    card.querySelector(".value").classList.toggle("long", (value ?? "").length > 8);
    card.querySelector(".detail").textContent = detail;
  }
  drawSparkline(find("#card-lag .sparkline"), lags);
  drawSparkline(find("#card-events-per-second .sparkline"), rate.values);
  showHealth(checks);
  letters.show(refused);
  find("#main").ariaBusy = "false";
}

function showHealth(checks) {
  const names = Object.keys(checks).sort();
  const isWell = names.every((check) => checks[check].status === "up");
  find("#health").dataset.content = "filled";
  find("#health .note").textContent = isWell ? "All checks are up" : "Something is wrong";
  find("#health tbody").replaceChildren(...names.map((check) => {
    const { status: state, message, ...details } = checks[check];
    const text = message ?? Object.entries(details).map(([name, value]) => `${name} ${value}`).join(", ");
    return element(
      "tr", {},
      element("th", { scope: "row" }, check),
      element("td", {}, element("span", { className: `badge ${state === "up" ? "online" : "silent"}` }, state)),
      element("td", {}, text),
    );
  }));
}

const polling = new Polling({
  ask: askForAll,
  onAnswer(answered) {
    status.answered({ newestArrival: null, clockDifference: answered.clockDifference, begun: answered.begun });
    measure(answered);
    show(answered);
  },
  onFailure: (error) => status.failed(error.message),
  onReturn: () => status.loading(),
});

polling.start();
