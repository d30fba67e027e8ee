/**
 * A dialog in which somebody acknowledges, shelves, unshelves or clears an alert, and may say why.
 *
 *   const changes = new AlertChanges(dialog, (alert, told) => { ... });      is called with the changed alert, and what was done in words
 *   changes.open(alert, "shelve");                                     or "acknowledge", "unshelve" or "clear"
 *
 * The browser remembers the name of who did it, for the next time. Others have to know who takes care of an alert, so acknowledging one requires it.
 */

import { messageOf } from "./alert-message.js";
import { rememberedName, rememberName } from "./own-name.js";
import { send } from "./rest-api.js";
import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

const KINDS = {
  acknowledge: {
    name: "Acknowledge",
    done: "acknowledged",
    describe: ({ latched }) => (latched ? "Its condition has ended, so acknowledging it clears it." : "Tells others that someone is taking care of it."),
  },
  shelve: { name: "Shelve", done: "shelved", describe: () => "Hides it from the open alerts, and nobody is notified of it, for this long or until it becomes more severe." },
  unshelve: {
    name: "Unshelve",
    done: "unshelved",
    describe: ({ acknowledged }) => (acknowledged === null ? "It is shown among the open alerts again." : "It is no longer shelved, and stays acknowledged."),
  },
  clear: { name: "Clear", done: "cleared", describe: () => "Ends the alert. If its condition still holds, the next reading fires a new one." },
};
/** What the dialog offers as a time for which an alert is shelved. */
const NO_LONGER = "0s";

export class AlertChanges {
  #dialog;
  #form;
  #onChanged;
  #alert;
  #kind;
  #isBusy = false;

  constructor(dialog, onChanged) {
    this.#dialog = dialog;
    this.#form = dialog.querySelector("form");
    this.#onChanged = onChanged;
    this.#form.elements.cancel.addEventListener("click", () => dialog.close());
    this.#form.elements.by.addEventListener("input", () => this.#blame(""));
    this.#form.elements.for.addEventListener("change", ({ target }) => this.#choose(target.value === NO_LONGER ? "unshelve" : "shelve"));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#change();
    });
  }

  open(alert, kind) {
    this.#alert = alert;
    const { by, comment, confirm, for: duration } = this.#form.elements;
    this.#choose(kind);
    setText(this.#dialog.querySelector(".alert-message strong"), alert.rule);
    setText(this.#dialog.querySelector(".alert-message span"), `${[alert.sensor_id, alert.location].filter(Boolean).join(", ")}: ${messageOf(alert)}`);
    duration.closest("label").hidden = kind !== "shelve" && kind !== "unshelve";
    duration.namedItem("no-longer").hidden = kind !== "unshelve";
    duration.selectedIndex = kind === "unshelve" ? duration.length - 1 : 0;
    by.value = rememberedName();
    by.required = kind === "acknowledge";
    setText(this.#dialog.querySelector(".of-name"), by.required ? "Your name" : "Your name (optional)");
    this.#blame("");
    comment.value = "";
    this.#tell("");
    this.#dialog.showModal();
    (by.value === "" ? by : confirm).focus();
  }

  /** A shelved alert can be unshelved, or shelved for another time. */
  #choose(kind) {
    this.#kind = kind;
    const { name, describe } = KINDS[kind];
    setText(this.#dialog.querySelector("h2"), `${name} alert`);
    setText(this.#dialog.querySelector(".note"), describe(this.#alert));
    setText(this.#form.elements.confirm, name);
  }

  async #change() {
    if (this.#isBusy) {
      return;
    }
    const { by, comment, for: duration } = this.#form.elements;
    const name = by.value.trim();
    if (by.required && name === "") {
      this.#blame("Enter your name, so that others know who is taking care of it.");
      by.focus();
      return;
    }
    this.#isBusy = true;
    rememberName(name);
    try {
      const isShelving = this.#kind === "shelve" || this.#kind === "unshelve";
      const { answer } = await send(`/alerts/${this.#alert.id}/${isShelving ? "shelve" : this.#kind}`, {
        by: name || undefined,
        comment: comment.value.trim() || undefined,
        for: isShelving ? duration.value : undefined,
      });
      this.#dialog.close();
      this.#onChanged(answer.data, `${answer.data.rule}, ${answer.data.sensor_id}: ${KINDS[this.#kind].done}.`);
    } catch (error) {
      this.#tell(describeUndone(KINDS[this.#kind].done, error));
    } finally {
      this.#isBusy = false;
    }
  }

  /** Says what is wrong with the name, or that nothing is. */
  #blame(text) {
    const error = this.#dialog.querySelector(".error");
    setText(error, text);
    error.hidden = text === "";
    this.#form.elements.by.ariaInvalid = text === "" ? null : "true";
  }

  #tell(text) {
    setText(this.#dialog.querySelector("[role=status]"), text);
  }
}
