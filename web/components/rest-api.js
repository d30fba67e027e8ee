/**
 * Asks the REST API, through the page's own server.
 *
 *   const { answer, clockDifference } = await ask("/data/latest", { limit: 50, location: ["hall", "yard"] }, signal)
 *   addressOf("/data/readings", { format: "csv" })          for links
 *
 * Fails with an ApiError whose message says, in the words of the status line, what the API did. What is undefined or empty is not
 * asked; an array is asked as often as it has elements.
 */

export class ApiError extends Error {
  /**
   * @param message what the API did
   * @param status of its answer, or undefined without one
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Answers of a proxy in front of an API that is not there. */
const NOBODY_THERE = new Set([502, 504]);

/** The Date header has whole seconds and the way takes time, so smaller differences say nothing. */
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

/** Sends JSON, and resolves to the answer. */
export async function send(path, body) {
  return receive(() => fetch(addressOf(path), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

async function receive(request) {
  const begun = Date.now();
  let response;
  let text;
  try {
    response = await request();
    text = await response.text();
  } catch {
    throw new ApiError("the API does not answer");
  }
  if (NOBODY_THERE.has(response.status)) {
    throw new ApiError("the API does not answer", response.status);
  }
  const answer = parse(text);
  if (response.status === 400) {
    throw new ApiError(answer?.error?.message ?? "the API does not understand the question", 400);
  }
  // Unhealthy is an answer too.
  if (!response.ok && answer?.checks === undefined) {
    throw new ApiError(`the API answers with error ${[response.status, answer?.error?.code].filter(Boolean).join(" ")}`, response.status);
  }
  if (answer === undefined) {
    throw new ApiError("the answer of the API cannot be read", response.status);
  }
  return { answer, begun, clockDifference: clockDifference(response.headers.get("Date"), Date.now()) };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How far the server's clock is ahead of the viewer's, so that a wrong clock on a wall screen makes no reading look old. */
function clockDifference(dateHeader, now) {
  const difference = Date.parse(dateHeader) - now;
  return Math.abs(difference) > SMALLEST_CLOCK_DIFFERENCE ? difference : 0;
}
