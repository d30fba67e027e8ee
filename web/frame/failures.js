/**
 * Explains failed requests in plain language. The only place that classifies failures. Pure functions.
 *
 *   reasonOf(503, "database_unavailable")     "the database is not available"
 *   describeUndone("added", error)            "Could not be added: the database is not available", or that nobody knows if there was no response
 *   asSentence("no rule has this id")         "No rule has this id."
 *   describeFailure(error)                    { word: "Unavailable", state: "offline", reason, isRefused: false, wait: 5000 }; error: an ApiError
 *   waitOf("120", now)                        120000, from the header Retry-After
 */

/** Responses of a proxy that cannot reach the API. */
const UNREACHABLE = new Set([undefined, 502, 504]);
/** Milliseconds until a page retries automatically after the API has denied access. */
const REFUSED_WAIT = 60000;
const LONGEST_WAIT = 86400000;

const REASONS = new Map([
  ["database_unavailable", "the database is not available"],
  ["database_read_only", "the database is read-only at the moment"],
  ["query_timeout", "the request took too long"],
  ["audit_unavailable", "the audit trail is not available"],
  ["alert_cleared", "the alert has been cleared in the meantime"],
  ["changed_meanwhile", "somebody else has changed it in the meantime; look at it again first"],
  ["unknown_channel", "the channel has been deleted in the meantime"],
  ["unknown_rule", "the rule has been deleted in the meantime"],
]);

/**
 * @param status HTTP status of the response, or undefined without one
 * @param code error code of the API, or undefined
 * @param message of the API, or undefined; shown only if it says what to change in the request
 */
export function reasonOf(status, code, message) {
  if (UNREACHABLE.has(status)) {
    return "the server does not respond";
  }
  switch (status) {
    case 400: return message ?? "the request is not valid";
    case 401: return "log in to see current readings";
    case 409: return REASONS.get(code) ?? message ?? "the request conflicts with stored data";
    case 403: return "your account has no access to this; ask an administrator";
    case 429: return "too many requests from this account or address";
    case 503: return REASONS.get(code) ?? "the service is temporarily unavailable";
    default: return REASONS.get(code) ?? `the server reports an error (${[status, code].filter(Boolean).join(" ")})`;
  }
}

/** What is known of a change whose request has failed. @param done "added", "saved", ...; error: an ApiError; subject: of what was to be done */
export function describeUndone(done, { status, message }, subject = "it was") {
  if (!UNREACHABLE.has(status)) {
    return `Could not be ${done}: ${message}`;
  }
  // The request may have arrived, and only its response is lost.
  return `It is not known whether ${subject} ${done}: ${message}.${done === "added" ? " Look for it in the list before you add it again." : ""}`;
}

/** What stands by itself. */
export const asSentence = (message) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

/** @return word: start of the status line; state: its colour; isRefused: whether access is denied; isFinal: whether asking again is pointless; wait: milliseconds */
export function describeFailure({ status, code, message: reason, retryAfter = 0 }) {
  if (status === 404 && code?.startsWith("unknown_")) {
    return { word: "Not found", state: "stale", reason, isRefused: false, isFinal: true, wait: 0 };
  }
  switch (status) {
    case 401: return { word: "Logged out", state: "refused", reason, isRefused: true, wait: REFUSED_WAIT };
    case 403: return { word: "No access", state: "refused", reason, isRefused: true, wait: REFUSED_WAIT };
    case 429: return { word: "Paused", state: "delayed", reason, isRefused: false, wait: retryAfter };
    case 503: return { word: "Unavailable", state: "offline", reason, isRefused: false, wait: retryAfter };
    default: return { word: UNREACHABLE.has(status) ? "Offline" : "Error", state: "offline", reason, isRefused: false, wait: retryAfter };
  }
}

/** @return milliseconds to wait, 0 if the header, which has seconds or a date, is missing or invalid */
export function waitOf(header, now) {
  const wait = /^\d+$/.test(header ?? "") ? header * 1000 : Date.parse(header ?? "") - now;
  return wait > 0 ? Math.min(wait, LONGEST_WAIT) : 0;
}
