/** Alerts: those that are open, the most severe first, what people did about them, and the state of notifications. The view is stored in the URL. */

import { AlertChannels } from "../components/alert-channels.js";
import { AlertChanges } from "../components/alert-changes.js";
import { AlertHistory } from "../components/alert-history.js";
import { AlertTable } from "../components/alert-table.js";
import { describeNews, isWorse, OPEN, SEVERITIES, viewNamed } from "../components/alert-views.js";
import { timeZones } from "../components/form-controls.js";
import { formatCount } from "../components/formatting.js";
import { ListView } from "../components/list-view.js";
import { Paging } from "../components/paging.js";
import { RecentAlerts } from "../components/recent-alerts.js";
import { ask } from "../components/rest-api.js";
import { setText } from "../components/update.js";
import { startPage } from "../frame/page.js";

const PAGE = 50;
const MOST_OPEN = 200;
const TITLE = document.title;

const find = (selector) => document.querySelector(selector);

const form = find("#view");
const panel = find("#alerts");
const recent = new RecentAlerts();
const view = new ListView(["view", "sensor_id", "cursor"], { onChange: () => page.askAnew(), onReturn: showForm });
const paging = new Paging(panel, {
  onFirst: () => view.change({ cursor: "" }, { isStep: true }),
  onNext: (cursor) => view.change({ cursor }, { isStep: true }),
});
const alertHistory = new AlertHistory(find("#history"));
const changes = new AlertChanges(find("#change"), (alert) => {
  hear(alert);
  page.askAnew();
});
const table = new AlertTable(panel, {
  onChange: (alert, kind) => changes.open(alert, kind),
  onHistory: (alert) => alertHistory.open(alert.id),
});
const channels = new AlertChannels({
  section: find("#channels"),
  warning: find("#channel-problems"),
  news: find("#channel-news"),
  dialog: find("#channel"),
  confirmation: find("#confirmation"),
  onChange: () => page.askAnew(),
});
/** The last response, with the view that was asked for. */
let last;
/** Ids and severities of the open alerts that were shown last, and of which sensor; undefined before the first. */
let known;
let knownOf;

async function askForAlerts(signal) {
  const { view: name, sensor_id, cursor } = view.values;
  const wanted = viewNamed(name);
  const [open, listed, notifying] = await Promise.all([
    askForOpen(sensor_id, signal),
    wanted === OPEN ? undefined : ask("/alerts", { state: wanted.state, sensor_id, cursor, limit: PAGE }, signal),
    channels.ask(signal),
  ]);
  return {
    wanted,
    sensor_id,
    open,
    listed: listed?.answer,
    notifying,
    isFirstPage: listed === undefined || cursor === "",
    question: JSON.stringify(view.values),
    begun: open.begun,
    clockDifference: open.clockDifference,
  };
}

/** One request for each severity, so that many alerts that matter less do not hide one that matters more. */
async function askForOpen(sensor_id, signal) {
  const answers = await Promise.all(SEVERITIES.map((severity) => ask("/alerts", { state: "open", severity, sensor_id, limit: MOST_OPEN }, signal)));
  return {
    data: answers.flatMap(({ answer }) => answer.data),
    isPart: answers.some(({ answer }) => answer.next !== null),
    begun: answers[0].begun,
    clockDifference: answers[0].clockDifference,
  };
}

function show(answer) {
  last = answer;
  recent.settle(answer.begun);
  draw();
  channels.show(answer.notifying, answer.clockDifference);
}

function draw() {
  const { wanted, sensor_id, open, listed, isFirstPage, question, clockDifference } = last;
  const now = Date.now() + clockDifference;
  const next = listed?.next ?? null;
  // The stream tells of all sensors.
  const corrected = (alerts, page) => recent.correct(alerts, page).filter((alert) => sensor_id === "" || alert.sensor_id === sensor_id);
  const openNow = OPEN.arrange(corrected(open.data), now);
  const shown = listed ? wanted.arrange(corrected(listed.data, { isFirstPage, next }), now) : openNow;
  const isAll = listed ? isFirstPage && next === null : !open.isPart;
  panel.dataset.content = shown.length > 0 ? "filled" : "empty";
  setText(panel.querySelector("h2"), wanted.heading);
  setText(panel.querySelector(".message"), wanted.none);
  setText(panel.querySelector(".note"), shown.length > 0 ? `${formatCount(shown.length)}${isAll ? "" : " on this page"}, ${wanted.order}` : "");
  paging.show({ isFirstPage, next });
  table.show(shown, { now, question });
  page.setTitle(openNow.length > 0 ? `(${openNow.length}${open.isPart ? "+" : ""}) ${TITLE}` : TITLE);
  if (known && knownOf === sensor_id) {
    announce(openNow.filter((alert) => isWorse(alert, known.get(alert.id))));
  }
  known = new Map(openNow.map(({ id, severity }) => [id, severity]));
  knownOf = sensor_id;
}

function announce(alerts) {
  if (alerts.length > 0) {
    setText(find("#news"), describeNews(alerts));
  }
}

function hear(alert) {
  recent.hear(alert, Date.now());
  if (last) {
    draw();
  }
}

function showForm() {
  form.elements.view.value = viewNamed(view.values.view) === OPEN ? "" : view.values.view;
  const { sensor_id } = view.values;
  find("#chosen-sensor").hidden = sensor_id === "";
  setText(find("#chosen-sensor bdi"), sensor_id);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.elements.view.addEventListener("change", ({ target }) => view.change({ view: target.value, cursor: "" }, { isStep: true }));
form.elements.all.addEventListener("click", () => {
  view.change({ sensor_id: "", cursor: "" }, { isStep: true });
  showForm();
  form.elements.view.focus();
});

document.body.append(timeZones());
showForm();
const page = startPage({ ask: askForAlerts, show, onAlert: hear });
