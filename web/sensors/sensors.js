/** All sensors: to find one by its name or location, and to see which are silent. What is looked for stands in the address. */

import { ConnectionStatus } from "../frame/connection-status.js";
import { element, nameCell } from "../components/elements.js";
import { formatAge, formatCount, formatMoment } from "../components/formatting.js";
import { sensorCell } from "../components/latest-readings.js";
import { startPage, tellFailure } from "../frame/page.js";
import { Polling } from "../components/polling.js";
import { ask } from "../components/rest-api.js";

const PAGE = 100;
const WAIT = 200;

const find = (selector) => document.querySelector(selector);

startPage();
const form = find("#view");
const panel = find("#sensors");
const status = new ConnectionStatus(find("#status"));
let view = readView();
let next;

function readView() {
  const query = new URLSearchParams(location.search);
  return { search: query.get("search") ?? "", status: query.get("status") ?? "", cursor: query.get("cursor") ?? "" };
}

function show({ answer, begun }) {
  next = answer.next;
  panel.dataset.content = answer.count > 0 ? "filled" : "empty";
  panel.querySelector(".message").textContent = view.search || view.status ? "No sensor is like this" : "No sensors yet";
  panel.querySelector(".note").textContent = answer.count > 0 ? `${formatCount(answer.count)}${next === null && !view.cursor ? "" : " on this page"}` : "";
  panel.querySelector(".first-page").disabled = view.cursor === "";
  panel.querySelector(".next-page").disabled = next === null;
  panel.querySelector("tbody").replaceChildren(...answer.data.map((sensor) => makeRow(sensor, begun)));
  find("#problem").hidden = true;
  find("#main").ariaBusy = "false";
}

function makeRow(sensor, now) {
  const last = Date.parse(sensor.last_reading);
  const time = element("time", { dateTime: sensor.last_reading }, formatMoment(last, now));
  const state = sensor.status === "silent" ? `silent for ${formatAge(now - last)}` : "online";
  return element(
    "tr", {},
    sensorCell(sensor.sensor_id),
    nameCell("location", sensor.location),
    element("td", { className: "status" }, element("span", { className: `badge ${sensor.status}` }, state)),
    element("td", { className: "time", title: sensor.last_reading }, time),
    element("td", { className: "number" }, formatCount(sensor.readings)),
    nameCell("others", sensor.metrics.join(", ")),
  );
}

function look(wanted, remember) {
  view = wanted;
  const query = new URLSearchParams(Object.entries(view).filter(([, value]) => value !== ""));
  history[remember ? "pushState" : "replaceState"](null, "", query.size > 0 ? `?${query}` : location.pathname);
  find("#main").ariaBusy = "true";
  polling.askAnew();
}

function showForm() {
  form.elements.search.value = view.search;
  form.elements.status.value = view.status;
}

const polling = new Polling({
  ask: (signal) => ask("/sensors", { ...view, limit: PAGE }, signal),
  onAnswer(answered) {
    status.answered({ newestArrival: null, clockDifference: answered.clockDifference, begun: answered.begun });
    show({ answer: answered.answer, begun: answered.begun + answered.clockDifference });
  },
  onFailure: (error) => tellFailure(status, error),
  onReturn: () => status.loading(),
});

let timer;
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.search.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  timer = setTimeout(() => look({ ...view, search: target.value.trim(), cursor: "" }, false), WAIT);
});
form.elements.status.addEventListener("change", ({ target }) => look({ ...view, status: target.value, cursor: "" }, true));
panel.querySelector(".first-page").addEventListener("click", () => look({ ...view, cursor: "" }, true));
panel.querySelector(".next-page").addEventListener("click", () => look({ ...view, cursor: next }, true));
addEventListener("popstate", () => {
  view = readView();
  showForm();
  polling.askAnew();
});

showForm();
polling.start();
