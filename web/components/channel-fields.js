/**
 * The fields of the form for a channel (form-fields.js): a field of channels is added here, and its words in channel-words.js.
 *
 *   CHANNEL_FIELDS               in the order in which they are shown
 *   isGenerated(channel)         whether the secret of its webhook was made by the form, so that nobody knows it yet
 */

import { checkAddresses, checkDelay, checkFallbackDelay, checkRepeat, checkRouteName, checkUrl } from "./channel-checks.js";
import { check, choice, duration, hours, names, text } from "./form-controls.js";
import { element } from "./elements.js";
import { pairs } from "./form-rows.js";
import { checkHours } from "./rule-checks.js";

const SECRET_BYTES = 24;
const made = new Set();

export const isGenerated = ({ webhook }) => made.has(webhook?.secret);

function generateSecret() {
  const secret = `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))}`;
  made.add(secret);
  return secret;
}

/** A secret that the REST API never shows: undefined keeps the current one, which only a saved channel has. */
const secretOf = () => ({ id, label }, isThere) => {
  const generated = generateSecret();
  const options = [...(isThere ? [["", "Keep the current secret"]] : []), ["generate", "Generate a secret"], ["enter", "Enter a secret"]];
  const input = element("select", { id }, ...options.map(([value, name]) => element("option", { value }, name)));
  const own = element("input", { type: "text", ariaLabel: `${label} text`, minLength: 16, maxLength: 200, autocomplete: "off", spellcheck: false, required: true });
  const showOwn = () => {
    own.hidden = input.value !== "enter";
    own.disabled = own.hidden;
  };
  input.addEventListener("input", showOwn);
  showOwn();
  return { root: element("div", { className: "stack" }, input, own), input, read: () => ({ "": undefined, generate: generated, enter: own.value.trim() || undefined })[input.value] };
};

export const CHANNEL_FIELDS = [
  { name: "name", label: "Name", control: text({ required: true, maxLength: 100 }) },
  {
    name: "kind",
    label: "Type",
    isKind: true,
    covers: [],
    control: choice([["webhook", "Webhook"], ["email", "E-mail"], ["route", "Custom route"]]),
    get: ({ email, route }) => (email ? "email" : route ? "route" : "webhook"),
  },
  {
    name: "webhook",
    label: "URL",
    kinds: ["webhook"],
    hint: "Messages are posted to this address, for example https://pager.example.org/alerts.",
    calls: { url: "URL" },
    check: checkUrl,
    control: text({ type: "url", required: true, maxLength: 1000 }),
    get: ({ webhook }) => webhook?.url,
    put: (channel, url, { webhook }) => { channel.webhook = { ...webhook, url }; },
  },
  {
    name: "secret",
    label: "Secret",
    kinds: ["webhook"],
    hint: "With it, the receiver verifies that messages are genuine.",
    calls: { webhook: "URL" },
    covers: [],
    isAlwaysPut: true,
    control: secretOf(),
    get: ({ id, webhook }) => (id !== undefined && webhook !== undefined ? true : undefined),
    put: (channel, secret) => { channel.webhook = { ...channel.webhook, secret }; },
  },
  {
    name: "email",
    label: "Addresses",
    kinds: ["email"],
    hint: "Separated by commas.",
    calls: { to: "Addresses" },
    check: checkAddresses,
    control: names({ required: true }),
    get: ({ email }) => email?.to,
    put: (channel, to, { email }) => { channel.email = { ...email, to }; },
  },
  {
    name: "route",
    label: "Route",
    kinds: ["route"],
    hint: "The part after notify- of the name of a route in the alerts service. Send a test after saving: only then is a missing route noticed.",
    check: checkRouteName,
    control: text({ required: true, maxLength: 63 }),
    get: ({ route }) => route?.name,
    put: (channel, name, { route }) => {
      const { settings, ...rest } = route ?? {};
      channel.route = { ...rest, name };
    },
  },
  {
    name: "settings",
    label: "Route settings",
    kinds: ["route"],
    covers: [],
    control: pairs({ one: "setting", key: "Name", value: { label: "Value", control: text({ maxLength: 1000 }) }, most: 20 }),
    get: ({ route }) => route?.settings,
    put: (channel, settings) => { channel.route = { ...channel.route, settings }; },
  },
  { name: "severity", label: "Severity", control: choice([["info", "All alerts"], ["warning", "Warning and critical alerts"], ["critical", "Critical alerts only"]]) },
  { name: "rules", label: "Rules", hint: "Names, separated by commas; * matches any text. Empty: all rules.", control: names() },
  { name: "sensors", label: "Sensors", hint: "Same format, for example bed-*. Empty: all sensors.", control: names() },
  { name: "locations", label: "Locations", hint: "Same format, for example icu-*. Empty: all locations.", control: names() },
  { name: "cleared", label: "When alerts clear", control: check(true, "Also report when an alert clears") },
  { name: "repeat", label: "Repeat every", hint: "Until somebody acknowledges the alert. Empty: never.", check: checkRepeat, control: duration() },
  { name: "after", label: "Only after", hint: "For escalation: only alerts that have been open for this long without being acknowledged. Not for a fallback.", check: checkDelay, control: duration() },
  { name: "quiet", label: "Quiet hours", isMore: true, hint: "Alerts that are still open and not acknowledged at the end of these hours are sent then.", check: checkHours, control: hours("Do not send at certain hours") },
  { name: "fallback_for", label: "Fallback for", isMore: true, hint: "Names of channels, separated by commas. This channel then sends only what they cannot deliver.", control: names() },
  { name: "fallback_after", label: "If they have been failing for", isMore: true, hint: "Only for a fallback. Empty: 30 seconds.", check: checkFallbackDelay, control: duration() },
];
