/**
 * The channels by which people are notified of alerts: what each tells, how it does, and buttons that send a test, edit and delete it.
 *
 *   const channels = new AlertChannels({ section, add, news, dialog, confirmation, onChange() { ... } });      onChange: one has been changed or tested
 *   channels.show(answer, clockDifference);
 *
 * `news`, a status for screen readers, tells each problem once, and the outcome of each test.
 */

import { ChannelForm } from "./channel-form.js";
import { NewProblems } from "./channel-problems.js";
import { describeKind, describeProblems, describeScope } from "./channel-words.js";
import { Confirmation } from "./confirmation.js";
import { element } from "./elements.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { remove, send } from "./rest-api.js";
import { setText, update } from "./update.js";

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
  /** The last test of each channel, by the key of its row. */
  #tests = new Map();
  #clockDifference = 0;
  #newProblems = new NewProblems();

  constructor({ section, add, news, dialog, confirmation, onChange }) {
    this.#section = section;
    this.#news = news;
    this.#onChange = onChange;
    this.#form = new ChannelForm(dialog, () => onChange());
    this.#confirmation = new Confirmation(confirmation);
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
    setText(this.#section.querySelector(".message"), "No channels, so nobody is notified of alerts. Add channel above sets up a webhook or e-mail.");
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
      default: this.#test(key, channel.name);
    }
  }

  #delete({ id, name, version, status: { waiting } }) {
    this.#confirmation.open({
      heading: `Delete the channel ${name}?`,
      text: `It no longer notifies anyone. ${waiting > 0 ? `${formatCount(waiting)} ${waiting === 1 ? "event that waits is" : "events that wait are"} not told.` : "Nothing waits for its delivery."}`,
      action: "Delete",
      done: "deleted",
      run: async () => {
        await remove(`/alert-channels/${id}`, {}, { version });
        setText(this.#news, `Channel ${name} deleted.`);
        this.#onChange();
      },
    });
  }

  async #test(key, name) {
    this.#tests.set(key, { isSending: true, mark: "retired", text: "sending a test" });
    setText(this.#news, "");
    this.#draw();
    try {
      const { answer: { data } } = await send(`/alert-channels/${key}/test`, {});
      this.#tests.set(key, { before: data.status.delivered_at ?? "", mark: "retired", text: "test waits for its delivery" });
    } catch (error) {
      this.#tests.set(key, { mark: "odd", text: `test not sent: ${error.message}` });
      setText(this.#news, `Test of ${name} not sent: ${error.message}`);
    }
    this.#onChange();
  }

  /**
   * A channel tells in order: once nothing waits and it has delivered since, it has delivered the test, too.
   *
   * @return what is new, or undefined
   */
  #judgeTest(channel, now) {
    const { name, status: { delivered_at: delivered, failing_since: since, error, waiting } } = channel;
    const key = keyOf(channel);
    const test = this.#tests.get(key);
    if (test?.before === undefined) {
      return undefined;
    }
    if (waiting === 0 && (delivered ?? "") > test.before) {
      const moment = formatMoment(Date.parse(delivered), now);
      this.#tests.set(key, { mark: "online", text: `test delivered ${moment}` });
      return `Test of ${name} delivered ${moment}.`;
    }
    if (since !== null && test.mark !== "odd") {
      this.#tests.set(key, { ...test, mark: "odd", text: "test not delivered yet" });
      return `Test of ${name} not delivered yet: ${error}`;
    }
    return undefined;
  }
}

function describeCount(channels) {
  const failing = channels.filter(({ status: { failing_since: since } }) => since !== null).length;
  const count = channels.length > 0 ? `${formatCount(channels.length)} ${channels.length === 1 ? "channel" : "channels, by name"}` : "";
  return failing > 0 ? `${count}; ${formatCount(failing)} failing` : count;
}

const keyOf = ({ id }) => String(id);

function rowOf(channel, test, now) {
  const { name, status: { delivered_at: delivered, error, waiting } } = channel;
  const button = (value, text, isBusy) => element("button", { type: "button", value, ariaLabel: `${text}: ${name}`, ariaDisabled: isBusy ? "true" : null }, text);
  return element(
    "tr", { key: keyOf(channel) },
    element("th", { scope: "row", className: "channel" }, element("span", { className: "name", dir: "auto" }, name), element("span", { className: "kind", dir: "auto" }, describeKind(channel))),
    element("td", { className: "scope", dir: "auto" }, describeScope(channel)),
    deliveryCell(delivered, now),
    element("td", { className: "number" }, formatCount(waiting)),
    element(
      "td", { className: "marks" },
      ...marksOf(channel, test, now).map(([className, text]) => element("span", { className: `badge ${className}`, dir: "auto" }, text)),
      ...(error === null ? [] : [element("p", { className: "error", dir: "auto" }, error)]),
    ),
    element("td", { className: "actions" }, element("div", { className: "buttons" }, button("test", "Send test", test?.isSending), button("edit", "Edit"), button("delete", "Delete"))),
  );
}

function deliveryCell(delivered, now) {
  if (delivered === null) {
    return element("td", { className: "time" }, "never");
  }
  const time = element("time", { dateTime: delivered }, formatMoment(Date.parse(delivered), now));
  return element("td", { className: "time", title: delivered }, time, element("span", { className: "age" }, `${formatAge(now - Date.parse(delivered))} ago`));
}

/** What there is to say about its state, each with a class. */
function marksOf({ status: { delivered_at: delivered, failing_since: since, given_up: lost } }, test, now) {
  const state = delivered === null ? ["retired", "not used yet"] : ["online", "working"];
  return [
    since === null ? state : ["critical", `failing since ${formatMoment(Date.parse(since), now)}`],
    lost > 0 && ["odd", `${formatCount(lost)} given up`],
    test && [test.mark, test.text],
  ].filter(Boolean);
}
