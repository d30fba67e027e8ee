/**
 * The line that says whether what the page shows is true now.
 *
 *   const status = new ConnectionStatus(document.querySelector("#status"));
 *   status.answered({ newestArrival, clockDifference, begun });   status.arrived(newestArrival);   status.failed(reason);   status.loading();
 *
 * The text follows the clock; screen readers hear it only when the state changes. The state is also on the root element
 * (data-connection), for the style sheet, and in the page's title.
 */

import { formatAge, formatMoment } from "../components/formatting.js";

const STALE_AFTER = 30000;
const DELAYED_AFTER = 12000;

/**
 * @param facts { isLoading, failure: { since, reason }, asOf, newestArrival, clockDifference, delay }: times of the viewer's clock, but for
 *   newestArrival, which is undefined before the first reading, and null where the page shows no newest ones; asOf: of when the data are; delay: how long ago the last readings that were told had arrived then
 */
export function describeConnection(facts, now) {
  if (facts.failure) {
    const since = formatMoment(facts.failure.since, now);
    return { state: "offline", text: `Offline since ${since}: ${facts.failure.reason}. Trying again.` };
  }
  if (facts.isLoading) {
    return { state: "loading", text: "Waiting for the newest readings" };
  }
  if (now - facts.asOf > DELAYED_AFTER) {
    return { state: "delayed", text: `Delayed: this is as of ${formatAge(now - facts.asOf)} ago` };
  }
  if (facts.newestArrival === null) {
    return { state: "live", text: "Up to date" };
  }
  if (facts.newestArrival === undefined) {
    return { state: "live", text: "Live, waiting for the first reading" };
  }
  const age = now + facts.clockDifference - facts.newestArrival;
  if (facts.delay > DELAYED_AFTER && age <= facts.delay + STALE_AFTER) {
    return { state: "delayed", text: `Delayed: readings appear ${formatAge(facts.delay)} after they arrived` };
  }
  return age > STALE_AFTER
    ? { state: "stale", text: `Stale since ${formatMoment(facts.newestArrival - facts.clockDifference, now)}: no reading for ${formatAge(age)}` }
    : { state: "live", text: `Live, newest reading ${formatAge(age)} ago` };
}

export class ConnectionStatus {
  #line;
  #announcement = document.querySelector("#announcement");
  #asOf = document.querySelector("#as-of");
  #title = document.title;
  #facts = { isLoading: true };
  #timer;

  constructor(line) {
    this.#line = line;
    document.addEventListener("visibilitychange", () => this.#followClock());
    this.#followClock();
  }

  /** The data are from when they were asked for, or later. */
  answered({ newestArrival, clockDifference, begun }) {
    const isNew = newestArrival !== this.#facts.newestArrival;
    this.#facts = { asOf: begun, newestArrival, clockDifference, delay: isNew ? undefined : this.#facts.delay };
    this.#show();
  }

  /** Readings were told as they were stored. */
  arrived(newestArrival) {
    const delay = Date.now() + (this.#facts.clockDifference ?? 0) - newestArrival;
    const newest = Math.max(newestArrival, this.#facts.newestArrival ?? newestArrival);
    this.#facts = { ...this.#facts, newestArrival: newest, delay };
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

  #followClock() {
    clearInterval(this.#timer);
    if (document.visibilityState === "visible") {
      this.#show();
      this.#timer = setInterval(() => this.#show(), 1000);
    }
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
    document.title = state === "live" || state === "loading" ? this.#title : `${text.match(/^\w+/)[0]} · ${this.#title}`;
    if (this.#facts.asOf !== undefined) {
      this.#asOf.textContent = `Data as of ${formatMoment(this.#facts.asOf, now)}`;
    }
  }
}
