/**
 * Requests what was declared of metrics, once a minute, for metrics.js. Whoever calls it meanwhile waits for the same request.
 *
 *   await loadMetrics(signal)
 */

import { declare } from "./metrics.js";
import { ask } from "./rest-api.js";

const KNOWN_FOR = 60000;

let askedAt = -Infinity;
let request;

export async function loadMetrics(signal) {
  if (performance.now() - askedAt > KNOWN_FOR) {
    request ??= load(signal).finally(() => { request = undefined; });
    await request;
  }
}

async function load(signal) {
  const { answer } = await ask("/metrics", {}, signal);
  declare(answer.data);
  askedAt = performance.now();
}
