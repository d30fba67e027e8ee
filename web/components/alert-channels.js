/**
 * The channels by which people are notified of alerts: what each tells, how it does, and a button that sends a test. Above the page's content, a
 * warning names those that fail.
 *
 *   const channels = new AlertChannels({ section, warning, news, onTest() { ... } });      onTest: one has been asked for, or could not be
 *   const answer = await channels.ask(signal);
 *   channels.show(answer, clockDifference);
 *
 * The warning's text changes with every event that waits, so it is not announced; `news`, a status for screen readers, tells each problem once.
 */

import { describeKind, describeProblems, describeScope } from "./channel-words.js";
import { element } from "./elements.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { ask, send } from "./rest-api.js";
import { setText, update } from "./update.js";

/** A mail server that is down fails all its channels. */
const MOST_PROBLEMS = 5;

export class AlertChannels {
  #section;
  #warning;
  #news;
  #onTest;
  /** Those that were shown last. */
  #channels = [];
  /** The last test of each channel, by the key of its row. */
  #tests = new Map();
  #clockDifference = 0;
  /** Keys of the problems that were shown last. */
  #known = new Set();

  constructor({ section, warning, news, onTest }) {
    this.#section = section;
    this.#warning = warning;
    this.#news = news;
    this.#onTest = onTest;
    section.querySelector("tbody").addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button && button.ariaDisabled !== "true") {
        const row = button.closest("tr");
        this.#test(row.dataset.key, row.querySelector(".name").textContent);
      }
    });
  }

  async ask(signal) {
    return (await ask("/alert-channels", {}, signal)).answer.data;
  }

  show(channels, clockDifference) {
    this.#clockDifference = clockDifference;
    const now = this.#now();
    this.#channels = channels;
    this.#section.hidden = false;
    this.#section.dataset.content = channels.length > 0 ? "filled" : "empty";
    setText(this.#section.querySelector(".note"), channels.length > 0 ? `${formatCount(channels.length)} ${channels.length === 1 ? "channel" : "channels, by name"}` : "");
    const news = [...this.#warn(describeProblems(channels, now)), ...channels.map((channel) => this.#judgeTest(channel, now))].filter(Boolean);
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
    update(this.#section.querySelector("tbody"), this.#channels.map((channel) => rowOf(channel, this.#tests.get(keyOf(channel)), now)));
  }

  /** @return the texts of those that are new */
  #warn(problems) {
    this.#warning.hidden = problems.length === 0;
    const lines = problems.slice(0, MOST_PROBLEMS).map(({ key, text, waiting }) => element("p", { key, dir: "auto" }, `${text}${waiting}`));
    const others = problems.length - lines.length;
    update(this.#warning, others > 0 ? [...lines, element("p", { key: "others" }, `Notifications below show ${formatCount(others)} more.`)] : lines);
    const fresh = problems.filter(({ key }) => !this.#known.has(key));
    this.#known = new Set(problems.map(({ key }) => key));
    return fresh.slice(0, MOST_PROBLEMS).map(({ text }) => text);
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
    this.#onTest();
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

const keyOf = ({ id }) => String(id);

function rowOf(channel, test, now) {
  const { name, status: { delivered_at: delivered, error, waiting } } = channel;
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
    element("td", { className: "actions" }, element("button", { type: "button", ariaLabel: `Send test: ${name}`, ariaDisabled: test?.isSending ? "true" : null }, "Send test")),
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
