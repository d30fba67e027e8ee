/**
 * Which problems of the channels by which people are notified are new, so that screen readers announce each once.
 *
 *   const problems = new NewProblems();
 *   problems.find(describeProblems(channels, now))          texts of those that it has not been given the time before, at most as many as are read
 */

/** A mail server that is down fails all its channels. */
export const MOST = 5;

export class NewProblems {
  #known = new Set();

  find(problems) {
    const fresh = problems.filter(({ key }) => !this.#known.has(key));
    this.#known = new Set(problems.map(({ key }) => key));
    return fresh.slice(0, MOST).map(({ text }) => text);
  }
}
