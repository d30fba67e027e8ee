/**
 * Deletes alert rules, after a dialog that says how many alerts that clears.
 *
 *   const deleting = new RuleDeleting(dialog, (rule) => { ... });      is called after a rule was deleted
 *   deleting.open(rule);
 */

import { Confirmation } from "./confirmation.js";
import { formatCount } from "./formatting.js";
import { ask, remove } from "./rest-api.js";

/** The most alerts that one request returns. */
const MOST = 1000;

export class RuleDeleting {
  #confirmation;
  #onDeleted;
  #round = 0;

  constructor(dialog, onDeleted) {
    this.#confirmation = new Confirmation(dialog);
    this.#onDeleted = onDeleted;
  }

  async open(rule) {
    this.#round += 1;
    const round = this.#round;
    this.#confirmation.open({
      heading: `Delete the rule ${rule.name}?`,
      text: describe("Its firing alerts will be cleared."),
      action: "Delete",
      done: "deleted",
      run: async () => {
        await remove(`/alert-rules/${rule.id}`, {}, rule);
        this.#onDeleted(rule);
      },
    });
    try {
      const { answer } = await ask("/alerts", { rule: rule.id, state: "firing", limit: MOST });
      if (round === this.#round) {
        this.#confirmation.describe(describe(describeAlerts(answer)));
      }
    } catch {
      // The dialog says what is true for any number.
    }
  }
}

const describe = (alerts) => `The rule will no longer be evaluated. ${alerts} Past alerts stay in the history.`;

function describeAlerts({ count, next }) {
  if (count === 0) {
    return "None of its alerts are firing.";
  }
  return count === 1 ? "Its firing alert will be cleared." : `Its ${formatCount(count)}${next === null ? "" : " or more"} firing alerts will be cleared.`;
}
