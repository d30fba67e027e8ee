/**
 * How many readings are stored a second, from totals that are asked for now and then.
 *
 *   const rate = new Rate();
 *   rate.measure(total, begun);       begun: when the total was asked for, in milliseconds
 *   rate.values                       the last ones, the newest last; empty until two totals are known
 *
 * Each is taken over the last half minute: devices that send every few seconds do so between some questions twice, and between others not at all.
 */

const WINDOW = 30000;
const MOST_VALUES = 60;

export class Rate {
  values = [];
  #totals = [];

  measure(total, begun) {
    const [oldest] = this.#totals;
    if (oldest && begun - oldest.begun > 500) {
      // Fewer than before: some have expired.
      this.values.push(Math.max(0, total - oldest.total) / ((begun - oldest.begun) / 1000));
      this.values.splice(0, this.values.length - MOST_VALUES);
    }
    this.#totals = [...this.#totals.filter((one) => begun - one.begun < WINDOW), { total, begun }];
  }
}
