/**
 * A form for a JSON object of the REST API. What it does not show, such as a field of a later version, stays as it is.
 *
 *   const form = new FormFields(container, { prefix: "rule", fields: FIELDS });
 *   form.show(rule);
 *   form.read()                  the rule as it is now
 *   form.validate()              false, after the browser has pointed at an input with a value that cannot be
 *   form.tell(error)             shows the message of an ApiError beside its field; false if it is about none
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
 *     errors: /^give a/,         how other messages begin that are about it
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
import { arrange, setText } from "./update.js";

export class FormFields {
  #container;
  #prefix;
  #fields;
  /** A control, its elements, the value it was made for, and what it read then, for each field. */
  #shown = [];
  #original = {};
  #originalKind;
  #more = element("details", { className: "more" }, element("summary", {}, "More"));

  constructor(container, { prefix, fields }) {
    this.#container = container;
    this.#prefix = prefix;
    this.#fields = fields;
    container.addEventListener("input", () => this.#showKind());
  }

  show(object) {
    this.#original = object;
    this.#shown = this.#fields.map((field, place) => this.#make(field, place));
    this.#more.open = this.#shown.some(({ field, value }) => field.isMore && value !== undefined);
    this.#originalKind = this.kind;
    this.#showKind();
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
    const root = element(isGroup ? "fieldset" : "div", { className: "field" }, ...heading, control.root, ...(note ? [note] : []), error);
    (isGroup ? root : control.input).setAttribute("aria-describedby", [note?.id, error.id].filter(Boolean).join(" "));
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

  /** Has the browser point at the first input with a value that cannot be. @return whether there is none */
  validate() {
    const wrong = this.#shown.filter(({ isShown }) => isShown).map(({ root }) => root.querySelector(":is(input, select, textarea):invalid")).find(Boolean);
    this.#more.open ||= this.#more.contains(wrong ?? null);
    wrong?.reportValidity();
    return wrong === undefined;
  }

  tell(error) {
    this.clear();
    const about = this.#shown.find(({ field, isShown }) => isShown && isAbout(error, field));
    if (about) {
      about.error.hidden = false;
      setText(about.error, error.message);
      about.control.input.ariaInvalid = "true";
    }
    return about !== undefined;
  }

  /** Forgets the last error. */
  clear() {
    for (const { error, root } of this.#shown) {
      error.hidden = true;
      setText(error, "");
      root.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
    }
  }

  /** Moves the focus to the field with the error, or else to the first one. */
  focus() {
    const { field, control } = this.#shown.find(({ error }) => !error.hidden) ?? this.#shown[0];
    this.#more.open ||= field.isMore === true;
    control.input.focus();
  }
}

function isAbout({ code = "", message }, { name, covers = [name], errors }) {
  const names = [name, ...covers];
  return names.some((one) => code === `invalid_${one}` || code === `missing_${one}` || (message.startsWith(one) && /^\W/.test(message.slice(one.length)))) || (errors?.test(message) ?? false)
    || (code === "name_taken" && name === "name");
}
