/**
 * The line that says whether what the page shows is true now.
 *
 *   const status = new ConnectionStatus(document.querySelector("#status"));
 *   status.answered({ newestArrival, clockDifference });   status.failed(reason);   status.loading();
 *
 * The text follows the clock; screen readers hear it only when the state changes. The state is also on the root element
 * (data-connection), for the style sheet, and in the page's title.
 */

import { formatAge, formatMoment } from "./formatting.js";

const STALE_AFTER = 30000;
const TITLE = "Sensor Pipeline";

/** @param facts { isLoading, failure: { since, reason }, answeredAt, newestArrival, clockDifference } */
export function describeConnection(facts, now) {
  if (facts.failure) {
    const since = formatMoment(facts.failure.since, now);
    return { state: "offline", text: `Offline since ${since}: ${facts.failure.reason}. Trying again.` };
  }
  if (facts.isLoading) {
    return { state: "loading", text: "Loading the newest readings" };
  }
  if (facts.newestArrival === undefined) {
    return { state: "live", text: "Live, waiting for the first reading" };
  }
  const age = now + facts.clockDifference - facts.newestArrival;
  return age > STALE_AFTER
    ? { state: "stale", text: `Stale: newest reading ${formatAge(age)} ago` }
    : { state: "live", text: `Live, newest reading ${formatAge(age)} ago` };
}

export class ConnectionStatus {
  #line;
  #announcement = document.querySelector("#announcement");
  #asOf = document.querySelector("#as-of");
  #facts = { isLoading: true };

  constructor(line) {
    this.#line = line;
    this.#show();
    setInterval(() => this.#show(), 1000);
  }

  answered({ newestArrival, clockDifference }) {
    this.#facts = { answeredAt: Date.now(), newestArrival, clockDifference };
    this.#show();
  }

  failed(reason) {
    const since = this.#facts.failure?.since ?? Date.now();
    this.#facts = { ...this.#facts, failure: { since, reason } };
    this.#show();
  }

  /** What is on the page may be old, and nothing is known to be wrong. */
  loading() {
    this.#facts = { ...this.#facts, isLoading: true };
    this.#show();
  }

  #show() {
    const now = Date.now();
    const { state, text } = describeConnection(this.#facts, now);
    if (this.#line.dataset.state !== state) {
      this.#announcement.textContent = text;
    }
    this.#line.dataset.state = state;
    this.#line.textContent = text;
    document.documentElement.dataset.connection = state;
    document.title = state === "offline" || state === "stale" ? `${text.match(/^\w+/)[0]} · ${TITLE}` : TITLE;
    if (this.#facts.answeredAt !== undefined) {
      this.#asOf.textContent = `Data as of ${formatMoment(this.#facts.answeredAt, now)}`;
    }
  }
}
