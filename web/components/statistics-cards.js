/**
 * The figures at the top, each with its trend over the last day.
 *
 *   const cards = new StatisticsCards(document.querySelector(".cards"));
 *   cards.show({ stats, metrics: ["temperature", "humidity"], names, begun });      names: from namesOf in metrics.js
 */

import { showCard } from "./card.js";
import { formatCount, formatDay, formatRate, formatShortClock } from "./formatting.js";
import { formatNumber, formatValue, isDirection, unitOf } from "./metrics.js";
import { Rate } from "./rate.js";
import { drawSparkline } from "./sparkline.js";

const HOUR = 3600000;

/** Texts of the cards. Pure. */
export function describeStatistics({ overall, by_location: byLocation, hourly }, metrics, names, rates, now) {
  const first = Date.parse(overall.first_reading);
  // The current hour is incomplete, and would look like a drop.
  const hours = everyHour(hourly);
  const silent = overall.silent_sensors;
  return {
    "card-total-events": overall.total_events > 0
      ? { value: formatCount(overall.total_events), detail: `since ${formatDay(first, now)}, ${formatShortClock(first)}`, trend: hours.slice(0, -1).map((hour) => hour?.event_count ?? 0) }
      : { detail: "Waiting for the first reading", trend: [] },
    "card-first-metric": describeMetric(overall, metrics[0], names, hours),
    "card-second-metric": describeMetric(overall, metrics[1], names, hours),
    "card-active-sensors": overall.active_sensors > 0
      ? { value: formatCount(overall.active_sensors - silent), detail: `${silent > 0 ? `of ${formatCount(overall.active_sensors)}, ` : ""}${describeLocations(byLocation)}` }
      : { detail: "No sensors yet" },
    "card-events-per-second": rates.length > 0
      ? { value: formatRate(rates.at(-1)), detail: "average of the last 30 seconds", trend: rates }
      : { detail: "Measuring...", trend: [] },
    "card-silent-sensors": overall.active_sensors > 0
      ? { value: formatCount(silent), detail: silent > 0 ? "no reading for 5 minutes" : "all have sent in the last 5 minutes", isBad: silent > 0 }
      : { detail: "No sensors yet" },
  };
}

/** The response omits hours without readings; in a trend they are gaps. */
function everyHour(hourly) {
  if (hourly.length === 0) {
    return [];
  }
  const known = new Map(hourly.map((hour) => [Date.parse(hour.hour), hour]));
  const first = Date.parse(hourly[0].hour);
  const last = Date.parse(hourly.at(-1).hour);
  return Array.from({ length: (last - first) / HOUR + 1 }, (_, index) => known.get(first + index * HOUR));
}

function describeMetric(overall, metric, names, hours) {
  if (metric === undefined) {
    return { title: "Second metric", detail: "There is only one metric", trend: [] };
  }
  const title = `Average ${names.words(metric)}`;
  const average = overall[`avg_${metric}`];
  if (isDirection(metric) && overall[`count_${metric}`] > 0) {
    return { title, detail: "Directions have no average", trend: [] };
  }
  if (!Number.isFinite(average)) {
    return { title, detail: `No ${names.words(metric)} readings yet`, trend: [] };
  }
  const unit = unitOf(metric);
  const ends = [overall[`min_${metric}`], overall[`max_${metric}`]];
  const range = ends.map((value) => formatNumber(metric, value)).join(" to ");
  return {
    title,
    value: formatNumber(metric, average),
    unit,
    full: `${formatValue(metric, average)}, from ${ends.map((value) => formatValue(metric, value)).join(" to ")}`,
    detail: `from ${range}${unit ? ` ${unit}` : ""}`,
    trend: hours.map((hour) => hour?.[`avg_${metric}`]),
  };
}

function describeLocations(byLocation) {
  const locations = byLocation.filter((row) => row.location !== null).length;
  return locations === 0 ? "without a location" : `at ${formatCount(locations)} ${locations === 1 ? "location" : "locations"}`;
}

export class StatisticsCards {
  #section;
  #rate = new Rate();

  constructor(section) {
    this.#section = section;
  }

  show({ stats, metrics, names, begun }) {
    this.#rate.measure(stats.overall.total_events, begun);
    for (const [id, card] of Object.entries(describeStatistics(stats, metrics, names, this.#rate.values, Date.now()))) {
      const place = this.#section.querySelector(`#${id}`);
      showCard(place, card);
      if (card.trend) {
        drawSparkline(place.querySelector(".sparkline"), card.trend);
      }
    }
  }
}
