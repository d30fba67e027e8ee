/**
 * The status line that shows whether the page is up to date.
 *
 *   const status = new ConnectionStatus(document.querySelector("#status"));
 *   status.answered({ newestArrival, clockDifference, begun });   status.arrived(newestArrival);   status.failed(failure);   status.loading();
 *   status.setTitle("(2) Alerts");      of the page while all is well
 *
 * The text is updated with the clock; screen readers announce it only when the state changes. The state is also on the root element
 * (data-connection), for the style sheet, and in the title of the page.
 */

import { formatAge, formatMoment } from "../components/formatting.js";

const STALE_AFTER = 30000;
const DELAYED_AFTER = 12000;

/**
 * Pure. Times are those of the viewer's clock, except newestArrival.
 *
 * @param facts { isLoading, failure, asOf, newestArrival, clockDifference, delay }. failure: from failures.js, with since, and until when the
 *   server must not be asked again; newestArrival: undefined before the first reading, null if the page shows no latest readings; asOf: time of
 *   the data; delay: age of the latest readings received, at that time
 */
export function describeConnection(facts, now) {
  if (facts.failure) {
    return describeFailing(facts.failure, now);
  }
  if (facts.isLoading) {
    return { state: "loading", text: "Loading" };
  }
  if (now - facts.asOf > DELAYED_AFTER) {
    return { state: "delayed", text: `Delayed: data is ${formatAge(now - facts.asOf)} old` };
  }
  if (facts.newestArrival === null) {
    return { state: "live", text: "Up to date" };
  }
  if (facts.newestArrival === undefined) {
    return { state: "live", text: "Live, waiting for the first reading" };
  }
  const age = now + facts.clockDifference - facts.newestArrival;
  if (facts.delay > DELAYED_AFTER && age <= facts.delay + STALE_AFTER) {
    return { state: "delayed", text: `Delayed: readings appear ${formatAge(facts.delay)} after they arrive` };
  }
  return age > STALE_AFTER
    ? { state: "stale", text: `Stale since ${formatMoment(facts.newestArrival - facts.clockDifference, now)}: no reading for ${formatAge(age)}` }
    : { state: "live", text: `Live, newest reading ${formatAge(age)} ago` };
}

function describeFailing({ word, state, reason, isRefused, isFinal, since, until }, now) {
  if (isRefused || isFinal) {
    return { state, text: `${word}: ${reason}` };
  }
  const next = until - now >= 1000 ? `Next attempt in ${formatAge(until - now)}` : "Retrying";
  return { state, text: `${word} since ${formatMoment(since, now)}: ${reason}. ${next}.` };
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

  /** The data is as of the request, or later. */
  answered({ newestArrival, clockDifference, begun }) {
    const isNew = newestArrival !== this.#facts.newestArrival;
    this.#facts = { asOf: begun, newestArrival, clockDifference, delay: isNew ? undefined : this.#facts.delay };
    this.#show();
  }

  /** Readings were received as they were stored. */
  arrived(newestArrival) {
    const delay = Date.now() + (this.#facts.clockDifference ?? 0) - newestArrival;
    const newest = Math.max(newestArrival, this.#facts.newestArrival ?? newestArrival);
    this.#facts = { ...this.#facts, newestArrival: newest, delay };
    this.#show();
  }

  failed(failure) {
    const now = Date.now();
    const previous = this.#facts.failure;
    const since = previous?.word === failure.word ? previous.since : now;
    this.#facts = { ...this.#facts, failure: { ...failure, since, until: now + failure.wait } };
    this.#show();
  }

  /** The page may show old data, but no failure is known. */
  loading() {
    this.#facts = { ...this.#facts, isLoading: true };
    this.#show();
  }

  setTitle(title) {
    this.#title = title;
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
    const word = state === "live" || state === "loading" ? undefined : text.match(/^[\w ]+?(?=:| since)/)[0];
    if (this.#line.dataset.state !== state) {
      this.#announcement.textContent = text;
    }
    this.#line.dataset.state = state;
    this.#line.textContent = text;
    document.documentElement.dataset.connection = state;
    document.title = word ? `${word} · ${this.#title}` : this.#title;
    if (this.#asOf) {
      this.#asOf.textContent = describeData(this.#facts, now);
    }
  }
}

function describeData({ asOf, failure }, now) {
  if (asOf !== undefined) {
    return `Data as of ${formatMoment(asOf, now)}`;
  }
  return failure ? "No data yet" : "Loading…";
}
