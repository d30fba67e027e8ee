/** All sensors, with their open alerts: found by name, location, status, or whether they have such alerts. The view is stored in the URL. */

import { element, nameCell, sensorCell } from "../components/elements.js";
import { formatCount, formatMoment } from "../components/formatting.js";
import { ListView } from "../components/list-view.js";
import { openAlertsLink } from "../components/open-alerts-link.js";
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
const view = new ListView(["search", "status", "alerts", "cursor"], { onChange: () => page.askAnew(), onReturn: showForm });
const paging = new Paging(panel, {
  onFirst: () => view.change({ cursor: "" }, { isStep: true }),
  onNext: (cursor) => view.change({ cursor }, { isStep: true }),
});

function show({ answer, begun, clockDifference }) {
  const { search, status, alerts, cursor } = view.values;
  panel.dataset.content = answer.count > 0 ? "filled" : "empty";
  setText(panel.querySelector(".message"), search || status || alerts ? "No matching sensors" : "No sensors yet");
  setText(panel.querySelector(".note"), answer.count > 0 ? `${formatCount(answer.count)}${answer.next === null && !cursor ? "" : " on this page"}` : "");
  paging.show({ isFirstPage: cursor === "", next: answer.next });
  update(panel.querySelector("tbody"), answer.data.map((sensor) => makeRow(sensor, begun + clockDifference)), { question: JSON.stringify(view.values) });
}

function makeRow(sensor, now) {
  const last = Date.parse(sensor.last_reading);
  const time = element("time", { dateTime: sensor.last_reading }, formatMoment(last, now));
  return element(
    "tr", { key: sensor.sensor_id },
    sensorCell(sensor.sensor_id),
    nameCell("location", sensor.location),
    element("td", { className: "status" }, stateBadge(sensor, now), ...oddityBadges(sensor)),
    element("td", { className: "alerts" }, ...openAlertsLink(sensor)),
    element("td", { className: "time", title: sensor.last_reading }, time),
    element("td", { className: sensor.readings === 1 ? "number single" : "number" }, formatCount(sensor.readings)),
    nameCell("others", sensor.metrics.join(", ")),
  );
}

function showForm() {
  form.elements.search.value = view.values.search;
  form.elements.status.value = view.values.status;
  form.elements.alerts.value = view.values.alerts;
}

let timer;
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.search.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  timer = setTimeout(() => view.change({ search: target.value.trim(), cursor: "" }, { isStep: false }), WAIT);
});
["status", "alerts"].forEach((name) => form.elements[name].addEventListener("change", ({ target }) => view.change({ [name]: target.value, cursor: "" }, { isStep: true })));

showForm();
const page = startPage({ ask: (signal) => ask("/sensors", { ...view.values, limit: PAGE }, signal), show });
