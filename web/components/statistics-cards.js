/**
 * The four figures at the top.
 *
 *   const cards = new StatisticsCards(document.querySelector(".cards"));
 *   cards.show({ stats });
 */

import { formatCount, formatDay, formatMeasurement, formatShortClock } from "./formatting.js";

/** A value of more characters is set smaller, to fit its card. */
const LONG = 10;

/** What each card says; without a value it says that there is none yet. Pure. */
export function describeStatistics({ overall, by_sensor: bySensor }, now) {
  const locations = new Set(bySensor.map((row) => row.location).filter((location) => location !== null)).size;
  const first = Date.parse(overall.first_reading);
  return {
    "card-total-events": overall.total_events > 0
      ? { value: formatCount(overall.total_events), detail: `since ${formatDay(first, now)}, ${formatShortClock(first)}` }
      : { detail: "No readings yet: waiting for the first" },
    "card-average-temperature": describeMetric(overall, "temperature", "°C"),
    "card-average-humidity": describeMetric(overall, "humidity", "%"),
    "card-active-sensors": overall.active_sensors > 0
      ? { value: formatCount(overall.active_sensors), detail: describeLocations(locations) }
      : { detail: "No sensors yet" },
  };
}

function describeMetric(overall, metric, unit) {
  const average = overall[`avg_${metric}`];
  if (!Number.isFinite(average)) {
    return { detail: `No ${metric} readings yet` };
  }
  const range = [overall[`min_${metric}`], overall[`max_${metric}`]].map(formatMeasurement).join(" to ");
  return { value: formatMeasurement(average), unit, detail: `from ${range} ${unit}` };
}

function describeLocations(locations) {
  return locations === 0 ? "no location given" : `at ${formatCount(locations)} ${locations === 1 ? "location" : "locations"}`;
}

export class StatisticsCards {
  #section;

  constructor(section) {
    this.#section = section;
  }

  show({ stats }) {
    for (const [id, { value = "–", unit, detail }] of Object.entries(describeStatistics(stats, Date.now()))) {
      const card = this.#section.querySelector(`#${id}`);
      card.dataset.content = value === "–" ? "empty" : "filled";
      const figure = card.querySelector(".value");
      figure.textContent = value;
      figure.classList.toggle("long", value.length > LONG);
      if (unit) {
        const small = document.createElement("span");
        small.className = "unit";
        small.textContent = `\u00a0${unit}`;
        figure.append(small);
      }
      card.querySelector(".detail").textContent = detail;
    }
  }
}
