/**
 * The time zone in which days, weeks and months of charts begin: that of the browser, or UTC if the server does not know it.
 *
 *   const answer = await askForSeries({ metric: "co2", from: "-24h" }, signal)      GET /data/series in this zone
 *   zone()                     "Europe/Berlin"
 *   describeZone(now)          "Times in Europe/Berlin (GMT+1)"
 */

import { ask } from "./rest-api.js";

const UNKNOWN = "Etc/Unknown";
const UTC = "UTC";
const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const offset = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" });

let chosen = own && own !== UNKNOWN ? own : UTC;

export const zone = () => chosen;

export async function askForSeries(question, signal) {
  const asked = chosen;
  try {
    return await ask("/data/series", { ...question, tz: asked }, signal);
  } catch (error) {
    if (error.code !== "invalid_tz" || asked === UTC) {
      throw error;
    }
    chosen = UTC;
    return ask("/data/series", { ...question, tz: UTC }, signal);
  }
}

export function describeZone(now) {
  if (!own || own === UNKNOWN) {
    return "Times in UTC: this browser does not know its time zone";
  }
  const name = `${own} (${offset.formatToParts(now).find((part) => part.type === "timeZoneName").value})`;
  return chosen === own ? `Times in ${name}` : `Times in ${name}; days begin at midnight UTC, because the server does not know this time zone`;
}
