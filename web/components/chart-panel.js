/**
 * A panel with a chart: a note, a message while it is empty, and its values as a table for screen readers.
 *
 *   const panel = new ChartPanel(canvas, { type: "bar", ... });
 *   panel.show({ note: "10 sensors", table: { columns: ["Sensor", "Average"], rows: [["s-1", "21.4 °C"]] } }, (data, options) => {
 *     data.datasets[0].data = [21.4];
 *   });
 *   panel.showEmpty("No temperature readings yet");
 *
 * The chart is updated in place, so that it does not flicker and tooltips stay open, and only while it is visible or printed.
 */

import { onThemeChange } from "./chart-theme.js";
import { element } from "./elements.js";
import { inTurn } from "./turns.js";
import { setText, update } from "./update.js";

/** A chart is drawn shortly before it scrolls into view. */
const NEAR = "100px";

export class ChartPanel {
  #canvas;
  #configuration;
  #chart;
  #change;
  #isSeen = false;
  #panel;
  #tableContent;

  constructor(canvas, configuration) {
    this.#canvas = canvas;
    this.#configuration = configuration;
    this.#panel = canvas.closest(".panel");
    onThemeChange(() => this.#chart?.update("none"));
    new IntersectionObserver((seen) => {
      this.#isSeen = seen.at(-1).isIntersecting;
      this.#drawIfSeen();
    }, { rootMargin: NEAR }).observe(this.#panel);
    addEventListener("beforeprint", () => this.#draw());
  }

  /** The chart, or undefined until it is drawn. */
  get chart() {
    return this.#chart;
  }

  show({ note, table }, change) {
    this.#panel.dataset.content = "filled";
    setText(this.#panel.querySelector(".note"), note);
    if (table) {
      this.#fillTable(table);
    }
    this.#change = change;
    this.#drawIfSeen();
  }

  #drawIfSeen() {
    if (this.#isSeen && this.#change) {
      inTurn(this, () => this.#draw());
    }
  }

  #draw() {
    const change = this.#change;
    this.#change = undefined;
    if (change && this.#chart) {
      change(this.#chart.data, this.#chart.options);
      this.#chart.update("none");
    } else if (change) {
      change(this.#configuration.data, this.#configuration.options);
      this.#chart = new window.Chart(this.#canvas, this.#configuration);
    }
  }

  showEmpty(message) {
    this.#change = undefined;
    this.#panel.dataset.content = "empty";
    setText(this.#panel.querySelector(".note"), "");
    setText(this.#panel.querySelector(".message"), message);
    this.#panel.querySelector(".values")?.replaceChildren();
    this.#tableContent = undefined;
  }

  #fillTable({ columns, rows }) {
    const caption = this.#panel.querySelector("h2").textContent;
    const content = JSON.stringify([caption, columns, rows]);
    if (content === this.#tableContent) {
      return;
    }
    this.#tableContent = content;
    const heading = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
    const lines = rows.map((row) => element("tr", {}, ...row.map((value) => element("td", {}, value))));
    update(this.#panel.querySelector(".values"), [
      element("table", {}, element("caption", {}, caption), element("thead", {}, heading), element("tbody", {}, ...lines)),
    ]);
  }
}
