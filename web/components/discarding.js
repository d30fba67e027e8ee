/**
 * Discards dead letters that match a filter, after a dialog that names how many they are.
 *
 *   const discarding = new Discarding(dialog, (text) => { ... });      is called with what is happening
 *   await discarding.run({ reason: "no metric", status: "waiting" });
 *
 * A request works for some seconds at most, so both the count and the discarding go on until all are found. Dead letters that are
 * rejected after the count are not in the number that was named, so they stay.
 */

import { formatCount } from "./formatting.js";
import { send } from "./rest-api.js";
import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

export class Discarding {
  #dialog;
  #tell;
  #isRunning = false;

  constructor(dialog, tell) {
    this.#dialog = dialog;
    this.#tell = tell;
  }

  /** @return once all is done; undefined values and empty text filter nothing, but one of the two must be given */
  async run({ reason, status }) {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    const filter = { reason: reason || undefined, status: status || undefined };
    const counted = { letters: 0, replaying: 0 };
    const discarded = { letters: 0, replaying: 0 };
    let isConfirmed = false;
    try {
      await this.#walk({ ...filter, dry_run: true }, counted, () => `Counting... ${formatCount(counted.letters)} so far`);
      isConfirmed = counted.letters > 0 && await this.#isConfirmed(counted.letters, filter);
      if (counted.letters === 0) {
        this.#tell("No dead letters to discard: those being replayed stay");
      } else if (isConfirmed) {
        await this.#walk({ ...filter, to: counted.begun }, discarded, () => `Discarding... ${formatCount(discarded.letters)} of ${formatCount(counted.letters)}`);
        this.#tell(`${formatCount(discarded.letters)} discarded${discarded.replaying > 0 ? `; ${formatCount(discarded.replaying)} are being replayed and stay` : ""}`);
      } else {
        this.#tell("Nothing discarded");
      }
    } catch (error) {
      this.#tell(isConfirmed ? describeFailing(error, discarded.letters) : `Nothing discarded: ${error.message}`);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Sends requests until all are found, and adds up in `sum` what they did; sum.begun: the server's time at the first. */
  async #walk(body, sum, describe) {
    let cursor;
    do {
      this.#tell(describe());
      const { answer, begun, clockDifference } = await send("/dead-letters/discard", { ...body, cursor });
      sum.begun ??= new Date(begun + clockDifference).toISOString();
      sum.letters += answer.discarded;
      sum.replaying += answer.replaying;
      cursor = answer.next ?? undefined;
    } while (cursor !== undefined);
  }

  async #isConfirmed(count, { reason, status }) {
    setText(this.#dialog.querySelector("h2"), `Discard ${formatCount(count)} dead letter${count === 1 ? "" : "s"}?`);
    const which = [reason && `whose reason contains “${reason}”`, status && `that are ${status}`].filter(Boolean).join(" and ");
    setText(this.#dialog.querySelector("p"), `All ${which} will be deleted from the database. They can no longer be inspected or replayed. Their topic keeps its copies until its retention.`);
    setText(this.#dialog.querySelector("button[value=discard]"), `Discard ${formatCount(count)}`);
    this.#dialog.returnValue = "";
    const closed = new Promise((resolve) => { this.#dialog.addEventListener("close", resolve, { once: true }); });
    this.#dialog.showModal();
    await closed;
    return this.#dialog.returnValue === "discard";
  }
}

function describeFailing(error, discarded) {
  return discarded === 0 ? describeUndone("discarded", error, "they were") : `Only ${formatCount(discarded)} are known to be discarded: ${error.message}`;
}
