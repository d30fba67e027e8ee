/**
 * Deletes readings of a sensor, or the values of a metric in them, in a dialog that first counts what would be deleted.
 *
 *   const deleting = new Deleting(dialog, () => { ... });      is called after something was deleted
 *   deleting.open({ sensor: "sensor-001", metrics: ["temperature"], labelOf: (metric) => "Temperature", from: 1764288000000, to: 1764291600000 });
 *
 * A request works for some seconds at most, so both counting and deleting go on until all are found.
 */

import { formatCount } from "./formatting.js";
import { element } from "./elements.js";
import { remove } from "./rest-api.js";
import { localTime } from "./view-state.js";
import { setText, update } from "./update.js";

const countOf = (count) => `${formatCount(count)} reading${count === 1 ? "" : "s"}`;

export class Deleting {
  #dialog;
  #form;
  #onDeleted;
  #sensor;
  #counted;

  constructor(dialog, onDeleted) {
    this.#dialog = dialog;
    this.#form = dialog.querySelector("form");
    this.#onDeleted = onDeleted;
    this.#form.addEventListener("input", () => this.#require(undefined, ""));
    this.#form.elements.count.addEventListener("click", () => this.#run(() => this.#count()));
    this.#form.elements.delete.addEventListener("click", () => this.#run(() => this.#delete()));
  }

  /** @param from, to milliseconds since 1970, suggested as the range */
  open({ sensor, metrics, labelOf, from, to }) {
    this.#sensor = sensor;
    const { metric, from: start, to: end } = this.#form.elements;
    update(metric, [element("option", { value: "" }, "Whole readings"), ...metrics.map((name) => element("option", { value: name }, `Only values of ${labelOf(name)}`))]);
    metric.value = "";
    start.value = localTime(from);
    end.value = localTime(to);
    this.#require(undefined, "");
    this.#dialog.showModal();
  }

  async #run(work) {
    this.#setBusy(true);
    try {
      await work();
    } catch (error) {
      this.#require(undefined, `${error.message}. What was deleted before this stays deleted`);
    } finally {
      this.#setBusy(false);
    }
  }

  async #count() {
    const filter = this.#filter();
    const count = await this.#walk({ ...filter, dry_run: true }, (sum) => `Counting... ${formatCount(sum)} so far`);
    this.#require(count === 0 ? undefined : { filter, count }, count === 0 ? "No readings match" : `${countOf(count)} match`);
  }

  async #delete() {
    const { filter, count } = this.#counted;
    const deleted = await this.#walk({ ...filter, dry_run: false }, (sum) => `Deleting... ${formatCount(sum)} of ${formatCount(count)}`);
    this.#require(undefined, filter.metric === undefined ? `${countOf(deleted)} deleted` : `Values of ${countOf(deleted)} deleted`);
    this.#onDeleted();
  }

  #filter() {
    const { metric, from, to } = this.#form.elements;
    const time = (text) => (text === "" ? undefined : new Date(text).toISOString());
    return { sensor_id: this.#sensor, metric: metric.value || undefined, from: time(from.value), to: time(to.value) };
  }

  /** Sends requests until all are found. */
  async #walk(filter, describe) {
    let sum = 0;
    let cursor;
    do {
      this.#tell(describe(sum));
      const { answer } = await remove("/data/readings", { ...filter, cursor });
      sum += answer.deleted;
      cursor = answer.next ?? undefined;
    } while (cursor !== undefined);
    return sum;
  }

  /** Only what was counted can be deleted. */
  #require(counted, text) {
    this.#counted = counted;
    this.#form.elements.delete.disabled = counted === undefined;
    setText(this.#form.elements.delete, counted === undefined ? "Delete" : `Delete ${formatCount(counted.count)}`);
    this.#tell(text);
  }

  #setBusy(isBusy) {
    const { metric, from, to, count, delete: confirm } = this.#form.elements;
    for (const control of [metric, from, to, count]) {
      control.disabled = isBusy;
    }
    confirm.disabled = isBusy || this.#counted === undefined;
  }

  #tell(text) {
    setText(this.#dialog.querySelector("[role=status]"), text);
  }
}
