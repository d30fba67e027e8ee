/**
 * Selects among many names: a search field with a list of matches.
 *
 *   const picker = new Picker(details, { one: "sensor", all: "All sensors", find: async (text) => ["s-1", "s-2"], onChange(chosen) { ... } });
 *   picker.choose(["s-1"]);
 *
 * Built from elements that every browser, keyboard and screen reader supports: <details>, a search field and check boxes.
 */

import { element } from "./elements.js";
import { shorten } from "./formatting.js";

const WAIT = 200;

export class Picker {
  #details;
  #options;
  #chosen = [];
  #search;
  #list = element("ul");
  #hint = element("p", { className: "note", role: "status" });
  #timer;
  #round = 0;

  constructor(details, options) {
    this.#details = details;
    this.#options = options;
    this.#search = element("input", { type: "search", maxLength: 200, placeholder: `Search ${options.one}s`, ariaLabel: `Search ${options.one}s` });
    details.querySelector(".choices").append(this.#search, this.#hint, this.#list);
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#offer(), WAIT);
    });
    this.#search.addEventListener("keydown", (event) => {
      // Enter must not submit the enclosing form.
      if (event.key === "Enter") {
        event.preventDefault();
      }
    });
    details.addEventListener("toggle", () => {
      if (details.open) {
        this.#offer();
        this.#search.focus();
      }
    });
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && details.open) {
        details.open = false;
        details.querySelector("summary").focus();
      }
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!details.contains(target)) {
        details.open = false;
      }
    });
    this.choose([]);
  }

  choose(names) {
    this.#chosen = names;
    const { one, all } = this.#options;
    const text = names.length === 0 ? all : names.length === 1 ? shorten(names[0], 24) : `${names.length} ${one}s`;
    this.#details.querySelector("summary").replaceChildren(element("bdi", {}, text));
    for (const box of this.#list.querySelectorAll("input")) {
      box.checked = names.includes(box.value);
    }
  }

  async #offer() {
    this.#round += 1;
    const round = this.#round;
    const text = this.#search.value.trim();
    let found;
    try {
      found = await this.#options.find(text);
    } catch (error) {
      this.#hint.textContent = `Not found: ${error.message}`;
      return;
    }
    if (round !== this.#round) {
      return;
    }
    this.#hint.textContent = found.length === 0 ? "No matches" : found.hasMore ? "Search to find more" : "";
    const names = [...new Set([...(text === "" ? this.#chosen : []), ...found])];
    this.#list.replaceChildren(...names.map((name) => this.#entry(name)));
  }

  #entry(name) {
    const box = element("input", { type: "checkbox", value: name, checked: this.#chosen.includes(name) });
    box.addEventListener("change", () => {
      this.choose(box.checked ? [...this.#chosen, name] : this.#chosen.filter((other) => other !== name));
      this.#options.onChange(this.#chosen);
    });
    return element("li", {}, element("label", { title: name }, box, element("bdi", { className: "clip" }, name)));
  }
}
