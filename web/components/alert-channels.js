/**
 * The channels by which people are notified of alerts: what each reports, its state, and buttons that send a test, edit and delete it, and
 * acknowledge the messages that it could not deliver.
 *
 *   const channels = new AlertChannels({ section, add, news, dialog, confirmation, onChange() { ... } });      onChange: one has been changed, tested or acknowledged
 *   channels.show(answer, clockDifference);
 *
 * `news`, a status for screen readers, reports each problem once, and the outcome of each test.
 */

import { ChannelForm } from "./channel-form.js";
import { NewProblems } from "./channel-problems.js";
import { describeKind, describeProblems, describeScope, describeTest } from "./channel-words.js";
import { Confirmation } from "./confirmation.js";
import { element } from "./elements.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { remove, send } from "./rest-api.js";
import { setText, update } from "./update.js";
import { describeUndone } from "../frame/failures.js";

/** Milliseconds after which the outcome of a test is asked for again. */
const SOON = 500;
/** Milliseconds for which a row says who has acknowledged undelivered messages. */
const DAY = 24 * 3600 * 1000;

export class AlertChannels {
  #section;
  #news;
  #onChange;
  #form;
  #confirmation;
  /** The row whose button was pressed last. */
  #pressed;
  /** Those that were shown last. */
  #channels = [];
  /** Those in the table, by the key of their row, including ones that stay only because they have the focus. */
  #rows = new Map();
  /** Tests that were requested here and whose outcome is not known, by the key of their row: { before, isSending, problem }; before: when the one before was requested. */
  #tests = new Map();
  #clockDifference = 0;
  #newProblems = new NewProblems();

