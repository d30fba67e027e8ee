/**
 * A form for one alert rule, with a preview of its alerts: ?rule_id=7 changes a rule, ?copy_of=7 begins a new one like it, and without either, a
 * new one begins empty.
 */

import { Conflict, isSameContent } from "../components/conflict.js";
import { element } from "../components/elements.js";
import { FormFields } from "../components/form-fields.js";
import { timeZones } from "../components/form-controls.js";
import { formatCount } from "../components/formatting.js";
import { knownMetrics, unitOf } from "../components/metrics.js";
import { ask, replace, send } from "../components/rest-api.js";
import { RuleChart } from "../components/rule-chart.js";
import { RuleDeleting } from "../components/rule-deleting.js";
import { EMPTY_RULE, RULE_FIELDS } from "../components/rule-fields.js";
import { RuleTrial } from "../components/rule-trial.js";
import { setText, update } from "../components/update.js";
import { describeUndone } from "../frame/failures.js";
import { startPage } from "../frame/page.js";

const LONGEST_NAME = 200;
const COPY = " (copy)";

const find = (selector) => document.querySelector(selector);

const form = find("#form");
const { save, duplicate, delete: erase } = form.elements;
const fields = new FormFields(form.querySelector(".fields"), { prefix: "rule", fields: RULE_FIELDS });
const chart = new RuleChart(find("#readings"));
const trial = new RuleTrial(find("#preview"), {
  onAnswer: (rule, alerts, from) => chart.show(rule, alerts, from),
  onNone: () => chart.hide(),
  isReady: () => fields.validate({ optional: ["name"] }),
  onRefused: (error) => (fields.tell(error) ? "the form has an error" : fields.describe(error)),
});
const deleting = new RuleDeleting(find("#confirmation"), () => {
  written = undefined;
  location.assign("/rules");
});
const conflict = new Conflict(form.querySelector(".conflict"), {
  onLoad(other) {
    showRule(other);
    page.showProblem();
    tell("Their version is loaded.");
    fields.focus();
  },
  onOverwrite(other) {
    saved = other;
    saveRule();
  },
});
/** The rule that is shown as it was read or saved last; a new one has no id. */
let saved;
/** What the form said then, as JSON; undefined if nothing would be lost. */
let written;
let isBusy = false;

const idInAddress = () => new URLSearchParams(location.search).get("rule_id");

async function askForRule(signal) {
  const id = idInAddress();
  if (id !== null) {
    return askForOne(id, signal);
  }
  const copied = new URLSearchParams(location.search).get("copy_of");
  if (copied !== null && saved === undefined) {
    const { answer, ...rest } = await askForOne(copied, signal);
    return { answer: { data: copyOf(answer.data) }, ...rest };
  }
  return { ...await ask("/alert-rules", { limit: 1 }, signal), answer: { data: EMPTY_RULE } };
}

async function askForOne(id, signal) {
  try {
    return await ask(`/alert-rules/${encodeURIComponent(id)}`, {}, signal);
  } catch (error) {
    if (error.code === "unknown_rule") {
      error.message = saved === undefined ? "no alert rule has this id; it may have been deleted" : "somebody else has deleted this rule; Add rule saves your entries as a new one";
      if (saved?.id !== undefined) {
        beginAnew();
      }
    }
    throw error;
  }
}

/** What is shown becomes a new rule. */
function beginAnew() {
  const { id, version, created_at, changed_at, ...rule } = saved;
  saved = rule;
  written = "";
  conflict.hide();
  showName(rule);
}

function copyOf({ id, version, created_at, changed_at, name, ...rule }) {
  return { name: `${name.slice(0, LONGEST_NAME - COPY.length)}${COPY}`, ...rule };
}

function show({ answer: { data: rule } }) {
  update(find("#metrics"), knownMetrics().map(({ metric, display_name: name }) => element("option", { key: metric, value: metric }, name ?? metric)));
  if (saved === undefined) {
    showRule(rule);
    return [];
  }
  // Does nothing unless the last attempt failed.
  preview();
  if (rule.version !== undefined && rule.version > saved.version && !isBusy) {
    conflict.show(rule);
    return ["Somebody else has changed this rule. Below the form, load their version, or save yours instead."];
  }
  return [];
}

function showRule(rule) {
  saved = rule;
  conflict.hide();
  fields.show(rule);
  written = JSON.stringify(fields.read());
  form.hidden = false;
  find(".preview").hidden = false;
  preview();
  showName(rule);
}

function preview() {
  const rule = fields.read();
  const unit = unitOf(rule.metric);
  fields.showUnit(rule.rate === undefined ? unit : unit === undefined ? "per min" : `${unit}/min`);
  trial.show(rule);
}

function showName({ id, name }) {
  setText(find("#rule"), id === undefined ? "New alert rule" : name);
  page.setTitle(`${id === undefined ? "New alert rule" : name} · Sensor Pipeline`);
  setText(save, id === undefined ? "Add rule" : "Save");
  duplicate.hidden = id === undefined;
  erase.hidden = id === undefined;
}

async function saveRule() {
  if (isBusy || saved === undefined || !fields.validate()) {
    return;
  }
  isBusy = true;
  tell("Saving…");
  const { id, version } = saved;
  const rule = fields.read();
  try {
    const { answer: { data } } = id === undefined ? await send("/alert-rules", rule) : await replace(`/alert-rules/${id}`, rule, { version });
    tellSaved(rule, data);
  } catch (error) {
    await explain(error, rule);
  } finally {
    isBusy = false;
  }
}

function tellSaved(rule, data) {
  const isNew = saved.id === undefined;
  if (isNew) {
    history.replaceState(null, "", `/rule?rule_id=${data.id}`);
  }
  saved = data;
  written = JSON.stringify(rule);
  conflict.hide();
  page.showProblem();
  showName(data);
  tell(`${isNew ? "Added" : "Saved"}. It applies to readings from now on.`);
  if (isNew) {
    // One that was deleted is asked for no more.
    page.askAnew();
  }
}

async function explain(error, rule) {
  const { id } = saved;
  const { data: other } = error.code === "changed_meanwhile" ? await ask(`/alert-rules/${id}`).then(({ answer }) => answer, () => ({})) : {};
  if (other === undefined) {
    if (fields.tell(error)) {
      tell("");
      fields.focus();
    } else {
      tell(describeUndone(id === undefined ? "added" : "saved", error));
    }
  } else if (isSameContent(other, rule)) {
    tellSaved(rule, other);
  } else {
    tell("Could not be saved: somebody else has changed this rule since you opened it. Your entries are still here.");
    conflict.show(other);
  }
}

function tell(text) {
  setText(find("#saving"), text);
}

function onInput() {
  tell("");
  preview();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  saveRule();
});
form.addEventListener("input", onInput);
duplicate.addEventListener("click", () => location.assign(`/rule?copy_of=${saved.id}`));
erase.addEventListener("click", () => deleting.open(saved));
addEventListener("beforeunload", (event) => {
  if (written !== undefined && JSON.stringify(fields.read()) !== written) {
    event.preventDefault();
  }
});
document.body.append(timeZones());

const page = startPage({ ask: askForRule, show });
