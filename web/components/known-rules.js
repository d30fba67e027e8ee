/**
 * Requests the alert rules, once a minute. Whoever calls it meanwhile waits for the same request.
 *
 *   const rules = await loadRules()      the data of GET /alert-rules
 */

import { ask } from "./rest-api.js";

const KNOWN_FOR = 60000;

let askedAt = -Infinity;
let request;
let rules = [];

export async function loadRules() {
  if (performance.now() - askedAt > KNOWN_FOR) {
    request ??= load().finally(() => { request = undefined; });
    await request;
  }
  return rules;
}

async function load() {
  const { answer } = await ask("/alert-rules", {});
  rules = answer.data;
  askedAt = performance.now();
}
