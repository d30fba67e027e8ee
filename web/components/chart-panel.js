/**
 * A panel with a chart: a note, a message while it is empty, and its values as a table for screen readers.
 *
 *   const panel = new ChartPanel(canvas, { type: "bar", ... });
 *   panel.show({ note: "10 sensors", tables: [{ columns: ["Sensor", "Average"], rows: [["s-1", "21.4 °C"]] }], below }, (data, options) => {
 *     data.datasets[0].data = [21.4];
 *   });
 *   panel.showEmpty("No temperature readings yet");
 *
 * A table without a caption has the heading of the panel. below: texts and elements for a line below the chart, or nothing.
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

  show({ note, tables = [], below = [] }, change) {
    this.#panel.dataset.content = "filled";
    setText(this.#panel.querySelector(".note"), note);
    this.#fillTables(tables);
    this.#showBelow(below);
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
    this.#showBelow([]);
  }

  #showBelow(below) {
    let line = this.#panel.querySelector(".below");
    if (!line && below.length > 0) {
      line = element("p", { className: "below" });
      this.#panel.querySelector(".plot").after(line);
    }
    if (line) {
      line.hidden = below.length === 0;
      update(line, below);
    }
  }

  #fillTables(tables) {
    const heading = this.#panel.querySelector("h2").textContent;
    const content = JSON.stringify([heading, tables]);
    if (tables.length === 0 || content === this.#tableContent) {
      return;
    }
    this.#tableContent = content;
    update(this.#panel.querySelector(".values"), tables.map(({ caption, columns, rows }) => {
      const names = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
      const lines = rows.map((row) => element("tr", {}, ...row.map((value) => element("td", {}, value))));
      return element("table", {}, element("caption", {}, caption === undefined ? heading : `${heading}: ${caption}`), element("thead", {}, names), element("tbody", {}, ...lines));
    }));
  }
}
