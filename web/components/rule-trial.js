/**
 * Previews which alerts a rule would have fired for stored readings, while somebody types it.
 *
 *   const trial = new RuleTrial(section, { isReady() { ... }, onAnswer(rule, alerts, from) { ... }, onNone() { ... }, onRefused(error) { ... } });
 *   trial.show(rule);        one request at a time, shortly after the last change; an earlier one is cancelled
 *
 * `isReady` says whether the form is valid as far as it is filled in. `onAnswer` gets what rule-chart.js needs; `onNone` is called while there is no
 * preview. `onRefused` gets an ApiError that says what is wrong with the rule, and returns what to say about it.
 */

import { messageOf } from "./alert-message.js";
import { element, sensorCell } from "./elements.js";
import { formatAge, formatCount, formatMoment } from "./formatting.js";
import { send } from "./rest-api.js";
import { isFinished } from "./rule-fields.js";
import { describeRule } from "./rule-words.js";
import { setText, update } from "./update.js";

const WAIT = 400;
/** The newest are in the table, more of them in the chart. */
const MOST = 20;
const MOST_DRAWN = 200;

export class RuleTrial {
  #section;
  #span;
  #isReady;
  #onAnswer;
  #onNone;
  #onRefused;
  #rule;
  #asked;
  #timer;
  #request;

  constructor(section, { isReady, onAnswer, onNone, onRefused }) {
    this.#section = section;
    this.#span = section.querySelector("[name=span]");
    this.#isReady = isReady;
    this.#onAnswer = onAnswer;
    this.#onNone = onNone;
    this.#onRefused = onRefused;
    this.#span.addEventListener("change", () => this.show(this.#rule));
  }

  show(rule) {
    this.#rule = rule;
    const question = JSON.stringify([rule, this.#span.value]);
    if (question === this.#asked) {
      return;
    }
    this.#asked = question;
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#section.ariaBusy = "false";
    if (isFinished(rule)) {
      setText(this.#section.querySelector(".sentence"), describeRule(rule, { hasSeverity: true }));
      this.#section.ariaBusy = "true";
      this.#timer = setTimeout(() => this.#ask(rule), WAIT);
    } else {
      setText(this.#section.querySelector(".sentence"), "");
      this.#tell("Fill in when the rule fires to preview its alerts.");
    }
  }

  async #ask(rule) {
    if (!this.#isReady()) {
      this.#section.ariaBusy = "false";
      this.#tell("Cannot preview: the form has errors, or required fields are empty");
      return;
    }
    const request = new AbortController();
    this.#request = request;
    try {
      // A rule that is being written may not have its name yet.
      const { answer, clockDifference } = await send("/alert-rules/try", { ...rule, name: rule.name ?? "New rule" }, { parameters: { from: this.#span.value, limit: MOST_DRAWN }, signal: request.signal });
      if (!request.signal.aborted) {
        this.#fill(answer, Date.now() + clockDifference);
        this.#onAnswer(rule, answer.data, this.#span.value);
      }
    } catch (error) {
      if (!request.signal.aborted) {
        this.#tell(`Cannot preview: ${error.status === 400 ? this.#onRefused(error) : error.message}`);
        if (error.status !== 400) {
          // The next change, or the same rule, is tried again.
          this.#asked = undefined;
        }
      }
    } finally {
      if (request === this.#request) {
        this.#section.ariaBusy = "false";
      }
    }
  }

  /** In place of alerts. */
  #tell(text) {
    this.#section.dataset.content = "empty";
    setText(this.#section.querySelector(".outcome"), text);
    setText(this.#section.querySelector(".message"), "");
    this.#section.querySelector("tbody").replaceChildren();
    this.#onNone();
  }

  #fill({ readings, alerts, pending, data }, now) {
    const span = this.#span.selectedOptions[0].textContent;
    const outcome = [
      alerts === 0 ? `It would not have fired in the last ${span}.` : `It would have fired ${alerts === 1 ? "one alert" : `${formatCount(alerts)} alerts`} in the last ${span}${alerts > MOST ? `; the newest ${formatCount(MOST)} are shown` : ""}.`,
      pending > 0 && `${pending === 1 ? "One more alert is" : `${formatCount(pending)} more alerts are`} pending: the condition has not lasted long enough yet.`,
      readings === 0 ? alerts + pending === 0 && "No readings in this period match the rule. Check its metric, sensors and locations." : `${formatCount(readings)} ${readings === 1 ? "reading was" : "readings were"} evaluated.`,
    ];
    this.#section.dataset.content = data.length > 0 ? "filled" : "empty";
    setText(this.#section.querySelector(".message"), "");
    setText(this.#section.querySelector(".outcome"), outcome.filter(Boolean).join(" "));
    update(this.#section.querySelector("tbody"), data.slice(0, MOST).map((alert, place) => rowOf(alert, place, now)), { question: this.#asked });
  }
}

function rowOf(alert, place, now) {
  const { severity, sensor_id, fired_at, cleared_at, flapping } = alert;
  const fired = Date.parse(fired_at);
  const lasted = cleared_at === null ? "still firing" : formatAge(Date.parse(cleared_at) - fired);
  return element(
    "tr", { key: place },
    element("td", { className: "time", title: fired_at }, element("time", { dateTime: fired_at }, formatMoment(fired, now))),
    element("td", { className: "severity" }, element("span", { className: `badge ${severity}` }, severity)),
    sensorCell(sensor_id),
    element("td", { className: "alert-message", dir: "auto" }, messageOf(alert)),
    element("td", { className: "lasted" }, lasted, ...(flapping ? [element("span", { className: "badge odd" }, "flapping")] : [])),
  );
}
