/** One alert, ?alert_id=…, firing or cleared: its state, its history, and buttons to do something about it. */

import { AlertChanges } from "../components/alert-changes.js";
import { showFacts, showHistory } from "../components/alert-history.js";
import { AlertTable } from "../components/alert-table.js";
import { loadRules } from "../components/known-rules.js";
import { RecentAlerts } from "../components/recent-alerts.js";
import { ApiError, ask } from "../components/rest-api.js";
import { setText } from "../components/update.js";
import { startPage } from "../frame/page.js";

const find = (selector) => document.querySelector(selector);

const PARTS = ["#alert", "#facts", "#history"];

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
      error.message = "there is no alert with this id; it may have been deleted";
    } else if (error.code === "invalid_id") {
      error.message = "This is not the address of an alert. Choose one from the open alerts or from all alerts.";
    }
    showNone(error);
    throw error;
  }
}

async function askForOne(signal) {
  if (id === "") {
    throw new ApiError({ status: 400, message: "No alert selected. Choose one from the open alerts or from all alerts." });
  }
  return ask(`/alerts/${encodeURIComponent(id)}`, {}, signal);
}

/** There is nothing to wait for. */
function showNone({ status }) {
  if (status === 400 || status === 404) {
    PARTS.forEach((part) => { find(part).hidden = true; });
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
  PARTS.forEach((part) => { find(part).hidden = false; });
  setText(find("#rule"), present.rule);
  setText(find("#of-sensor bdi"), present.sensor_id);
  find("#of-sensor").hidden = false;
  setText(find("#alert-heading"), present.state === "cleared" ? "Cleared alert" : "Firing alert");
  page.setTitle(`${present.rule}, ${present.sensor_id} · Sensor Pipeline`);
  table.show([present], { now });
  const rule = rules.find((one) => one.id === alert.rule_id);
  showFacts(find("#facts"), present, { rule, now });
  showHistory(find("#history .events"), { ...alert, ...present }, { rule, now });
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
