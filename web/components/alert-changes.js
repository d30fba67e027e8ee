/**
 * A dialog in which somebody acknowledges, shelves or clears an alert, and may say why.
 *
 *   const changes = new AlertChanges(dialog, (alert, told) => { ... });      is called with the changed alert, and what was done in words
 *   changes.open(alert, "shelve");                                     or "acknowledge" or "clear"
 *
 * The browser remembers the name of who did it, for the next time. Others have to know who takes care of an alert, so acknowledging one requires it.
 */

import { messageOf } from "./alert-message.js";
import { rememberedName, rememberName } from "./own-name.js";
import { send } from "./rest-api.js";
import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

const KINDS = {
  acknowledge: { name: "Acknowledge", done: "acknowledged", text: "Tells others that someone is taking care of it." },
  shelve: { name: "Shelve", done: "shelved", text: "Hides it from the open alerts for this time, or until it becomes more severe." },
  clear: { name: "Clear", done: "cleared", text: "If its condition still holds, another alert fires." },
};

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
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#change();
    });
  }

  open(alert, kind) {
    this.#alert = alert;
    this.#kind = kind;
    const { by, comment, confirm, for: duration } = this.#form.elements;
    setText(this.#dialog.querySelector("h2"), `${KINDS[kind].name} alert`);
    setText(this.#dialog.querySelector(".alert-message strong"), alert.rule);
    setText(this.#dialog.querySelector(".alert-message span"), `${[alert.sensor_id, alert.location].filter(Boolean).join(", ")}: ${messageOf(alert)}`);
    setText(this.#dialog.querySelector(".note"), kind === "acknowledge" && alert.latched ? "Its condition is over, so this clears it." : KINDS[kind].text);
    setText(confirm, KINDS[kind].name);
    duration.closest("label").hidden = kind !== "shelve";
    duration.selectedIndex = 0;
    duration.querySelector("[value='0s']").hidden = alert.shelved_until === null;
    by.value = rememberedName();
    by.required = kind === "acknowledge";
    setText(this.#dialog.querySelector(".of-name"), by.required ? "Your name" : "Your name (optional)");
    this.#blame("");
    comment.value = "";
    this.#tell("");
    this.#dialog.showModal();
    (by.value === "" ? by : confirm).focus();
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
      const { answer } = await send(`/alerts/${this.#alert.id}/${this.#kind}`, {
        by: name || undefined,
        comment: comment.value.trim() || undefined,
        for: this.#kind === "shelve" ? duration.value : undefined,
      });
      this.#dialog.close();
      const done = this.#kind === "shelve" && answer.data.shelved_until === null ? "no longer shelved" : KINDS[this.#kind].done;
      this.#onChanged(answer.data, `${answer.data.rule}, ${answer.data.sensor_id}: ${done}.`);
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
