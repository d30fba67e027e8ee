/**
 * A dialog with the form for a channel.
 *
 *   const form = new ChannelForm(dialog, (channel) => { ... });      is called after it was saved
 *   form.open(channel);                                              or form.open() for a new one
 *
 * A secret that was generated is shown once, after it was saved.
 */

import { CHANNEL_FIELDS, isGenerated } from "./channel-fields.js";
import { FormFields } from "./form-fields.js";
import { replace, send } from "./rest-api.js";
import { setText } from "./update.js";

export class ChannelForm {
  #dialog;
  #form;
  #fields;
  #onSaved;
  #id;
  #isBusy = false;

  constructor(dialog, onSaved) {
    this.#dialog = dialog;
    this.#form = dialog.querySelector("form");
    this.#fields = new FormFields(this.#form.querySelector(".fields"), { prefix: "channel", fields: CHANNEL_FIELDS });
    this.#onSaved = onSaved;
    this.#form.elements.cancel.addEventListener("click", () => dialog.close());
    this.#form.addEventListener("input", () => {
      this.#fields.clear();
      this.#tell("");
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    // A secret is not kept in the page.
    dialog.addEventListener("close", () => this.#showSecret(undefined));
  }

  open(channel = {}) {
    const { id, name } = channel;
    this.#id = id;
    setText(this.#dialog.querySelector("h2"), id === undefined ? "Add channel" : `Channel ${name}`);
    setText(this.#form.elements.save, id === undefined ? "Add channel" : "Save");
    this.#fields.show(channel);
    this.#tell("");
    this.#dialog.showModal();
    this.#fields.focus();
  }

  async #save() {
    if (this.#isBusy || !this.#fields.validate()) {
      return;
    }
    this.#isBusy = true;
    const channel = this.#fields.read();
    try {
      const { answer: { data } } = this.#id === undefined ? await send("/alert-channels", channel) : await replace(`/alert-channels/${this.#id}`, channel);
      if (isGenerated(channel)) {
        this.#showSecret(channel.webhook.secret);
      } else {
        this.#dialog.close();
      }
      this.#onSaved(data);
    } catch (error) {
      this.#tell(`Not ${this.#id === undefined ? "added" : "saved"}: ${error.message}`);
      this.#fields.tell(error);
      this.#fields.focus();
    } finally {
      this.#isBusy = false;
    }
  }

  /** In place of the form, or undefined for the form. */
  #showSecret(secret) {
    const result = this.#dialog.querySelector(".secret");
    const field = result.querySelector("input");
    this.#form.hidden = secret !== undefined;
    result.hidden = secret === undefined;
    field.value = secret ?? "";
    if (secret !== undefined) {
      field.focus();
      field.select();
    }
  }

  #tell(text) {
    setText(this.#form.querySelector("[role=status]"), text);
  }
}
