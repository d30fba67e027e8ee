/**
 * What is wrong with the fields of a channel, for form-fields.js: as rules/NotificationChannel.java, so that it is said at once, beside the right input.
 *
 *   checkUrl, checkAddresses, checkRouteName, checkRepeat, checkDelay, checkFallbackDelay      of fields of these kinds
 */

import { secondsOf } from "./rule-checks.js";

const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,10}$/;
/** With a user name and password, which are refused later. */
const WITH_HOST = /^https?:\/\/([^@/?#]*@)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d*)?([/?#]|$)/i;
const ROUTE_NAME = /^[a-z0-9][a-z0-9-]*$/;
const SHORTEST_REPEAT = 60;

export function checkUrl(url) {
  if (!/^https?:\/\//i.test(url)) {
    return "URL must begin with http:// or https://.";
  }
  if (!WITH_HOST.test(url) || !URL.canParse(url)) {
    return "URL must have a host of letters, digits, hyphens and dots, and a valid port, for example https://pager.example.org/alerts.";
  }
  const { username, password, hash } = new URL(url);
  if (username || password) {
    return "URL must not contain a user name or password.";
  }
  return hash ? "URL must not contain a fragment, which begins with #." : undefined;
}

export function checkAddresses(addresses = []) {
  const wrong = addresses.find((address) => !ADDRESS.test(address));
  return wrong && `${wrong} is not an e-mail address.`;
}

export const checkRouteName = (name) => (ROUTE_NAME.test(name) ? undefined : "Route must consist of lower-case letters, digits and hyphens.");

export const checkRepeat = (duration) => (duration !== undefined && secondsOf(duration) < SHORTEST_REPEAT ? "“Repeat every” must be at least 1 minute." : undefined);

export const checkDelay = (duration, { object: { fallback_for: others } }) => (duration !== undefined && others !== undefined
  ? "A fallback cannot have “Only after”. Use “If they have been failing for” instead." : undefined);

export const checkFallbackDelay = (duration, { object: { fallback_for: others } }) => (duration !== undefined && others === undefined
  ? "“If they have been failing for” requires “Fallback for”." : undefined);
