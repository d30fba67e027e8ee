/**
 * Dead letters in pages: why each record was rejected, its original bytes, and buttons to replay selected ones, or all with a reason, and to
 * discard all that match.
 *
 *   const letters = new DeadLetters({ section, dialog, confirmation, onChange() { ... } });      onChange: the query has changed
 *   const answer = await letters.ask(signal);
 *   letters.show(answer);
 *
 * Replaying is idempotent, so only discarding asks for a confirmation, in a dialog of its own.
 */

import { Discarding } from "./discarding.js";
import { element } from "./elements.js";
import { formatCount, formatMoment } from "./formatting.js";
import { Paging } from "./paging.js";
import { ask, send } from "./rest-api.js";
import { setText, update } from "./update.js";
import { describeUndone } from "../frame/failures.js";

const PAGE = 50;

export class DeadLetters {
  #section;
  #dialog;
  #form;
  #note = "";
  #cursor;
  #paging;
  #chosen = new Set();

  constructor({ section, dialog, confirmation, onChange }) {
    this.#section = section;
    this.#dialog = dialog;
    this.#form = section.querySelector("form");
    const turnTo = (cursor) => {
      this.#cursor = cursor;
      this.#chosen.clear();
      onChange();
    };
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.elements.status.addEventListener("change", () => turnTo(undefined));
    this.#form.elements.reason.addEventListener("change", () => turnTo(undefined));
    this.#form.elements.replay.addEventListener("click", () => this.#replay({ ids: [...this.#chosen] }).then(onChange));
    this.#form.elements["replay-all"].addEventListener("click", () => this.#replay({ reason: this.#reason() }).then(onChange));
    const discarding = new Discarding(confirmation, (text) => this.#tell(text));
    this.#form.elements["discard-all"].addEventListener("click", () => discarding.run({ reason: this.#reason(), status: this.#status() }).then(() => turnTo(undefined)));
    this.#paging = new Paging(section, { onFirst: () => turnTo(undefined), onNext: turnTo });
    const rows = section.querySelector("tbody");
    rows.addEventListener("change", ({ target }) => this.#choose(Number(target.value), target.checked));
    rows.addEventListener("click", ({ target }) => target.closest("button") && this.#inspect(target.closest("tr").dataset.key));
    section.querySelector("#choose-all").addEventListener("change", ({ target }) => {
      const boxes = [...section.querySelectorAll("tbody tr:not(.gone) input")];
      this.#chosen = new Set(target.checked ? boxes.map((box) => Number(box.value)) : []);
      this.#countChosen();
    });
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  }

  async ask(signal) {
    const question = { status: this.#status(), reason: this.#reason(), limit: PAGE, cursor: this.#cursor };
    return (await ask("/dead-letters", question, signal)).answer;
  }

  #status() {
    return this.#form.elements.status.value;
  }

  #reason() {
    return this.#form.elements.reason.value.trim();
  }

  show({ data, next }) {
    const shown = new Set(data.map((letter) => letter.id));
    this.#chosen.forEach((id) => shown.has(id) || this.#chosen.delete(id));
    this.#section.dataset.content = data.length > 0 ? "filled" : "empty";
    setText(this.#section.querySelector(".message"), next === null ? "No matching dead letters" : "No match among the dead letters searched so far: the next page searches older ones");
    setText(this.#section.querySelector(".note"), this.#note || (data.length > 0 ? `${formatCount(data.length)}${next === null && !this.#cursor ? "" : " on this page"}, newest first` : ""));
    this.#paging.show({ isFirstPage: this.#cursor === undefined, next });
    const waiting = data.some((letter) => letter.status === "waiting");
    this.#form.elements["replay-all"].disabled = this.#reason() === "" || !waiting;
    const isFiltered = this.#reason() !== "" || this.#status() !== "";
    this.#form.elements["discard-all"].disabled = !isFiltered || this.#status() === "replaying" || (data.length === 0 && next === null && this.#cursor === undefined);
    const question = JSON.stringify([this.#status(), this.#reason(), this.#cursor]);
    update(this.#section.querySelector("tbody"), data.map((letter) => this.#row(letter)), { question });
    this.#countChosen();
  }

  #row(letter) {
    const box = element("input", { type: "checkbox", value: letter.id, checked: this.#chosen.has(letter.id), ariaLabel: `Select dead letter ${letter.id}` });
    const inspect = element("button", { type: "button", ariaLabel: `Inspect dead letter ${letter.id}` }, "Inspect");
    return element(
      "tr", { key: letter.id },
      element("td", { className: "choice" }, box),
      element("td", { className: "time", title: letter.time }, formatMoment(Date.parse(letter.time), Date.now())),
      element("td", { className: "reason" }, letter.replay_error ? `${letter.reason} (last replay: ${letter.replay_error})` : letter.reason),
      element("td", { className: "clip", dir: "auto", title: letter.key ?? "" }, letter.key ?? (letter.key_base64 ? "(bytes)" : "")),
      element("td", { className: "record clip" }, letter.preview ?? ""),
      element("td", {}, letter.status),
      element("td", {}, inspect),
    );
  }

  #choose(id, isChosen) {
    this.#chosen[isChosen ? "add" : "delete"](id);
    this.#countChosen();
  }

  #countChosen() {
    const button = this.#form.elements.replay;
    button.disabled = this.#chosen.size === 0;
    button.textContent = this.#chosen.size === 0 ? "Replay selected" : `Replay ${formatCount(this.#chosen.size)}`;
    const boxes = this.#section.querySelectorAll("tbody tr:not(.gone) input");
    boxes.forEach((box) => { box.checked = this.#chosen.has(Number(box.value)); });
    this.#section.querySelector("#choose-all").checked = boxes.length > 0 && this.#chosen.size === boxes.length;
  }

  async #replay(which) {
    try {
      let answer;
      do {
        ({ answer } = await send("/dead-letters/replay", { ...which, cursor: answer?.next }));
      } while (answer.replayed === 0 && answer.next !== null);
      const failed = answer.skipped.failed_again;
      this.#tell(`${formatCount(answer.replayed)} will be sent to Kafka again`
        + (answer.remaining > 0 ? `, ${formatCount(answer.remaining)} ${answer.next === null ? "more" : "or more"} are waiting` : "")
        + (failed > 0 ? `; ${formatCount(failed)} were skipped, as their last replay failed: select them individually` : ""));
      this.#chosen.clear();
    } catch (error) {
      this.#tell(describeUndone("replayed", error, "they were"));
    }
  }

  #tell(text) {
    this.#note = text;
    setText(this.#section.querySelector(".note"), text);
  }

  async #inspect(id) {
    let letter;
    try {
      letter = (await ask(`/dead-letters/${id}`)).answer.data;
    } catch (error) {
      this.#tell(`Dead letter ${id} cannot be shown: ${error.message}`);
      return;
    }
    const facts = [
      ["Reason", letter.reason], ["Topic", `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
      ["Received", letter.received_at], ["Rejected", letter.time], ["Key", letter.key ?? letter.key_base64 ?? "none"],
      ["Size", letter.size === null ? "no value" : `${formatCount(letter.size)} bytes`], ["Status", letter.status], ["Replays", formatCount(letter.replays)],
    ];
    setText(this.#dialog.querySelector("h2"), `Dead letter ${letter.id}`);
    this.#dialog.querySelector("dl").replaceChildren(...facts.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", { dir: "auto" }, value))));
    setText(this.#dialog.querySelector("pre"), letter.value ?? letter.value_base64 ?? "");
    this.#dialog.showModal();
  }
}
