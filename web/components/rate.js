/**
 * Readings stored per second, from totals polled every few seconds.
 *
 *   const rate = new Rate();
 *   rate.measure(total, begun);       begun: when the total was requested, in milliseconds
 *   rate.values                       recent rates, the newest last; empty until two totals are known
 *
 * Each rate covers the last 30 seconds: in a shorter window, a device that sends every few seconds may have sent twice or not at all.
 */

const WINDOW = 30000;
const MOST_VALUES = 60;

export class Rate {
  values = [];
  #totals = [];

  measure(total, begun) {
    const [oldest] = this.#totals;
    if (oldest && begun - oldest.begun > 500) {
      // A lower total means that readings have expired.
      this.values.push(Math.max(0, total - oldest.total) / ((begun - oldest.begun) / 1000));
      this.values.splice(0, this.values.length - MOST_VALUES);
    }
    this.#totals = [...this.#totals.filter((one) => begun - one.begun < WINDOW), { total, begun }];
  }
}
