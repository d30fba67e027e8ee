/**
 * Texts of the cards of the operations page. Pure.
 *
 *   describePipeline(pipeline, perSecond, now)      { "card-lag": { value, detail, isBad }, ... }; pipeline: from GET /pipeline
 */

import { formatAge, formatCount, formatMoment, formatRate } from "./formatting.js";

/** Consumers report every five seconds; after this time they have stopped, or cannot report. */
const UNSEEN = 20000;
/** Rollups are updated within seconds if a consumer runs. */
const OVERDUE = 60000;

export function describePipeline({ lag, rollups, retention, limits, dead_letters: rejected, texts_for_numbers: texts }, perSecond, now) {
  const unseen = lag && now - Date.parse(lag.seen_at);
  const overdue = rollups.oldest_waiting && now - Date.parse(rollups.oldest_waiting) > OVERDUE;
  return {
    "card-lag": lag
      ? { value: formatCount(lag.readings), detail: unseen > UNSEEN ? `no report from a consumer for ${formatAge(unseen)}` : "records not stored yet", isBad: unseen > UNSEEN }
      : { detail: "No consumer has run yet" },
    "card-events-per-second": perSecond === undefined ? { detail: "Measuring..." } : { value: formatRate(perSecond), detail: "average of the last 30 seconds" },
    "card-rollups": rollups.batches_waiting === 0
      ? { value: "up to date", detail: "no batches waiting" }
      : { value: formatCount(rollups.batches_waiting), detail: `batches waiting, the oldest since ${formatMoment(Date.parse(rollups.oldest_waiting), now)}`, isBad: overdue },
    "card-retention": retention
      ? { value: describeRetention(retention.readings_kept), detail: `readings; hourly statistics: ${describeRetention(retention.statistics_kept)}` }
      : { detail: "No consumer has run yet" },
    "card-sensors": limits
      ? {
          value: formatCount(limits.sensors),
          detail: `of at most ${formatCount(limits.most_sensors)}; ${limits.sensors < limits.most_sensors ? "one at two locations counts twice" : "records of new ones are dead letters"}`,
          isBad: limits.sensors >= limits.most_sensors,
        }
      : { detail: "No consumer has run yet" },
    "card-dead-letters": {
      value: formatCount(rejected.waiting),
      detail: rejected.newest ? `waiting; the newest of ${formatMoment(Date.parse(rejected.newest), now)}` : "none waiting",
      isBad: rejected.waiting > 0,
    },
    "card-texts": {
      value: formatCount(texts.readings),
      detail: texts.readings === 0 ? "no text where a number usually is" : `${texts.readings === 1 ? "reading," : "readings, most of them"} for ${texts.most[0].metric} of ${texts.most[0].sensor_id}; the newest of ${formatMoment(Date.parse(texts.newest), now)}`,
    },
  };
}

const describeRetention = (kept) => (/^for ?ever$/.test(kept) ? "forever" : kept);
