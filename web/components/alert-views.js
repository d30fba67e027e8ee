/**
 * The views of alerts: which they show, in which order, and in which words. Pure functions.
 *
 *   const { heading, order, none, state, arrange } = viewNamed("shelved");      OPEN without a name, or with an unknown one
 *   arrange(alerts, now)             those that belong to the view, in its order; now by the server's clock
 *   isShelved(alert, now)
 *   pageOf(alert.id)              of the page that shows it alone
 *   isWorse(alert, "warning")        whether it is more severe than it was; undefined: it was not open
 *   describeNews(alerts)             "New critical alert for bed-3, icu-1: Heart rate is 152 bpm, above 140 bpm"
 *
 * `state` is that of the REST API, undefined for all.
 */

import { messageOf } from "./alert-message.js";
import { formatCount } from "./formatting.js";

/** The most severe first. */
export const SEVERITIES = ["critical", "warning", "info"];

export const isShelved = ({ shelved_until }, now) => shelved_until !== null && Date.parse(shelved_until) > now;

export const pageOf = (id) => `/alert?${new URLSearchParams({ alert_id: id })}`;

const isFiring = ({ state }) => state === "firing";

/** Their times have the same format. */
const byNewest = (a, b) => (a.fired_at < b.fired_at) - (a.fired_at > b.fired_at);

const bySeverity = (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || byNewest(a, b);

const viewOf = ({ belongs, compare, ...words }) => ({ ...words, arrange: (alerts, now) => alerts.filter((alert) => belongs(alert, now)).sort(compare) });

export const OPEN = viewOf({
  heading: "Open alerts",
  order: "most severe first",
  none: "No open alerts.",
  belongs: (alert, now) => isFiring(alert) && alert.acknowledged === null && !isShelved(alert, now),
  compare: bySeverity,
});

const OTHERS = new Map([
  ["acknowledged", viewOf({
    heading: "Acknowledged alerts",
    order: "newest first",
    none: "No acknowledged alerts.",
    state: "acknowledged",
    belongs: (alert) => isFiring(alert) && alert.acknowledged !== null,
    compare: byNewest,
  })],
  ["shelved", viewOf({
    heading: "Shelved alerts",
    order: "newest first",
    none: "No shelved alerts.",
    state: "shelved",
    belongs: (alert, now) => isFiring(alert) && isShelved(alert, now),
    compare: byNewest,
  })],
  ["history", viewOf({ heading: "All alerts", order: "newest first", none: "No alerts yet.", belongs: () => true, compare: byNewest })],
]);

export const viewNamed = (name) => OTHERS.get(name) ?? OPEN;

export const isWorse = ({ severity }, before) => before === undefined || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(before);

/** @param alerts in the order of the view of open alerts, at least one */
export function describeNews(alerts) {
  const [alert] = alerts;
  const { severity, sensor_id, location } = alert;
  const first = `${severity} alert for ${[sensor_id, location].filter(Boolean).join(", ")}: ${messageOf(alert)}`;
  return alerts.length === 1 ? `New ${first}` : `${formatCount(alerts.length)} new alerts, the most severe: ${first}`;
}
