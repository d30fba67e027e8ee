/**
 * Problems of the channels by which people are notified: as a warning above other content, and, for screen readers, those that are new.
 *
 *   const warning = new ChannelWarning(section, news);      news: a status
 *   warning.show(await askForChannels(signal), now);        now: by the server's clock
 *
 *   const problems = new NewProblems();
 *   problems.find(describeProblems(channels, now))          texts of those that it has not been given the time before
 *
 * The warning's text changes with every event that waits, so it is not announced; `news` tells each problem once.
 */

import { describeProblems } from "./channel-words.js";
import { element } from "./elements.js";
import { formatCount } from "./formatting.js";
import { ask } from "./rest-api.js";
import { setText, update } from "./update.js";

/** A mail server that is down fails all its channels. */
const MOST = 5;

export const askForChannels = async (signal) => (await ask("/alert-channels", {}, signal)).answer.data;

export class NewProblems {
  #known = new Set();

  find(problems) {
    const fresh = problems.filter(({ key }) => !this.#known.has(key));
    this.#known = new Set(problems.map(({ key }) => key));
    return fresh.slice(0, MOST).map(({ text }) => text);
  }
}

export class ChannelWarning {
  #section;
  #news;
  #newProblems = new NewProblems();

  constructor(section, news) {
    this.#section = section;
    this.#news = news;
  }

  show(channels, now) {
    const problems = describeProblems(channels, now);
    const others = problems.length - MOST;
    this.#section.hidden = problems.length === 0;
    update(this.#section, [
      ...problems.slice(0, MOST).map(({ key, text, waiting }) => element("p", { key, dir: "auto" }, `${text}${waiting}`)),
      element("p", { key: "link" }, element("a", { href: "/channels" }, others > 0 ? `Show all channels, ${formatCount(others)} more of them with problems` : "Show channels")),
    ]);
    const news = this.#newProblems.find(problems);
    if (news.length > 0) {
      setText(this.#news, news.join(" "));
    }
  }
}
