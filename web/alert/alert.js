/** One alert, ?alert_id=…, whether it is open or over: its state, what happened to it, and buttons to do something about it. */

import { AlertChanges } from "../components/alert-changes.js";
import { showHistory } from "../components/alert-history.js";
import { AlertTable } from "../components/alert-table.js";
import { loadRules } from "../components/known-rules.js";
import { RecentAlerts } from "../components/recent-alerts.js";
import { ApiError, ask } from "../components/rest-api.js";
import { setText } from "../components/update.js";
import { startPage } from "../frame/page.js";

const find = (selector) => document.querySelector(selector);

const id = new URLSearchParams(location.search).get("alert_id") ?? "";
const recent = new RecentAlerts();
const changes = new AlertChanges(find("#change"), (alert, told) => {
  hear(alert);
  setText(find("#news"), told);
  page.askAnew();
});
const table = new AlertTable(find("#alert"), { hasLinks: false, onChange: (alert, kind) => changes.open(alert, kind) });
/** The last response. */
let last;

async function askForAlert(signal) {
  try {
    const [answer, rules] = await Promise.all([askForOne(signal), loadRules()]);
    return { ...answer, rules };
  } catch (error) {
    if (error.code === "unknown_alert") {
      error.message = "no alert has this id; it may have been deleted";
    }
    showNone(error);
    throw error;
  }
}

async function askForOne(signal) {
  if (id === "") {
    throw new ApiError({ status: 400, message: "The address names no alert: choose one from the open alerts, or from all alerts" });
  }
  return ask(`/alerts/${encodeURIComponent(id)}`, {}, signal);
}

/** There is nothing to wait for. */
function showNone({ status }) {
  if (status === 400 || status === 404) {
    find("#alert").hidden = true;
    find("#history").hidden = true;
  }
}

function show(answer) {
  last = answer;
  recent.settle(answer.begun);
  draw();
}

function draw() {
  const { answer: { data: alert }, rules, clockDifference } = last;
  const now = Date.now() + clockDifference;
  const [present] = recent.correct([alert]).filter((one) => one.id === id);
  find("#alert").dataset.content = "filled";
  find("#history").hidden = false;
  setText(find("#rule"), present.rule);
  setText(find("#alert-heading"), present.state === "cleared" ? "Cleared alert" : "Firing alert");
  page.setTitle(`${present.rule}, ${present.sensor_id} · Sensor Pipeline`);
  table.show([present], { now });
  showHistory(find("#history"), { ...alert, ...present }, { isRate: rules.find((rule) => rule.id === alert.rule_id)?.rate !== undefined, now });
}

function hear(alert) {
  if (alert.id !== id) {
    return;
  }
  recent.hear(alert, Date.now());
  if (last) {
    draw();
  }
}

const page = startPage({ ask: askForAlert, show, onAlert: hear });
