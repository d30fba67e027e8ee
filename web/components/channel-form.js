/**
 * A dialog with the form for a channel.
 *
 *   const form = new ChannelForm(dialog, confirmation, (channel) => { ... });      is called after it was saved; confirmation: confirmation.js
 *   form.open(channel);                                              or form.open() for a new one
 *
 * A secret that was generated is shown once, after it was saved. What was entered is only discarded after the confirmation.
 */

import { CHANNEL_FIELDS, isGenerated } from "./channel-fields.js";
import { Conflict, isSameContent } from "./conflict.js";
import { FormFields } from "./form-fields.js";
import { ask, replace, send } from "./rest-api.js";
import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

export class ChannelForm {
  #dialog;
  #confirmation;
  #form;
  #fields;
  #conflict;
  #onSaved;
  /** As it was read; a new one has no id. */
  #channel;
  #isBusy = false;

  constructor(dialog, confirmation, onSaved) {
    this.#dialog = dialog;
    this.#confirmation = confirmation;
    this.#form = dialog.querySelector("form");
    this.#fields = new FormFields(this.#form.querySelector(".fields"), { prefix: "channel", fields: CHANNEL_FIELDS });
    this.#conflict = new Conflict(this.#form.querySelector(".conflict"), {
      onLoad: (other) => {
        this.#show(other);
        this.#fields.focus();
      },
      onOverwrite: (other) => {
        this.#channel = other;
        this.#save();
      },
    });
    this.#onSaved = onSaved;
    this.#form.elements.cancel.addEventListener("click", () => this.#cancel());
    // A browser closes the dialog at the second Escape, whatever happens to its event "cancel": so the key does not get there.
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && this.#hasEntries && this.#ask(event));
    dialog.addEventListener("cancel", (event) => event.target === dialog && this.#hasEntries && this.#ask(event));
    addEventListener("beforeunload", (event) => this.#hasEntries && event.preventDefault());
    this.#form.addEventListener("input", () => this.#tell(""));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    // A secret is not kept in the page.
    dialog.addEventListener("close", () => this.#showSecret(undefined));
  }

  /** Whether something would be lost. */
  get #hasEntries() {
    return this.#dialog.open && !this.#form.hidden && this.#fields.isChanged;
  }

  #cancel() {
    if (this.#hasEntries) {
      this.#ask();
    } else {
      this.#dialog.close();
    }
  }

  #ask(event) {
    event?.preventDefault();
    this.#confirmation.open({
      heading: this.#channel.id === undefined ? "Discard the new channel?" : `Discard your changes to ${this.#channel.name}?`,
      text: "What you entered has not been saved.",
      action: "Discard",
      done: "discarded",
      run: () => {},
      // Afterwards, so that the focus returns to what opened the form.
      onDone: () => this.#dialog.close(),
    });
  }

  open(channel = {}) {
    this.#show(channel);
    this.#dialog.showModal();
    this.#fields.focus();
  }

  #show(channel) {
    const { id, name } = channel;
    this.#channel = channel;
    setText(this.#dialog.querySelector("h2"), id === undefined ? "Add channel" : `Channel ${name}`);
    setText(this.#form.elements.save, id === undefined ? "Add channel" : "Save");
    this.#fields.show(channel);
    this.#conflict.hide();
    this.#tell("");
  }

  async #save() {
    if (this.#isBusy || !this.#fields.validate()) {
      return;
    }
    this.#isBusy = true;
    const channel = this.#fields.read();
    const { id, version } = this.#channel;
    try {
      const { answer: { data } } = id === undefined ? await send("/alert-channels", channel) : await replace(`/alert-channels/${id}`, channel, { version });
      this.#saved(channel, data);
    } catch (error) {
      await this.#explain(error, channel);
    } finally {
      this.#isBusy = false;
    }
  }

  #saved(channel, data) {
    if (isGenerated(channel)) {
      this.#showSecret(channel.webhook.secret);
    } else {
      this.#dialog.close();
    }
    this.#onSaved(data);
  }

  async #explain(error, channel) {
    const { id } = this.#channel;
    const { data: other } = error.code === "changed_meanwhile" ? await ask(`/alert-channels/${id}`).then(({ answer }) => answer, () => ({})) : {};
    if (other === undefined) {
      if (this.#fields.tell(error)) {
        this.#tell("");
        this.#fields.focus();
      } else {
        this.#tell(describeUndone(id === undefined ? "added" : "saved", error));
      }
    } else if (isSameContent(other, channel)) {
      this.#saved(channel, other);
    } else {
      this.#tell("Could not be saved: somebody else has changed this channel since you opened it. Your entries are still here.");
      this.#conflict.show(other);
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
