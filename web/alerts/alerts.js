/** Alerts: those that are open, most severe first, who did what about them, and whether people are notified of them. The view is stored in the URL. */

import { AlertChanges } from "../components/alert-changes.js";
import { AlertTable } from "../components/alert-table.js";
import { element } from "../components/elements.js";
import { describeNews, isWorse, OPEN, SEVERITIES, viewNamed } from "../components/alert-views.js";
import { formatCount } from "../components/formatting.js";
import { ListView } from "../components/list-view.js";
import { askForChannels, NotificationWarning } from "../components/notification-warning.js";
import { Paging } from "../components/paging.js";
import { RecentAlerts } from "../components/recent-alerts.js";
import { ask } from "../components/rest-api.js";
import { setText, update } from "../components/update.js";
import { startPage } from "../frame/page.js";

const PAGE = 50;
const MOST_OPEN = 200;
const MOST_OFFERED = 50;
const TITLE = document.title;

const find = (selector) => document.querySelector(selector);

const form = find("#view");
const panel = find("#alerts");
const recent = new RecentAlerts();
const view = new ListView(["view", "severity", "location", "sensor_id", "cursor"], { onChange: () => page.askAnew(), onReturn: showForm });
const paging = new Paging(panel, {
  onFirst: () => view.change({ cursor: "" }, { isStep: true }),
  onNext: (cursor) => view.change({ cursor }, { isStep: true }),
});
const changes = new AlertChanges(find("#change"), (alert, told) => {
  hear(alert);
  setText(find("#news"), told);
  page.askAnew();
});
const table = new AlertTable(panel, { onChange: (alert, kind) => changes.open(alert, kind) });
const notificationWarning = new NotificationWarning(find("#channel-problems"), find("#channel-news"));
/** The last response, with the view that was asked for. */
let last;
/** Ids and severities of the open alerts that were shown last, and by which they were filtered; undefined before the first. */
let known;
let knownOf;

async function askForAlerts(signal) {
  const { view: name, cursor } = view.values;
  const wanted = viewNamed(name);
  const filters = filtersOf(view.values);
  const [open, listed, channels] = await Promise.all([
    askForOpen(filters, signal),
    wanted === OPEN ? undefined : ask("/alerts", { state: wanted.state, ...filters, cursor, limit: PAGE }, signal),
    askForChannels(signal),
  ]);
  return {
    wanted,
    filters,
    open,
    listed: listed?.answer,
    channels,
    isFirstPage: listed === undefined || cursor === "",
    question: JSON.stringify(view.values),
    begun: open.begun,
    clockDifference: open.clockDifference,
  };
}

/** Empty: any. */
const filtersOf = ({ severity, location, sensor_id }) => ({ severity: SEVERITIES.includes(severity) ? severity : "", location, sensor_id });

const matches = (alert, filters) => Object.entries(filters).every(([name, wanted]) => wanted === "" || alert[name] === wanted);

/** One request for each severity, so that many alerts that matter less do not hide one that matters more. */
async function askForOpen(filters, signal) {
  const severities = SEVERITIES.filter((severity) => matches({ severity }, { severity: filters.severity }));
  const answers = await Promise.all(severities.map((severity) => ask("/alerts", { state: "open", ...filters, severity, limit: MOST_OPEN }, signal)));
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
  notificationWarning.show(answer.channels, Date.now() + answer.clockDifference);
}

function draw() {
  const { wanted, filters, open, listed, isFirstPage, question, clockDifference } = last;
  const now = Date.now() + clockDifference;
  const next = listed?.next ?? null;
  const filteredBy = JSON.stringify(filters);
  // The stream tells of all.
  const corrected = (alerts, page) => recent.correct(alerts, page).filter((alert) => matches(alert, filters));
  const openNow = OPEN.arrange(corrected(open.data), now);
  const shown = listed ? wanted.arrange(corrected(listed.data, { isFirstPage, next }), now) : openNow;
  const isAll = listed ? isFirstPage && next === null : !open.isPart;
  panel.dataset.content = shown.length > 0 ? "filled" : "empty";
  setText(panel.querySelector("h2"), wanted.heading);
  setText(panel.querySelector(".message"), matches({}, filters) ? wanted.none : wanted.none.replace("No", "No matching"));
  setText(panel.querySelector(".note"), shown.length > 0 ? `${formatCount(shown.length)}${isAll ? "" : " on this page"}, ${wanted.order}` : "");
  paging.show({ isFirstPage, next });
  table.show(shown, { now, question });
  page.setTitle(openNow.length > 0 ? `(${openNow.length}${open.isPart ? "+" : ""}) ${TITLE}` : TITLE);
  if (known && knownOf === filteredBy) {
    announce(openNow.filter((alert) => isWorse(alert, known.get(alert.id))));
  }
  known = new Map(openNow.map(({ id, severity }) => [id, severity]));
  knownOf = filteredBy;
}

function announce(alerts) {
  if (alerts.length > 0) {
    setText(find("#news"), describeNews(alerts));
  }
}

function hear(alert) {
  recent.hear(alert, Date.now());
  table.hear(alert);
  if (last) {
    draw();
  }
}

function showForm() {
  form.elements.view.value = viewNamed(view.values.view) === OPEN ? "" : view.values.view;
  const { severity, location, sensor_id } = filtersOf(view.values);
  form.elements.severity.value = severity;
  form.elements.location.value = location;
  find("#chosen-sensor").hidden = sensor_id === "";
  setText(find("#chosen-sensor bdi"), sensor_id);
}

/** Suggestions of locations with what was typed in their names. */
async function offerLocations() {
  try {
    const { answer } = await ask("/locations", { search: form.elements.location.value, limit: MOST_OFFERED });
    update(find("#locations"), answer.data.map(({ location }) => element("option", { key: location, value: location })));
  } catch {
    // Without suggestions, it can be typed.
  }
}

function filterByLocation() {
  const location = form.elements.location.value;
  if (location !== view.values.location) {
    view.change({ location, cursor: "" }, { isStep: true });
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  filterByLocation();
});
form.elements.location.addEventListener("focus", offerLocations);
form.elements.location.addEventListener("input", offerLocations);
form.elements.location.addEventListener("change", filterByLocation);
form.elements.severity.addEventListener("change", ({ target }) => view.change({ severity: target.value, cursor: "" }, { isStep: true }));
form.elements.view.addEventListener("change", ({ target }) => view.change({ view: target.value, cursor: "" }, { isStep: true }));
form.elements.all.addEventListener("click", () => {
  view.change({ sensor_id: "", cursor: "" }, { isStep: true });
  showForm();
  form.elements.view.focus();
});

showForm();
const page = startPage({ ask: askForAlerts, show, onAlert: hear });
