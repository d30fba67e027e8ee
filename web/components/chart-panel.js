/**
 * A panel with a chart: its note, what it says while empty, and its values as a table for those who do not see it.
 *
 *   const panel = new ChartPanel(canvas, { type: "bar", ... });
 *   panel.show({ note: "10 sensors", table: { columns: ["Sensor", "Average"], rows: [["s-1", "21.4 °C"]] } }, (data, options) => {
 *     data.datasets[0].data = [21.4];
 *   });
 *   panel.showEmpty("No temperature readings yet");
 *
 * The chart is updated in place, so that nothing flickers and a tooltip stays open.
 */

import { onThemeChange } from "./chart-theme.js";
import { element } from "./elements.js";

export class ChartPanel {
  chart;
  #panel;
  #tableContent;

  constructor(canvas, configuration) {
    this.#panel = canvas.closest(".panel");
    this.chart = new window.Chart(canvas, configuration);
    onThemeChange(() => this.chart.update("none"));
  }

  show({ note, table }, change) {
    this.#panel.dataset.content = "filled";
    this.#panel.querySelector(".note").textContent = note;
    if (table) {
      this.#fillTable(table);
    }
    change(this.chart.data, this.chart.options);
    this.chart.update("none");
  }

  showEmpty(message) {
    this.#panel.dataset.content = "empty";
    this.#panel.querySelector(".note").textContent = "";
    this.#panel.querySelector(".message").textContent = message;
    this.#panel.querySelector(".values")?.replaceChildren();
    this.#tableContent = undefined;
  }

  #fillTable({ columns, rows }) {
    const caption = this.#panel.querySelector("h2").textContent;
    const content = JSON.stringify([caption, rows]);
    if (content === this.#tableContent) {
      return;
    }
    this.#tableContent = content;
    const heading = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
    const lines = rows.map((row) => element("tr", {}, ...row.map((value) => element("td", {}, value))));
    this.#panel.querySelector(".values").replaceChildren(
      element("table", {}, element("caption", {}, caption), element("thead", {}, heading), element("tbody", {}, ...lines)),
    );
  }
}
