/**
 * What is wrong with what was entered into a form, in words that use its labels. Pure functions.
 *
 *   quoted("Name"), quoted("For at least")      "Name", "“For at least”"
 *   describeInvalid(input)                      "Name is required.", of an input whose `validity` is not valid, or that is blank
 *   placeOf("levels[1]: above must be a number", names)      { path: ["levels", "above"], row: 1 }: which value a message of the REST API is about
 *   inWordsOfForm("clear_below must be less", labels)        "“Clears below” must be less"; labels: a Map from names of the REST API
 */

/** More than one word would not be recognized as a label within a sentence. */
export const quoted = (label) => (label.includes(" ") ? `“${label}”` : label);

/** Whether a required input has nothing, or nothing that can be seen. */
export const isBlank = ({ required, willValidate, value, validity }) => required && willValidate && !validity.badInput && value.trim() === "";

const NUMBER = "a number";
const KINDS = { number: NUMBER, time: "a time of day" };

export function describeInvalid(input) {
  const { validity, type, min, max, minLength } = input;
  const label = quoted(input.labels[0]?.textContent ?? input.ariaLabel);
  if (validity.badInput) {
    return `${label} must be ${KINDS[type] ?? "a valid value"}.`;
  }
  if (isBlank(input)) {
    return `${label} is required.`;
  }
  if (validity.rangeUnderflow) {
    return `${label} must be at least ${min}.`;
  }
  if (validity.rangeOverflow) {
    return `${label} must be at most ${max}.`;
  }
  if (validity.stepMismatch) {
    return `${label} must be a whole number.`;
  }
  return validity.tooShort ? `${label} must have at least ${minLength} characters.` : `${label} is not valid.`;
}

/** The REST API names first what contains a value, then the value. */
const CONTAINER = /^([a-z_]+)(?:\[(\d+)\])?: (?=\S)/;
const NAME = /^[a-z_]+/;
/** Others may be words. */
const WITHIN = /\b[a-z]+(?:_[a-z]+)+\b/g;

export function placeOf(message, names) {
  const [prefix = "", container, row] = message.match(CONTAINER) ?? [];
  if (!names.has(container)) {
    const [name] = message.match(NAME) ?? [];
    return { path: [name], row: 0, text: message };
  }
  const text = message.slice(prefix.length);
  return { path: [container, text.match(NAME)?.[0]], row: Number(row ?? 0), text };
}

export function inWordsOfForm(message, labels) {
  const { text } = placeOf(message, labels);
  const inWords = (name) => (labels.has(name) ? quoted(labels.get(name)) : name);
  return text.replace(NAME, inWords).replaceAll(WITHIN, inWords);
}
