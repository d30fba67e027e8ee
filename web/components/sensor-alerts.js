/**
 * The alerts of one sensor: those that were firing in a period, for its charts, and those that are open, as a list.
 *
 *   const { alerts, rules, isPart } = await askForAlerts({ sensor_id, from, to }, signal)      from: milliseconds, or NaN; to: undefined for now
 *   showOpenAlerts(section, { alerts, counts: sensor.open_alerts, sensor_id, now })            hides the section without any
 *
 * The newest are requested; isPart: there are more of them.
 */

import { messageOf } from "./alert-message.js";
import { OPEN, pageOf, SEVERITIES } from "./alert-views.js";
import { element } from "./elements.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { loadRules } from "./known-rules.js";
import { ask } from "./rest-api.js";
import { setText, update } from "./update.js";

const MOST = 200;
const MOST_LISTED = 5;

/** A time that is none is told by the request for what the chart shows. */
const timeOf = (milliseconds) => (Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : undefined);

export async function askForAlerts({ sensor_id, from, to }, signal) {
  const [{ answer }, rules] = await Promise.all([ask("/alerts", { sensor_id, active_from: timeOf(from), to: timeOf(to), limit: MOST }, signal), loadRules()]);
  return { alerts: answer.data, rules, isPart: answer.next !== null };
}

/** @param counts of all that are open, by severity */
export function showOpenAlerts(section, { alerts, counts, sensor_id, now }) {
  const count = SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
  const listed = OPEN.arrange(alerts, now).slice(0, MOST_LISTED);
  section.hidden = count === 0 || listed.length === 0;
  const isPart = count > listed.length;
  section.querySelector(".note").hidden = !isPart;
  setText(section.querySelector(".note"), isPart ? `${formatCount(listed.length)} of ${formatCount(count)}, most severe first` : "");
  section.querySelector("a").href = `/alerts?${new URLSearchParams({ sensor_id })}`;
  update(section.querySelector("ul"), listed.map((alert) => lineOf(alert, now)));
}

function lineOf(alert, now) {
  const { id, severity, fired_at, rule, latched } = alert;
  return element(
    "li", { key: id },
    element("span", { className: `badge ${severity}` }, severity),
    element("span", { className: "alert-message" }, element("strong", { dir: "auto" }, element("a", { href: pageOf(id) }, rule)), " ", element("span", { dir: "auto" }, messageOf(alert))),
    ...(latched ? [element("span", { className: "badge odd" }, "condition ended, not acknowledged")] : []),
    element("time", { dateTime: fired_at }, `fired ${formatMoment(Date.parse(fired_at), now)}, ${formatAge(now - Date.parse(fired_at))} ago`),
  );
}
