/**
 * The open alerts of a sensor in a list: the most severe as a badge, and how many there are, linked to the page of its alerts.
 *
 *   element("td", {}, ...openAlertsLink(sensor))      sensor: an entry of /sensors; empty if it has none
 */

import { SEVERITIES } from "./alert-views.js";
import { element } from "./elements.js";
import { formatCount } from "./formatting.js";

export function openAlertsLink({ sensor_id, open_alerts: counts }) {
  const worst = SEVERITIES.find((severity) => counts[severity] > 0);
  if (worst === undefined) {
    return [];
  }
  const count = SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
  const told = `${formatCount(count)} open ${count === 1 ? "alert" : "alerts"} for ${sensor_id}, the most severe is ${worst}`;
  return [element(
    "a", { href: `/alerts?${new URLSearchParams({ sensor_id })}`, ariaLabel: told },
    element("span", { className: `badge ${worst}` }, worst),
    ...(count > 1 ? [element("span", { className: "total" }, `${formatCount(count)} open`)] : []),
  )];
}
