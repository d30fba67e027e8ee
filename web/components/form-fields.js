/**
 * A form for a JSON object of the REST API. What it does not show, such as a field of a later version, stays as it is.
 *
 *   const form = new FormFields(container, { prefix: "rule", fields: FIELDS });
 *   form.show(rule);
 *   form.read()                  the rule as it is now
 *   form.validate()              shows what is wrong beside each field, and moves the focus to the first; false if something is
 *   form.validate({ optional: ["name"] })      the same while somebody types: without the focus, and without saying what is missing, which is no
 *                                problem in these fields
 *   form.tell(error)             shows the message of an ApiError beside its field; false if it is about none
 *   form.describe(error)         that message, with the labels of the form
 *   form.showUnit("°C")          beside the inputs that have one
 *   form.isChanged               whether what is in the form differs from what was shown
 *
 * A field is
 *
 *   {
 *     name: "for",               of the object; error messages begin with it
 *     label: "For at least",
 *     hint: "...",
 *     control: duration(),       form-controls.js, form-rows.js
 *     kinds: ["above"],          shown only for objects of these kinds; all if it is left out
 *     isMore: true,              behind "More"
 *     check: (value, { rows, object }) => ...,      what is wrong with a value: undefined, a text, or { text, name, row } of one of several inputs;
 *                                rows: those of form-rows.js; object: what the form says
 *     calls: { url: "URL" },     names of its parts in messages of the REST API, with their labels
 *     covers: ["levels"],        what it sets in the object, if that is not its name
 *     get: (object) => value,    these two likewise
 *     put: (object, value, original) => { ... },
 *     isAlwaysPut: true,         also if nothing was changed
 *     isKind: true,              its value is the kind, which is no field of the object unless there is a `put`
 *   }
 *
 * `kinds` are those of the field with `isKind`. Fields of the same name have different kinds. Events `input` of the container tell that
 * something has changed.
 */

import { element } from "./elements.js";
import { describeInvalid, inWordsOfForm, isBlank, placeOf } from "./form-problems.js";
import { arrange, setText } from "./update.js";
import { asSentence } from "../frame/failures.js";

export class FormFields {
  #container;
  #prefix;
  #fields;
  /** A control, its elements, the value it was made for, and what it read then, for each field. */
  #shown = [];
  #original = {};
  #originalKind;
  #before;
  #more = element("details", { className: "more" }, element("summary", {}, "More"));

  constructor(container, { prefix, fields }) {
    this.#container = container;
    this.#prefix = prefix;
    this.#fields = fields;
    container.addEventListener("input", () => {
      this.#showKind();
      this.#recheck();
    });
  }

  show(object) {
    this.#original = object;
    this.#shown = this.#fields.map((field, place) => this.#make(field, place));
    this.#more.open = this.#shown.some(({ field, value }) => field.isMore && value !== undefined);
    this.#originalKind = this.kind;
    this.#showKind();
    this.#before = JSON.stringify(this.read());
  }

  showUnit(unit = "") {
    this.#container.querySelectorAll(".measure").forEach((place) => setText(place, unit));
  }

  get isChanged() {
    return this.#before !== undefined && JSON.stringify(this.read()) !== this.#before;
  }

  #make(field, place) {
    const id = `${this.#prefix}-${field.name}-${place}`;
    const { get = (object) => object[field.name], label, hint, control: makeControl } = field;
    const value = get(this.#original);
    const control = makeControl({ id, label }, value);
    const note = hint && element("p", { id: `${id}-hint`, className: "note" }, hint);
    const error = element("p", { id: `${id}-error`, className: "error", dir: "auto", hidden: true });
    const isGroup = control.isGroup ?? false;
    const heading = control.hasLabel ? [] : [isGroup ? element("legend", {}, label) : element("label", { htmlFor: id }, label)];
    const root = element(isGroup ? "fieldset" : "div", { className: "field" }, ...heading, control.root, error, ...(note ? [note] : []));
    if (note) {
      (isGroup ? root : control.input).setAttribute("aria-describedby", note.id);
    }
    return { field, root, control, error, value, before: JSON.stringify(control.read()), isShown: true };
  }

  get kind() {
    return this.#shown.find(({ field }) => field.isKind)?.control.read();
  }

