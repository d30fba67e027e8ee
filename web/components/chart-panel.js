/**
 * A panel with a chart: its note, what it says while empty, and its values as a table for those who do not see it.
 *
 *   const panel = new ChartPanel(canvas, { type: "bar", ... });
 *   panel.show({ note: "10 sensors", table: { columns: ["Sensor", "Average"], rows: [["s-1", "21.4 °C"]] } }, (data) => {
 *     data.datasets[0].data = [21.4];
 *   });
 *   panel.showEmpty("No temperature readings yet");
 *
 * The chart is updated in place, so that nothing flickers and a tooltip stays open.
 */

import { onThemeChange } from "./chart-theme.js";

export class ChartPanel {
  #panel;
  #chart;
  #tableContent;

  constructor(canvas, configuration) {
    this.#panel = canvas.closest(".panel");
    this.#chart = new window.Chart(canvas, configuration);
    onThemeChange(() => this.#chart.update("none"));
  }

  show({ note, table }, change) {
    this.#panel.dataset.content = "filled";
    this.#panel.querySelector(".note").textContent = note;
    if (table) {
      this.#fillTable(table);
    }
    change(this.#chart.data);
    this.#chart.update("none");
  }

  showEmpty(message) {
    this.#panel.dataset.content = "empty";
    this.#panel.querySelector(".note").textContent = "";
    this.#panel.querySelector(".message").textContent = message;
    this.#panel.querySelector(".values")?.replaceChildren();
    this.#tableContent = undefined;
  }

  #fillTable({ columns, rows }) {
    const content = JSON.stringify(rows);
    if (content === this.#tableContent) {
      return;
    }
    this.#tableContent = content;
    const table = document.createElement("table");
    table.createCaption().textContent = this.#panel.querySelector("h2").textContent;
    const heading = table.createTHead().insertRow();
    for (const column of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = column;
      heading.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const value of row) {
        line.insertCell().textContent = value;
      }
    }
    this.#panel.querySelector(".values").replaceChildren(table);
  }
}
