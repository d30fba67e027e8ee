/**
 * Records that Kafka deleted before they were stored, until they are acknowledged; hidden while there are none.
 *
 *   const lost = new LostRecords({ section, onChange() { ... } });      onChange: they have been acknowledged
 *   const answer = await lost.ask(signal);
 *   lost.show(answer);
 */

import { element } from "./elements.js";
import { formatCount, formatMoment } from "./formatting.js";
import { ask, send } from "./rest-api.js";
import { setText, update } from "./update.js";
import { describeUndone } from "../frame/failures.js";

export class LostRecords {
  #section;
  #newest;
  #problem;

  constructor({ section, onChange }) {
    this.#section = section;
    section.querySelector("button").addEventListener("click", () => this.#acknowledge().then(onChange));
  }

  async ask(signal) {
    return (await ask("/lost-records", { acknowledged: false, limit: 50 }, signal)).answer;
  }

  show({ data }) {
    this.#section.hidden = data.length === 0;
    this.#newest = data[0]?.id;
    const most = data.reduce((sum, range) => sum + range.most_records, 0);
    setText(this.#section.querySelector(".note"), this.#problem ?? `Kafka deleted up to ${formatCount(most)} records before they were stored`);
    update(this.#section.querySelector("tbody"), data.map((range) => element(
      "tr", { key: range.id },
      element("th", { scope: "row" }, `${range.topic}/${range.partition}`),
      element("td", {}, `${range.first_offset} to ${range.last_offset}`),
      element("td", { title: range.stored_at }, formatMoment(Date.parse(range.stored_at), Date.now())),
      element("td", { title: range.noticed_at }, formatMoment(Date.parse(range.noticed_at), Date.now())),
    )));
  }

  async #acknowledge() {
    try {
      await send("/lost-records/acknowledge", { through: this.#newest });
      this.#problem = undefined;
    } catch (error) {
      this.#problem = describeUndone("acknowledged", error, "they were");
    }
  }
}
