/**
 * Corrects alerts that the REST API has listed by what was heard of them since: a response may have been on its way, or the database may not know yet
 * what the stream has told.
 *
 *   const recent = new RecentAlerts();
 *   recent.hear(alert, Date.now());                                  from the stream, or from the response to a change
 *   recent.settle(begun);                                            a request that began then has been answered
 *   recent.correct(alerts, { isFirstPage: true, next });             next: the cursor of the next page, or null
 *
 * The corrected list also has alerts that do not belong to it, or no longer (alert-views.js).
 */

/** Milliseconds after which the database is sure to know what the stream has told. */
const KNOWN_AFTER = 10000;

export class RecentAlerts {
  /** Alerts by id, and when each was heard of. */
  #heard = new Map();

  hear(alert, now) {
    this.#heard.set(alert.id, { alert, now });
  }

  /** Without responses, what was heard stays. */
  settle(begun) {
    this.#heard.forEach(({ now }, id) => now + KNOWN_AFTER < begun && this.#heard.delete(id));
  }

  correct(alerts, { isFirstPage = true, next = null } = {}) {
    const listed = new Set(alerts.map(({ id }) => id));
    // Pages have the newest first: what is older than this one belongs on the next one.
    const oldest = next === null ? "" : alerts.at(-1).fired_at;
    const added = isFirstPage ? [...this.#heard.values()].map(({ alert }) => alert).filter(({ id, fired_at }) => !listed.has(id) && fired_at >= oldest) : [];
    return [...alerts.map((alert) => this.#heard.get(alert.id)?.alert ?? alert), ...added];
  }
}
