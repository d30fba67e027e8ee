/**
 * Requests to the REST API, through the dashboard's server.
 *
 *   const { answer, begun, clockDifference } = await ask("/data/latest", { limit: 50, location: ["hall", "yard"] }, signal)
 *   await send("/dead-letters/replay", { ids: [1, 2] })
 *   await send("/alert-rules/try", rule, { parameters: { limit: 20 }, signal })
 *   await replace("/alert-rules/7", rule, { version: 3 })      fails with "changed_meanwhile" if it has another version by now
 *   await remove("/data/readings", { sensor_id: "sensor-001", dry_run: true })      or with { version }, as above
 *   addressOf("/data/readings", { format: "csv" })          for links
 *
 * Throws an ApiError, whose message is part of a sentence (failures.js). Undefined and empty parameters are omitted; an
 * array repeats the parameter.
 */

import { reasonOf, waitOf } from "../frame/failures.js";

export class ApiError extends Error {
  /**
   * @param reason { status, code, message, retryAfter } of the response, if there was one; retryAfter in milliseconds
   */
  constructor({ status, code, message, retryAfter }) {
    super(reasonOf(status, code, message));
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The Date header has whole seconds, and the response takes time: smaller differences are insignificant. */
const SMALLEST_CLOCK_DIFFERENCE = 2000;

export function addressOf(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== "") {
        query.append(name, one);
      }
    }
  }
  return `/api${path}${query.size > 0 ? `?${query}` : ""}`;
}

export async function ask(path, parameters, signal) {
  return receive(() => fetch(addressOf(path, parameters), { signal, headers: { Accept: "application/json" } }));
}

/** Posts JSON. */
export const send = (path, body, options) => carry("POST", path, body, options);

/** Puts JSON. */
export const replace = (path, body, options) => carry("PUT", path, body, options);

async function carry(method, path, body, { parameters, signal, version } = {}) {
  return receive(() => fetch(addressOf(path, parameters), { method, signal, headers: { "Content-Type": "application/json", ...conditionOf(version) }, body: JSON.stringify(body) }));
}

/** Deletes what the parameters describe. */
export async function remove(path, parameters, { version } = {}) {
  return receive(() => fetch(addressOf(path, parameters), { method: "DELETE", headers: conditionOf(version) }));
}

const conditionOf = (version) => (version === undefined ? {} : { "If-Match": `"${version}"` });

async function receive(request) {
  const begun = Date.now();
  let response;
  let text;
  try {
    response = await request();
    text = await response.text();
  } catch {
    throw new ApiError({});
  }
  const answer = parse(text);
  // A health report has status 503 if it reports a problem.
  if (answer === undefined || (!response.ok && answer.checks === undefined)) {
    const { code, message } = answer?.error ?? {};
    throw new ApiError({
      status: response.status,
      code: code ?? (response.ok ? "unreadable_response" : undefined),
      message,
      retryAfter: waitOf(response.headers.get("Retry-After"), Date.now()),
    });
  }
  return { answer, begun, clockDifference: clockDifference(response.headers.get("Date"), Date.now()) };
}

/** @return undefined if it is not a JSON object */
function parse(text) {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

/** How far the server's clock is ahead of the viewer's, so that a wrong clock does not make readings look old. */
function clockDifference(dateHeader, now) {
  const difference = Date.parse(dateHeader) - now;
  return Math.abs(difference) > SMALLEST_CLOCK_DIFFERENCE ? difference : 0;
}
