/**
 * Shows a figure in a card, which is an <article class="card"> with a heading, a .value and a .detail.
 *
 *   showCard(card, { title, value: "21.4", unit: "°C", full, detail: "from 18 to 24 °C", isBad: false });      no value: not loaded yet
 *
 * full: the title of the value, for example with all its digits.
 */

import { element } from "./elements.js";
import { setText, update } from "./update.js";

/** Longer values use a smaller font, to fit their card. */
const LONG = 9;

export function showCard(card, { title, value, unit, full = "", detail, isBad = false }) {
  card.dataset.content = value === undefined ? "empty" : "filled";
  card.classList.toggle("bad", isBad);
  if (title) {
    setText(card.querySelector("h2"), title);
  }
  const figure = card.querySelector(".value");
  update(figure, [element("span", { title: full }, value ?? "–"), ...(unit ? [element("span", { className: "unit" }, `\u00a0${unit}`)] : [])]);
  figure.classList.toggle("long", (value ?? "").length > LONG);
  setText(card.querySelector(".detail"), detail);
}
