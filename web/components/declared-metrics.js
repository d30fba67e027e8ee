/**
 * Requests what was declared of metrics, once a minute, for metrics.js.
 *
 *   await loadMetrics(signal)
 */

import { declare } from "./metrics.js";
import { ask } from "./rest-api.js";

const KNOWN_FOR = 60000;

let askedAt = -Infinity;

export async function loadMetrics(signal) {
  if (performance.now() - askedAt > KNOWN_FOR) {
    const { answer } = await ask("/metrics", {}, signal);
    declare(answer.data);
    askedAt = performance.now();
  }
}
