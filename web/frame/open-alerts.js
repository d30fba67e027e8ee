/**
 * Which alerts are open, for the header of every page: requested with each round of requests of the page, and corrected by what the stream tells.
 *
 *   const open = new OpenAlerts({ onChange(state) { ... }, onNews(alerts) { ... } });
 *   await open.ask(signal);
 *   open.hear(alert);
 *
 * `state` is { counts: { critical, warning, info }, count, worst, alerts, newest }: alerts are the most severe, at most a hundred, then the newest;
 * worst is undefined, and newest too, without any. `onNews` gets alerts that have fired, or become more severe, since the first response, in the same
 * order.
 */

import { isWorse, OPEN, SEVERITIES } from "../components/alert-views.js";
import { RecentAlerts } from "../components/recent-alerts.js";
import { ask } from "../components/rest-api.js";

const MOST = 100;

export class OpenAlerts {
  #calls;
  #recent = new RecentAlerts();
  #last;
  /** Severities of those that were open, by id, and whether these were all; undefined before the first response. */
  #known;
  #hadAll = true;
  /** When the newest that is known has fired. */
  #newest = "";

  constructor(calls) {
    this.#calls = calls;
  }

  async ask(signal) {
    this.#last = await ask("/open-alerts", { limit: MOST }, signal);
    this.#recent.settle(this.#last.begun);
    this.#tell();
  }

  hear(alert) {
    this.#recent.hear(alert, Date.now());
    if (this.#last) {
      this.#tell();
    }
  }

  #tell() {
    const { answer, clockDifference } = this.#last;
    const hasAll = answer.data.length === answer.count;
    const alerts = OPEN.arrange(this.#recent.correct(answer.data), Date.now() + clockDifference);
    const counts = hasAll ? countsOf(alerts) : answer;
    const newest = [...alerts, ...(hasAll || answer.newest === null ? [] : [answer.newest])].reduce((a, b) => (a === undefined || b.fired_at > a.fired_at ? b : a), undefined);
    this.#calls.onChange({
      counts,
      count: SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0),
      worst: SEVERITIES.find((severity) => counts[severity] > 0),
      alerts,
      newest,
    });
    this.#findNews(alerts, hasAll, newest);
  }

  /** Of many alerts only some are known: one that is new among them may have been open for long, unless it has fired after all that were known. */
  #findNews(alerts, hasAll, newest) {
    const isNew = (alert) => isWorse(alert, this.#known.get(alert.id)) && !alert.late && (this.#hadAll || this.#known.has(alert.id) || alert.fired_at > this.#newest);
    const news = this.#known ? alerts.filter(isNew) : [];
    this.#known = new Map(alerts.map(({ id, severity }) => [id, severity]));
    this.#hadAll = hasAll;
    this.#newest = newest?.fired_at ?? this.#newest;
    if (news.length > 0) {
      this.#calls.onNews(news);
    }
  }
}

const countsOf = (alerts) => Object.fromEntries(SEVERITIES.map((severity) => [severity, alerts.filter((alert) => alert.severity === severity).length]));
