/**
 * A dialog that asks before something is done that cannot be undone: a page includes confirmation.html.
 *
 *   const confirmation = new Confirmation(dialog);
 *   confirmation.open({ heading: "Delete rule?", text: "Its 2 alerts are cleared.", action: "Delete", done: "deleted", run: async () => { ... } });
 *
 * The dialog stays open, and says why, if `run` fails.
 */

import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

export class Confirmation {
  #dialog;
  #wanted;
  #isBusy = false;

  constructor(dialog) {
    this.#dialog = dialog;
    const { cancel, confirm } = dialog.querySelector("form").elements;
    cancel.addEventListener("click", () => dialog.close());
    confirm.addEventListener("click", () => this.#run());
  }

  open(wanted) {
    this.#wanted = wanted;
    setText(this.#dialog.querySelector("h2"), wanted.heading);
    setText(this.#dialog.querySelector("p"), wanted.text);
    setText(this.#dialog.querySelector("[name=confirm]"), wanted.action);
    this.#tell("");
    this.#dialog.showModal();
    this.#dialog.querySelector("[name=cancel]").focus();
  }

  /** More about it that has become known while the dialog is open. */
  describe(text) {
    setText(this.#dialog.querySelector("p"), text);
  }

  async #run() {
    if (this.#isBusy) {
      return;
    }
    this.#isBusy = true;
    try {
      await this.#wanted.run();
      this.#dialog.close();
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
