/**
 * A dialog that asks before something is done that cannot be undone, or who does it: a page includes confirmation.html.
 *
 *   const confirmation = new Confirmation(dialog);
 *   confirmation.open({ heading: "Delete rule?", text: "Its 2 alerts are cleared.", action: "Delete", done: "deleted", run: async () => { ... } });
 *   confirmation.open({ ..., action: "Acknowledge", done: "acknowledged", asksName: true, run: async (name) => { ... } });
 *
 * The dialog stays open, and says why, if `run` fails. `onDone` is called once it is closed after `run`.
 */

import { rememberedName, rememberName } from "./own-name.js";
import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

export class Confirmation {
  #dialog;
  #form;
  #wanted;
  #isBusy = false;

  constructor(dialog) {
    this.#dialog = dialog;
    this.#form = dialog.querySelector("form");
    const { cancel, confirm } = this.#form.elements;
    cancel.addEventListener("click", () => dialog.close());
    confirm.addEventListener("click", () => this.#run());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run();
    });
  }

  open(wanted) {
    this.#wanted = wanted;
    setText(this.#dialog.querySelector("h2"), wanted.heading);
    setText(this.#dialog.querySelector("p"), wanted.text);
    const { by, cancel, confirm } = this.#form.elements;
    const { asksName = false } = wanted;
    setText(confirm, wanted.action);
    confirm.className = asksName ? "primary" : "dangerous";
    this.#form.classList.toggle("stacked", asksName);
    by.closest("label").hidden = !asksName;
    by.required = asksName;
    by.value = asksName ? rememberedName() : "";
    this.#tell("");
    this.#dialog.showModal();
    (asksName ? (by.value === "" ? by : confirm) : cancel).focus();
  }

  /** Where the focus goes once the dialog is closed, if not back. */
  returnTo(element) {
    this.#dialog.addEventListener("close", () => element.focus(), { once: true });
  }

  /** More about it that has become known while the dialog is open. */
  describe(text) {
    setText(this.#dialog.querySelector("p"), text);
  }

  async #run() {
    const { by } = this.#form.elements;
    by.value = by.value.trim();
    if (this.#isBusy || !by.reportValidity()) {
      return;
    }
    this.#isBusy = true;
    if (by.required) {
      rememberName(by.value);
    }
    try {
      await this.#wanted.run(by.value);
      this.#dialog.close();
      this.#wanted.onDone?.();
    } catch (error) {
      this.#tell(describeUndone(this.#wanted.done, error));
    } finally {
      this.#isBusy = false;
    }
  }

  #tell(text) {
    setText(this.#dialog.querySelector("[role=status]"), text);
  }
}
