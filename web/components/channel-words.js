/**
 * The channels by which people are notified, in words. Pure functions.
 *
 *   describeKind(channel)               "Webhook at pager.example.org", "E-mail to shift@example.org", "Route notify-chat"
 *   describeScope(channel)              "Critical alerts at icu-*, and when they clear. Repeated every 5 min until acknowledged."
 *   describeTest(test, now)             { mark, text, error } of the last test, such as "test delivered 10:31:05"; undefined without one
 *   describeProblems(channels, now)     what people have to know: [{ key, text, waiting }]; key and text change only with the problem
 */

import { describeHours, formatDuration } from "./alert-spans.js";
import { formatChoice, formatCount, formatMoment } from "./formatting.js";

/** How long another channel must have been failing before its fallback reports, by default. */
const USUAL_FAILURE = "30s";

const SUBJECTS = { info: "All alerts", warning: "Warning and critical alerts", critical: "Critical alerts" };

export function describeKind({ webhook, email, route }) {
  if (webhook) {
    return `Webhook at ${hostOf(webhook.url)}`;
  }
  return email ? `E-mail to ${email.to.join(", ")}` : `Route notify-${route.name}`;
}

/** The rest of the address may be secret. */
const hostOf = (url) => (URL.canParse(url) ? new URL(url).host : url);

export function describeScope({ severity = "info", rules, sensors, locations, after, repeat, cleared = true, quiet, fallback_for: others, fallback_after: failure = USUAL_FAILURE }) {
  const alerts = [
    SUBJECTS[severity],
    rules && `of the ${rules.length === 1 ? "rule" : "rules"} ${formatChoice(rules)}`,
    sensors && `for ${formatChoice(sensors)}`,
    locations && `in ${formatChoice(locations)}`,
    others && `that ${formatChoice(others, others.length)} cannot deliver, if it has been failing for ${formatDuration(failure)}`,
    after && `that nobody has acknowledged for ${formatDuration(after)}`,
  ];
  return [
    `${alerts.filter(Boolean).join(" ")}, ${cleared ? "and" : "but not"} when they clear.`,
    repeat && `Repeated every ${formatDuration(repeat)} until acknowledged.`,
    quiet && `Quiet hours: ${describeHours(quiet)}.`,
  ].filter(Boolean).join(" ");
}

/** @param now by the server's clock */
export function describeTest(test, now) {
  const { delivered_at: delivered, failed_at: failed, error } = test ?? {};
  if (delivered) {
    return { mark: "online", text: `test delivered ${formatMoment(Date.parse(delivered), now)}` };
  }
  return failed ? { mark: "odd", text: `test failed ${formatMoment(Date.parse(failed), now)}`, error } : test && { mark: "retired", text: "sending test…" };
}

/** @param now by the server's clock */
export function describeProblems(channels, now) {
  return channels.flatMap(({ id, name, status: { failing_since: since, error, waiting, given_up: lost, given_up_at: lostAt } }) => [
    since !== null && {
      key: `${id} failing ${since}`,
      text: `Channel ${name} has not delivered messages since ${formatMoment(Date.parse(since), now)}: ${error ?? "no reason is known"}.`,
      waiting: waiting > 0 ? ` ${formatCount(waiting)} ${waiting === 1 ? "event is" : "events are"} waiting.` : "",
    },
    lost > 0 && {
      key: `${id} lost ${lostAt}`,
      text: `Channel ${name} could not deliver ${formatCount(lost)} ${lost === 1 ? "message" : "messages"} in the last week.`,
      waiting: "",
    },
  ]).filter(Boolean);
}
