/**
 * Where the events come from: a doughnut, and beside it the list that names its slices.
 *
 *   const chart = new EventDistribution(canvas);
 *   chart.show({ stats });
 */

import { ChartPanel } from "./chart-panel.js";
import { themeColor } from "./chart-theme.js";
import { distribution } from "./figures.js";
import { formatCount, formatShare, shorten } from "./formatting.js";

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
    const { by, slices, total, groups } = distribution(stats.by_sensor, MOST_SLICES);
    this.#slices = slices;
    this.#fillLegend(total);
    if (slices.length === 0) {
      this.#panel.showEmpty("No events yet");
      return;
    }
    const note = slices.length < groups ? `${MOST_SLICES} of ${formatCount(groups)} ${by}s` : `By ${by}`;
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
      const entry = document.createElement("li");
      entry.dataset.slice = this.#colorOf(index);
      const name = document.createElement("span");
      name.className = "clip";
      name.dir = "auto";
      name.title = slice.name;
      name.textContent = slice.name;
      const share = document.createElement("span");
      share.className = "share";
      share.title = `${formatCount(slice.events)} events`;
      share.textContent = formatShare(slice.events / total);
      entry.append(name, share);
      return entry;
    });
    this.#legend.replaceChildren(...entries);
  }
}