  /** Only fields of the kind are in the document: what is not there cannot be filled in, and is not missing either. */
  #showKind() {
    const { kind } = this;
    this.#shown.forEach((one) => { one.isShown = one.field.kinds?.includes(kind) ?? true; });
    const rootsOf = (isMore) => this.#shown.filter((one) => one.isShown && (one.field.isMore ?? false) === isMore).map(({ root }) => root);
    const more = rootsOf(true);
    arrange(this.#more, [this.#more.querySelector("summary"), ...more], { question: kind });
    arrange(this.#container, [...rootsOf(false), ...(more.length > 0 ? [this.#more] : [])], { question: this.#shown });
  }

  read() {
    // What the kind of the object has no field for stays, unless it becomes one of another kind.
    const covered = new Set(this.#shown.filter(({ isShown }) => isShown || this.kind !== this.#originalKind).flatMap(({ field: { name, covers = [name] } }) => covers));
    const object = Object.fromEntries(Object.entries(this.#original).filter(([name]) => !covered.has(name)));
    for (const { field, control, value, before } of this.#shown.filter(({ isShown }) => isShown)) {
      const { isKind = false, put = isKind ? () => {} : (target, given) => { target[field.name] = given; } } = field;
      const now = control.read();
      // What has not been changed stays as it was written, although the control may write it in another way.
      const given = JSON.stringify(now) === before && !field.isAlwaysPut ? value : now;
      if (given !== undefined) {
        put(object, given, this.#original);
      }
    }
    return object;
  }

  validate({ optional } = {}) {
    const isTyping = optional !== undefined;
    const found = this.#visible.map((one) => ({ one, problem: this.#problemOf(one) })).filter(({ one, problem }) => problem && !(problem.isMissing && optional?.includes(one.field.name)));
    if (!isTyping) {
      this.clear();
    }
    for (const { one, problem } of found.filter(({ problem }) => !(isTyping && problem.isMissing))) {
      clearProblem(one);
      showProblem(one, problem);
    }
    if (found.length > 0 && !isTyping) {
      this.focus();
    }
    return found.length === 0;
  }

  get #visible() {
    return this.#shown.filter(({ isShown }) => isShown);
  }

  /** @return undefined, or the text, the input, and whether that is only not filled in yet */
  #problemOf({ field, root, control }) {
    const input = [...root.querySelectorAll("input, select, textarea")].find((one) => !one.validity.valid || isBlank(one));
    if (input && !(input.validity.typeMismatch && field.check)) {
      return { text: describeInvalid(input), input, isMissing: isBlank(input) };
    }
    const found = field.check?.(control.read(), { rows: control.rows?.(), object: this.read() });
    if (found === undefined || typeof found === "string") {
      return found && { text: found, input: control.input };
    }
    return { text: found.text, input: control.inputOf(found.name, found.row) };
  }

  /** Removes what is no longer wrong, also what the server has said: it may be right now. */
  #recheck() {
    for (const one of this.#shown.filter(({ error }) => !error.hidden)) {
      const problem = one.isShown ? this.#problemOf(one) : undefined;
      clearProblem(one);
      if (problem) {
        showProblem(one, problem);
      }
    }
  }

  tell(error) {
    this.clear();
    const labels = this.#labels();
    const { path: [name, part], row } = placeOf(error.message, labels);
    const named = this.#visible.filter(({ field, control }) => isCalled(field, control, name));
    const about = named.find(({ field, control }) => isCalled(field, control, part)) ?? named[0] ?? this.#visible.find(({ field }) => isMeant(error, field));
    if (about) {
      const { control } = about;
      showProblem(about, { text: asSentence(this.describe(error)), input: control.isGroup ? control.inputOf?.(part ?? name, row) : control.input });
    }
    return about !== undefined;
  }

  describe({ message }) {
    return inWordsOfForm(message, this.#labels());
  }

  /** By the names that the REST API uses. */
  #labels() {
    return new Map(this.#visible.toReversed().flatMap(({ field, control }) => [
      ...namesOf(field).map((name) => [name, field.label]),
      ...(control.names ?? []),
      ...Object.entries(field.calls ?? {}),
    ]));
  }

  /** Forgets all errors. */
  clear() {
    this.#shown.forEach(clearProblem);
  }

  /** Moves the focus to the first field with an error, or else to the first one. */
  focus() {
    const wrong = this.#visible.find(({ error }) => !error.hidden);
    const { field, root, control } = wrong ?? this.#shown[0];
    this.#more.open ||= field.isMore === true;
    (root.querySelector("[aria-invalid]") ?? control.input).focus();
  }
}

const namesOf = ({ name, covers = [] }) => [name, ...covers];

const isCalled = (field, control, name) => name !== undefined && (namesOf(field).includes(name) || Object.hasOwn(field.calls ?? {}, name) || control.inputOf?.(name, 0) !== undefined);

const isMeant = ({ code = "" }, field) => namesOf(field).some((one) => code === `invalid_${one}` || code === `missing_${one}`) || (code === "name_taken" && field.name === "name");

/** Beside the input that is wrong, which it describes for screen readers; without one, beside the field. */
function showProblem({ root, control, error }, { text, input }) {
  (input?.closest(".row") ?? control.root).after(error);
  error.hidden = false;
  setText(error, text);
  if (input) {
    input.ariaInvalid = "true";
  }
  describeBy(input ?? root, error, true);
}

function clearProblem({ root, error }) {
  error.hidden = true;
  setText(error, "");
  [root, ...root.querySelectorAll("[aria-invalid]")].forEach((one) => {
    one.ariaInvalid = null;
    describeBy(one, error, false);
  });
}

function describeBy(input, { id }, isDescribed) {
  const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one !== "" && one !== id);
  const all = isDescribed ? [id, ...others] : others;
  if (all.length > 0) {
    input.setAttribute("aria-describedby", all.join(" "));
  } else {
    input.removeAttribute("aria-describedby");
  }
}
