/**
 * The number of open alerts in the header, beside the link to the page of alerts, with the sign and colour of the most severe.
 *
 *   showAlertCount({ count: 3, worst: "critical" });      worst: undefined if none is open
 */

import { formatCount } from "../components/formatting.js";
import { setText } from "../components/update.js";

const MOST = 999;

export function showAlertCount({ count, worst }) {
  const place = document.querySelector("#alert-count");
  const [seen, told] = place.children;
  place.className = `count ${worst ?? "none"}`;
  setText(seen, count > MOST ? `${MOST}+` : formatCount(count));
  setText(told, worst === undefined ? "none open" : `${formatCount(count)} open, the most severe is ${worst}`);
}
