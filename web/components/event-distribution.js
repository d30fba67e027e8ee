/**
 * Distribution of events: a doughnut chart with a list of its slices.
 *
 *   const chart = new EventDistribution(canvas);
 *   chart.show({ stats });
 */

import { ChartPanel } from "./chart-panel.js";
import { themeColor } from "./chart-theme.js";
import { element } from "./elements.js";
import { distribution } from "./figures.js";
import { formatCount, formatShare, shorten } from "./formatting.js";
import { update } from "./update.js";

const MOST_SLICES = 8;

export class EventDistribution {
  #panel;
  #legend;
  #slices = [];

  constructor(canvas) {
    this.#legend = canvas.closest(".panel").querySelector(".legend");
    this.#panel = new ChartPanel(canvas, {
      type: "doughnut",
      data: {
        labels: [],
        datasets: [{
          data: [],
          backgroundColor: ({ dataIndex }) => themeColor(`--slice-${this.#colorOf(dataIndex)}`),
          borderColor: () => themeColor("--panel"),
          hoverBorderColor: () => themeColor("--panel"),
          borderWidth: 2,
        }],
      },
      options: {
        cutout: "68%",
        plugins: {
          tooltip: {
            callbacks: {
              title: ([item]) => shorten(this.#slices[item.dataIndex].name, 40),
              label: (item) => `${formatCount(this.#slices[item.dataIndex].events)} events`,
            },
          },
        },
      },
    });
  }

  show({ stats }) {
    const { by, slices, total, compared } = distribution(stats, MOST_SLICES);
    this.#slices = slices;
    this.#fillLegend(total);
    if (slices.length === 0) {
      this.#panel.showEmpty("No events yet");
      return;
    }
    const among = compared === undefined ? "" : ` among the first ${formatCount(compared)} by name`;
    const note = describe(by, slices, among);
    this.#panel.show({ note }, (data) => {
      data.labels = slices.map((slice) => slice.name);
      data.datasets[0].data = slices.map((slice) => slice.events);
    });
  }

  #colorOf(index) {
    return this.#slices[index]?.isOther ? "other" : index + 1;
  }

  #fillLegend(total) {
    const entries = this.#slices.map((slice, index) => {
      const entry = element(
        "li", { key: `${slice.isOther} ${slice.name}` },
        element("span", { className: "clip", dir: "auto", title: slice.name }, slice.name),
        element("span", { className: "share", title: `${formatCount(slice.events)} events${slice.locations > 1 ? ` at ${formatCount(slice.locations)} locations` : ""}` }, formatShare(slice.events / total)),
      );
      entry.dataset.slice = this.#colorOf(index);
      return entry;
    });
    update(this.#legend, entries);
  }
}

function describe(by, slices, among) {
  if (by === "group") {
    return `Grouped by location prefix${among}`;
  }
  return slices.at(-1).isOther ? `The ${MOST_SLICES} ${by}s with most events${among}` : `By ${by}`;
}
