/**
 * The figures at the top, each with its trend over the last day.
 *
 *   const cards = new StatisticsCards(document.querySelector(".cards"));
 *   cards.show({ stats, metrics: ["temperature", "humidity"], begun });
 */

import { formatCount, formatDay, formatRate, formatShortClock } from "./formatting.js";
import { formatNumber, labelOf, unitOf } from "./metrics.js";
import { Rate } from "./rate.js";
import { drawSparkline } from "./sparkline.js";
import { element } from "./elements.js";

/** A value of more characters is set smaller, to fit its card. */
const LONG = 10;
const HOUR = 3600000;

/** What each card says; without a value it says that there is none yet. Pure. */
export function describeStatistics({ overall, by_location: byLocation, hourly }, metrics, rates, now) {
  const first = Date.parse(overall.first_reading);
  // The last hour is not over: it would look as if less came.
  const hours = everyHour(hourly);
  const silent = overall.silent_sensors;
  return {
    "card-total-events": overall.total_events > 0
      ? { value: formatCount(overall.total_events), detail: `since ${formatDay(first, now)}, ${formatShortClock(first)}`, trend: hours.slice(0, -1).map((hour) => hour?.event_count ?? 0) }
      : { detail: "No readings yet: waiting for the first" },
    "card-first-metric": describeMetric(overall, metrics[0], hours),
    "card-second-metric": describeMetric(overall, metrics[1], hours),
    "card-active-sensors": overall.active_sensors > 0
      ? { value: formatCount(overall.active_sensors - silent), detail: `${silent > 0 ? `of ${formatCount(overall.active_sensors)}, ` : ""}${describeLocations(byLocation)}` }
      : { detail: "No sensors yet" },
    "card-events-per-second": rates.length > 0
      ? { value: formatRate(rates.at(-1)), detail: "stored in the last half minute", trend: rates }
      : { detail: "Counting the first seconds" },
    "card-silent-sensors": overall.active_sensors > 0
      ? { value: formatCount(silent), detail: silent > 0 ? "no reading for 5 minutes" : "all sent within 5 minutes", isBad: silent > 0 }
      : { detail: "No sensors yet" },
  };
}

/** Hours without a reading are not in the answer, and are gaps in a trend. */
function everyHour(hourly) {
  if (hourly.length === 0) {
    return [];
  }
  const known = new Map(hourly.map((hour) => [Date.parse(hour.hour), hour]));
  const first = Date.parse(hourly[0].hour);
  const last = Date.parse(hourly.at(-1).hour);
  return Array.from({ length: (last - first) / HOUR + 1 }, (_, index) => known.get(first + index * HOUR));
}

function describeMetric(overall, metric, hours) {
  if (metric === undefined) {
    return { title: "Second metric", detail: "The data have only one" };
  }
  const title = `Average ${labelOf(metric).toLocaleLowerCase()}`;
  const average = overall[`avg_${metric}`];
  if (!Number.isFinite(average)) {
    return { title, detail: `No ${labelOf(metric).toLocaleLowerCase()} readings yet` };
  }
  const unit = unitOf(metric);
  const range = [overall[`min_${metric}`], overall[`max_${metric}`]].map((value) => formatNumber(metric, value)).join(" to ");
  return { title, value: formatNumber(metric, average), unit, detail: `from ${range}${unit ? ` ${unit}` : ""}`, trend: hours.map((hour) => hour?.[`avg_${metric}`]) };
}

function describeLocations(byLocation) {
  const locations = byLocation.filter((row) => row.location !== null).length;
  return locations === 0 ? "no location given" : `at ${formatCount(locations)} ${locations === 1 ? "location" : "locations"}`;
}

export class StatisticsCards {
  #section;
  #rate = new Rate();

  constructor(section) {
    this.#section = section;
  }

  show({ stats, metrics, begun }) {
    this.#rate.measure(stats.overall.total_events, begun);
    for (const [id, card] of Object.entries(describeStatistics(stats, metrics, this.#rate.values, Date.now()))) {
      this.#fill(this.#section.querySelector(`#${id}`), card);
    }
  }

  #fill(card, { title, value, unit, detail, trend = [], isBad = false }) {
    card.dataset.content = value === undefined ? "empty" : "filled";
    card.classList.toggle("bad", isBad);
    if (title) {
      card.querySelector("h2").textContent = title;
    }
    const figure = card.querySelector(".value");
    figure.textContent = value ?? "–";
    figure.classList.toggle("long", (value ?? "").length > LONG);
    if (unit) {
      figure.append(element("span", { className: "unit" }, `\u00a0${unit}`));
    }
    card.querySelector(".detail").textContent = detail;
    const sparkline = card.querySelector(".sparkline");
    if (sparkline) {
      drawSparkline(sparkline, trend);
    }
  }
}
