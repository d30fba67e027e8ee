/** All sensors: found by name, location or status. The view is stored in the URL. */

import { element, nameCell, sensorCell } from "../components/elements.js";
import { formatCount, formatMoment } from "../components/formatting.js";
import { Paging } from "../components/paging.js";
import { ask } from "../components/rest-api.js";
import { oddityBadges, stateBadge } from "../components/sensor-state.js";
import { setText, update } from "../components/update.js";
import { startPage } from "../frame/page.js";

const PAGE = 100;
const WAIT = 200;

const find = (selector) => document.querySelector(selector);

const form = find("#view");
const panel = find("#sensors");
const paging = new Paging(panel, {
  onFirst: () => look({ ...view, cursor: "" }, true),
  onNext: (cursor) => look({ ...view, cursor }, true),
});
let view = readView();

function readView() {
  const query = new URLSearchParams(location.search);
  return { search: query.get("search") ?? "", status: query.get("status") ?? "", cursor: query.get("cursor") ?? "" };
}

function show({ answer, begun, clockDifference }) {
  panel.dataset.content = answer.count > 0 ? "filled" : "empty";
  setText(panel.querySelector(".message"), view.search || view.status ? "No matching sensors" : "No sensors yet");
  setText(panel.querySelector(".note"), answer.count > 0 ? `${formatCount(answer.count)}${answer.next === null && !view.cursor ? "" : " on this page"}` : "");
  paging.show({ isFirstPage: view.cursor === "", next: answer.next });
  update(panel.querySelector("tbody"), answer.data.map((sensor) => makeRow(sensor, begun + clockDifference)), { question: JSON.stringify(view) });
}

function makeRow(sensor, now) {
  const last = Date.parse(sensor.last_reading);
  const time = element("time", { dateTime: sensor.last_reading }, formatMoment(last, now));
  return element(
    "tr", { key: sensor.sensor_id },
    sensorCell(sensor.sensor_id),
    nameCell("location", sensor.location),
    element("td", { className: "status" }, stateBadge(sensor, now), ...oddityBadges(sensor)),
    element("td", { className: "time", title: sensor.last_reading }, time),
    element("td", { className: sensor.readings === 1 ? "number single" : "number" }, formatCount(sensor.readings)),
    nameCell("others", sensor.metrics.join(", ")),
  );
}

function look(wanted, remember) {
  view = wanted;
  const query = new URLSearchParams(Object.entries(view).filter(([, value]) => value !== ""));
  history[remember ? "pushState" : "replaceState"](null, "", query.size > 0 ? `?${query}` : location.pathname);
  page.askAnew();
}

function showForm() {
  form.elements.search.value = view.search;
  form.elements.status.value = view.status;
}

let timer;
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.search.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  timer = setTimeout(() => look({ ...view, search: target.value.trim(), cursor: "" }, false), WAIT);
});
form.elements.status.addEventListener("change", ({ target }) => look({ ...view, status: target.value, cursor: "" }, true));
addEventListener("popstate", () => {
  view = readView();
  showForm();
  page.askAnew();
});

showForm();
const page = startPage({ ask: (signal) => ask("/sensors", { ...view, limit: PAGE }, signal), show });
