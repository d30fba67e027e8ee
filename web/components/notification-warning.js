/**
 * Warns those who watch alerts that other people may not be notified of them, because a channel fails. Why it fails is on the page of channels, for those
 * who can mend it.
 *
 *   const warning = new NotificationWarning(section, news);      news: a status for screen readers
 *   warning.show(await askForChannels(signal), now);             now: by the server's clock
 *
 * The warning's text changes with every event that waits, so it is not announced; `news` tells each problem once.
 */

import { MOST, NewProblems } from "./channel-problems.js";
import { element } from "./elements.js";
import { formatCount, formatMoment } from "./formatting.js";
import { ask } from "./rest-api.js";
import { setText, update } from "./update.js";

export const askForChannels = async (signal) => (await ask("/alert-channels", {}, signal)).answer.data;

export class NotificationWarning {
  #section;
  #news;
  #newProblems = new NewProblems();

  constructor(section, news) {
    this.#section = section;
    this.#news = news;
  }

  show(channels, now) {
    const problems = channels.flatMap((channel) => problemsOf(channel, now));
    const others = problems.length - MOST;
    this.#section.hidden = problems.length === 0;
    update(this.#section, [
      ...problems.slice(0, MOST).map(({ key, text, waiting }) => element("p", { key, dir: "auto" }, `${text}${waiting}`)),
      element(
        "p", { key: "link" },
        others > 0 ? `There ${others === 1 ? "is 1 more problem" : `are ${formatCount(others)} more problems`}. ` : "",
        element("a", { href: "/channels" }, "See why on the Channels page"),
      ),
    ]);
    const news = this.#newProblems.find(problems);
    if (news.length > 0) {
      setText(this.#news, news.join(" "));
    }
  }
}

/** Key and text change only with the problem. */
function problemsOf({ id, name, status: { failing_since: since, waiting, given_up: lost, given_up_at: lostAt } }, now) {
  return [
    since !== null && {
      key: `${id} failing ${since}`,
      text: `Channel ${name} has been unable to notify anyone since ${formatMoment(Date.parse(since), now)}.`,
      waiting: waiting > 0 ? ` ${formatCount(waiting)} ${waiting === 1 ? "event is" : "events are"} waiting to be sent.` : "",
    },
    lost > 0 && {
      key: `${id} lost ${lostAt}`,
      text: `Channel ${name} could not deliver ${formatCount(lost)} ${lost === 1 ? "message" : "messages"} in the last week.`,
      waiting: "",
    },
  ].filter(Boolean);
}
