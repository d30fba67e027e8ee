/**
 * Controls of form-fields.js. Each function returns one that makes a control for a value, undefined if there is none:
 *
 *   const make = number();
 *   const { root, input, isGroup, read } = make({ id: "rule-above", label: "Above" }, 140);
 *   read()                   140; undefined if it is empty
 *
 * `root` is what is shown below the label; `input` takes the focus; `isGroup`: it has several inputs, so its label is a legend; `hasLabel`: it has
 * one of its own. Of several inputs, `inputOf(name, row)` is the one of a name in the REST API, and `names` has their labels: [["from", "From"]].
 * form-rows.js has those with a row for each of several values.
 */

import { DAYS, daysOf, textOfDays } from "./alert-spans.js";
import { element } from "./elements.js";
import { zone } from "./zone.js";

const UNITS = [["s", "seconds"], ["m", "minutes"], ["h", "hours"], ["d", "days"]];
/** The REST API reads up to six digits. */
const LONGEST = 999999;
const DAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const single = (input, read) => ({ root: input, input, read });

const withList = (input, list) => {
  if (list) {
    input.setAttribute("list", list);
  }
  return input;
};

/** @param list id of a <datalist> with suggestions */
export const text = ({ list, ...properties } = {}) => ({ id }, value = "") => {
  const input = withList(element("input", { type: "text", id, value, maxLength: 200, autocomplete: "off", spellcheck: false, dir: "auto", ...properties }), list);
  return single(input, () => input.value.trim() || undefined);
};

/** Text of several lines, which are one for the REST API. */
export const longText = (properties = {}) => ({ id }, value = "") => {
  const input = element("textarea", { id, value, rows: 2, maxLength: 1000, spellcheck: false, dir: "auto", ...properties });
  return single(input, () => input.value.replaceAll(/\s*\n\s*/g, " ").trim() || undefined);
};

export const number = (properties = {}) => ({ id }, value) => {
  const input = element("input", { type: "number", id, step: "any", inputMode: "decimal", autocomplete: "off", value: value === undefined ? "" : String(value), ...properties });
  return single(input, () => (input.value === "" ? undefined : input.valueAsNumber));
};

/** @param options [["critical", "Critical"], ...] */
export const choice = (options) => ({ id }, value = options[0][0]) => {
  const input = element("select", { id }, ...options.map(([one, name]) => element("option", { value: one }, name)));
  input.value = value;
  return single(input, () => input.value);
};

/** @param usual if the value is not given; @param text beside the box */
export const check = (usual, text) => ({ id }, value = usual) => {
  const input = element("input", { type: "checkbox", id, checked: value });
  return { root: element("label", { className: "check" }, input, text), input, hasLabel: true, read: () => input.checked };
};

/** A duration such as 90m. */
export const duration = (properties = {}) => ({ id, label }, value = "") => {
  const [, count = "", unit = "s"] = /^(\d+)([smhd])$/.exec(value) ?? [];
  const input = element("input", { type: "number", id, min: 0, max: LONGEST, step: 1, inputMode: "numeric", autocomplete: "off", value: count, ...properties });
  const units = element("select", { ariaLabel: `${label}: unit` }, ...UNITS.map(([one, name]) => element("option", { value: one }, name)));
  units.value = unit;
  return { root: element("div", { className: "together" }, input, units), input, read: () => (input.value === "" ? undefined : `${input.valueAsNumber}${units.value}`) };
};

/** Names, or patterns of names. */
export const names = (properties = {}) => ({ id }, value = []) => {
  const input = element("textarea", { id, value: textOfNames(value), rows: 1, spellcheck: false, dir: "auto", autocapitalize: "off", ...properties });
  return single(input, () => {
    const given = namesOf(input.value);
    return given.length === 0 ? undefined : given;
  });
};

/** Names separated by commas or lines. One that contains such is in quotes, within which a quote is doubled. */
export function namesOf(given) {
  const parts = given.match(/\s*(?:"(?:[^"]|"")*"|[^,\n]+)/g) ?? [];
  return parts.map((part) => part.trim()).map((part) => (/^".*"$/s.test(part) ? part.slice(1, -1).replaceAll('""', '"') : part)).filter((name) => name !== "");
}

export const textOfNames = (given) => given.map((name) => (/[,\n]|^"|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(", ");

/** Hours of the week. @param text beside the box that restricts to them */
export const hours = (text) => ({ id, label }, value) => {
  const { days = "mon-sun", from = "", to = "", tz = value ? "UTC" : zone() } = value ?? {};
  const input = element("input", { type: "checkbox", id, checked: value !== undefined });
  const chosen = daysOf(days);
  const boxes = DAYS.map((day) => element("input", { type: "checkbox", value: day, checked: chosen.includes(day) }));
  const start = element("input", { type: "time", value: from, required: true });
  const end = element("input", { type: "time", value: to, required: true });
  const place = withList(element("input", { type: "text", value: tz, maxLength: 60, autocomplete: "off", spellcheck: false, required: true }), "time-zones");
  const details = element(
    "div", { className: "hours" },
    element("div", { className: "days", role: "group", ariaLabel: `${label}: days` }, ...boxes.map((box, at) => element("label", { className: "check" }, box, DAY_NAMES[at]))),
    element("div", { className: "row" }, ...[["From", start], ["To", end], ["Time zone", place]].map(([name, one]) => element("label", {}, name, one))),
  );
  const showDetails = () => {
    details.hidden = !input.checked;
    // What is hidden cannot be filled in.
    [start, end, place].forEach((one) => { one.disabled = !input.checked; });
  };
  input.addEventListener("input", showDetails);
  showDetails();
  return {
    root: element("div", {}, element("label", { className: "check" }, input, text), details),
    input,
    inputOf: (name) => ({ days: boxes[0], from: start, to: end, tz: place })[name],
    names: [["days", "Days"], ["from", "From"], ["to", "To"], ["tz", "Time zone"]],
    isGroup: true,
    read: () => (input.checked ? { days: textOfDays(boxes.filter((box) => box.checked).map((box) => box.value)), from: start.value, to: end.value, tz: place.value.trim() } : undefined),
  };
};

/** Suggestions of the time zones that the browser knows. */
export const timeZones = () => element("datalist", { id: "time-zones" }, ...["UTC", ...Intl.supportedValuesOf("timeZone")].map((value) => element("option", { value })));