  constructor({ section, add, news, dialog, confirmation, onChange }) {
    this.#section = section;
    this.#news = news;
    this.#onChange = onChange;
    this.#confirmation = new Confirmation(confirmation);
    this.#form = new ChannelForm(dialog, this.#confirmation, () => onChange());
    add.addEventListener("click", () => this.#form.open());
    section.querySelector("tbody").addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button && button.ariaDisabled !== "true") {
        this.#pressed = button.closest("tr");
        this.#act(button.value, this.#pressed.dataset.key);
      }
    });
  }

  show(channels, clockDifference) {
    this.#clockDifference = clockDifference;
    const now = this.#now();
    this.#channels = channels;
    channels.forEach((channel) => this.#rows.set(keyOf(channel), channel));
    this.#section.dataset.content = channels.length > 0 ? "filled" : "empty";
    setText(this.#section.querySelector(".note"), describeCount(channels));
    setText(this.#section.querySelector(".message"), "No channels yet, so nobody is notified of alerts. Use Add channel to set up a webhook or e-mail.");
    const news = [...this.#newProblems.find(describeProblems(channels, now)), ...channels.map((channel) => this.#judgeTest(channel, now))].filter(Boolean);
    if (news.length > 0) {
      setText(this.#news, news.join(" "));
    }
    this.#draw();
  }

  /** By the server's clock. */
  #now() {
    return Date.now() + this.#clockDifference;
  }

  #draw() {
    const now = this.#now();
    const held = document.querySelector("dialog:modal") ? this.#pressed : undefined;
    update(this.#section.querySelector("tbody"), this.#channels.map((channel) => rowOf(channel, this.#tests.get(keyOf(channel)), now)), { held });
    const shown = new Set([...this.#section.querySelectorAll("tbody tr")].map((row) => row.dataset.key));
    this.#rows.forEach((channel, key) => shown.has(key) || this.#rows.delete(key));
  }

  #act(action, key) {
    const channel = this.#rows.get(key);
    switch (action) {
      case "edit": this.#form.open(channel); break;
      case "delete": this.#delete(channel); break;
      case "acknowledge": this.#acknowledge(channel); break;
      default: this.#test(key, channel);
    }
  }

  #delete({ id, name, version, status: { waiting } }) {
    this.#confirmation.open({
      heading: `Delete the channel ${name}?`,
      text: `It will no longer notify anyone. ${waiting > 0 ? `${formatCount(waiting)} waiting ${waiting === 1 ? "event" : "events"} will be discarded.` : "No events are waiting."}`,
      action: "Delete",
      done: "deleted",
      run: async () => {
        await remove(`/alert-channels/${id}`, {}, { version });
        setText(this.#news, `Channel ${name} deleted.`);
        this.#onChange();
      },
    });
  }

  #acknowledge({ id, name, status: { given_up: lost, given_up_at: through } }) {
    const row = this.#pressed;
    this.#confirmation.open({
      heading: `Acknowledge ${formatCount(lost)} undelivered ${lost === 1 ? "message" : "messages"} of ${name}?`,
      text: `Nobody received ${lost === 1 ? "it" : "them"} through this channel. Once acknowledged, ${lost === 1 ? "it is" : "they are"} no longer reported here.`,
      action: "Acknowledge",
      done: "acknowledged",
      asksName: true,
      run: async (by) => {
        await send(`/alert-channels/${id}/acknowledge`, { by, through });
        setText(this.#news, `Undelivered messages of ${name} acknowledged.`);
        this.#onChange();
        // The dialog gives the focus back to the button, which is about to disappear.
        this.#confirmation.returnTo(row.querySelector("[value=test]"));
      },
    });
  }

  async #test(key, { name, status: { test } }) {
    const before = test?.requested_at ?? "";
    this.#tests.set(key, { before, isSending: true });
    setText(this.#news, "");
    this.#draw();
    try {
      await send(`/alert-channels/${key}/test`, {});
      this.#tests.set(key, { before });
    } catch (error) {
      const problem = describeUndone("sent", error);
      this.#tests.set(key, { before, problem });
      setText(this.#news, `Test of ${name}: ${problem}`);
    }
    this.#onChange();
  }

  /** @return the outcome of a test that was requested here, if it is new, or undefined */
  #judgeTest({ id, name, status: { test } }, now) {
    const key = keyOf({ id });
    const { before, isSending } = this.#tests.get(key) ?? { isSending: true };
    if (isSending || !(test?.requested_at > before)) {
      return undefined;
    }
    // Also one whose response was lost.
    this.#tests.set(key, { before });
    if (test.delivered_at === null && test.failed_at === null) {
      setTimeout(() => this.#onChange(), SOON);
      return undefined;
    }
    this.#tests.delete(key);
    const { text, error } = describeTest(test, now);
    return `Channel ${name}: ${text}${error ? `: ${error}` : ""}.`;
  }
}

function describeCount(channels) {
  const failing = channels.filter(({ status: { failing_since: since } }) => since !== null).length;
  const count = channels.length > 0 ? `${formatCount(channels.length)} ${channels.length === 1 ? "channel" : "channels, by name"}` : "";
  return failing > 0 ? `${count}; ${formatCount(failing)} failing` : count;
}

const keyOf = ({ id }) => String(id);

function rowOf(channel, ownTest, now) {
  const { name, status: { delivered_at: delivered, error, waiting, given_up: lost, test } } = channel;
  const told = ownTest ? describeOwnTest(ownTest) : describeTest(test, now);
  const button = (value, text, isBusy) => element("button", { type: "button", value, ariaLabel: `${text}: ${name}`, ariaDisabled: isBusy ? "true" : null }, text);
  // The one that comes and goes is the last, so that no other takes its place under a finger.
  const buttons = [button("test", "Send test", ownTest?.isSending), button("edit", "Edit"), button("delete", "Delete"), ...(lost > 0 ? [button("acknowledge", "Acknowledge")] : [])];
  return element(
    "tr", { key: keyOf(channel) },
    element("th", { scope: "row", className: "channel" }, element("span", { className: "name", dir: "auto" }, name), element("span", { className: "kind", dir: "auto" }, describeKind(channel))),
    element("td", { className: "scope", dir: "auto" }, describeScope(channel)),
    deliveryCell(delivered, now),
    element("td", { className: "number" }, formatCount(waiting)),
    element(
      "td", { className: "marks" },
      ...marksOf(channel, told, now).map(([className, text]) => element("span", { className: `badge ${className}`, dir: "auto" }, text)),
      ...(error === null ? [] : [element("p", { className: "error", dir: "auto" }, error)]),
      ...(told?.error ? [element("p", { className: "error", dir: "auto" }, `Test: ${told.error}`)] : []),
      ...describeAcknowledged(channel.status, now).map((text) => element("p", { className: "note", dir: "auto" }, text)),
    ),
    element("td", { className: "actions" }, element("div", { className: "buttons" }, ...buttons)),
  );
}

function deliveryCell(delivered, now) {
  if (delivered === null) {
    return element("td", { className: "time" }, "never");
  }
  const time = element("time", { dateTime: delivered }, formatMoment(Date.parse(delivered), now));
  return element("td", { className: "time", title: delivered }, time, element("span", { className: "age" }, `${formatAge(now - Date.parse(delivered))} ago`));
}

/** @return nothing, or who has acknowledged undelivered messages of late */
function describeAcknowledged({ given_up: lost, acknowledged }, now) {
  const at = Date.parse(acknowledged?.at);
  return lost === 0 && now - at < DAY ? [`Undelivered messages acknowledged by ${acknowledged.by}, ${formatMoment(at, now)}`] : [];
}

/** Its state, as badges: [class, text]. */
function marksOf({ status: { delivered_at: delivered, failing_since: since, given_up: lost } }, test, now) {
  const state = delivered === null ? ["retired", "not used yet"] : ["online", "working"];
  return [
    since === null ? state : ["critical", `failing since ${formatMoment(Date.parse(since), now)}`],
    test && [test.mark, test.text],
    lost > 0 && ["odd", `${formatCount(lost)} not delivered`],
  ].filter(Boolean);
}

/** A test that was requested here, until its outcome is known. */
function describeOwnTest({ problem }) {
  if (problem) {
    return { mark: "odd", text: "test not sent", error: problem };
  }
  return { mark: "retired", text: "sending test…" };
}
