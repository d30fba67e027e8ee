/**
 * Somebody else has changed what a form shows: lets whoever edits it choose which version stays. Until then, what was typed is kept.
 *
 *   const conflict = new Conflict(container, { onLoad(other) { ... }, onOverwrite(other) { ... } });
 *   conflict.show(other);      the other version, which has been read; its buttons are shown until one is pressed
 *   conflict.hide();
 *   isSameContent(other, sent)      whether the other version is what was sent itself, and only the response to that was lost
 */

import { element } from "./elements.js";

export class Conflict {
  #container;
  #other;

  constructor(container, { onLoad, onOverwrite }) {
    this.#container = container;
    const button = (text, onPress) => {
      const made = element("button", { type: "button" }, text);
      made.addEventListener("click", () => {
        const other = this.#other;
        this.hide();
        onPress(other);
      });
      return made;
    };
    container.hidden = true;
    container.append(button("Load their version", onLoad), button("Save mine instead", onOverwrite));
  }

  show(other) {
    this.#other = other;
    this.#container.hidden = false;
  }

  hide() {
    this.#container.hidden = true;
  }
}

/** The server keeps the fields in the order in which they were sent. */
export const isSameContent = (one, other) => contentOf(one) === contentOf(other);

const contentOf = ({ id, version, created_at, changed_at, open_alerts, status, ...content }) => JSON.stringify(content);
