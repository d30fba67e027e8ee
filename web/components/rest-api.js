/**
 * The two calls of the REST API that the page makes, through its own server.
 *
 *   const { readings, stats, clockDifference } = await askForData(signal)
 *
 * Fails with an ApiError whose message says, in the words of the status line, what the API did.
 */

export class ApiError extends Error {}

/** Answers of a proxy in front of an API that is not there. */
const NOBODY_THERE = new Set([502, 504]);

/** The Date header has whole seconds and the way takes time, so smaller differences say nothing. */
const SMALLEST_CLOCK_DIFFERENCE = 2000;

export async function askForData(signal) {
  const [latest, stats] = await Promise.all([
    askFor("/api/data/latest?limit=50", signal),
    askFor("/api/data/stats?hours=24", signal),
  ]);
  return { readings: latest.data, stats: stats.data, clockDifference: latest.clockDifference };
}

async function askFor(path, signal) {
  let response;
  let answer;
  try {
    response = await fetch(path, { signal, headers: { Accept: "application/json" } });
    answer = await response.text();
  } catch {
    throw new ApiError("the API does not answer");
  }
  if (NOBODY_THERE.has(response.status)) {
    throw new ApiError("the API does not answer");
  }
  const { data, error } = parse(answer);
  if (!response.ok) {
    throw new ApiError(`the API answers with error ${[response.status, error?.code].filter(Boolean).join(" ")}`);
  }
  if (data === undefined) {
    throw new ApiError("the answer of the API cannot be read");
  }
  return { data, clockDifference: clockDifference(response.headers.get("Date"), Date.now()) };
}

function parse(answer) {
  try {
    return JSON.parse(answer);
  } catch {
    return {};
  }
}

/** How far the server's clock is ahead of the viewer's, so that a wrong clock on a wall screen makes no reading look old. */
function clockDifference(dateHeader, now) {
  const difference = Date.parse(dateHeader) - now;
  return Math.abs(difference) > SMALLEST_CLOCK_DIFFERENCE ? difference : 0;
}
