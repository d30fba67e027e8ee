/**
 * Requests what was declared of metrics, once a minute, for metrics.js. Whoever calls it meanwhile waits for the same request.
 *
 *   await loadMetrics()
 */

import { declare } from "./metrics.js";
import { ask } from "./rest-api.js";

const KNOWN_FOR = 60000;

let askedAt = -Infinity;
let request;

export async function loadMetrics() {
  if (performance.now() - askedAt > KNOWN_FOR) {
    request ??= load().finally(() => { request = undefined; });
    await request;
  }
}

async function load() {
  const { answer } = await ask("/metrics", {});
  declare(answer.data);
  askedAt = performance.now();
}
