/** All alert rules: found by name, metric, condition, sensor or location. The view is stored in the URL. */

import { formatCount } from "../components/formatting.js";
import { ListView } from "../components/list-view.js";
import { Paging } from "../components/paging.js";
import { ask } from "../components/rest-api.js";
import { RuleDeleting } from "../components/rule-deleting.js";
import { RuleTable } from "../components/rule-table.js";
import { setText } from "../components/update.js";
import { startPage } from "../frame/page.js";

const PAGE = 100;
const WAIT = 200;

const find = (selector) => document.querySelector(selector);

const form = find("#view");
const panel = find("#rules");
const view = new ListView(["search", "cursor"], { onChange: () => page.askAnew(), onReturn: showForm });
const paging = new Paging(panel, {
  onFirst: () => view.change({ cursor: "" }, { isStep: true }),
  onNext: (cursor) => view.change({ cursor }, { isStep: true }),
});
const deleting = new RuleDeleting(find("#confirmation"), ({ name }) => {
  setText(find("#news"), `Rule ${name} deleted.`);
  page.askAnew();
});
const table = new RuleTable(panel, { onDelete: (rule) => deleting.open(rule) });

function show({ answer }) {
  const { search, cursor } = view.values;
  panel.dataset.content = answer.count > 0 ? "filled" : "empty";
  setText(panel.querySelector(".message"), search ? "No matching rules" : "No rules yet, so no alerts fire. Use Add rule to create the first one.");
  setText(panel.querySelector(".note"), answer.count > 0 ? `${formatCount(answer.count)} ${answer.count === 1 ? "rule" : "rules"}${answer.next === null && !cursor ? "" : " on this page"}` : "");
  paging.show({ isFirstPage: cursor === "", next: answer.next });
  table.show(answer.data, { question: JSON.stringify(view.values) });
}

function showForm() {
  form.elements.search.value = view.values.search;
}

let timer;
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.search.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  timer = setTimeout(() => view.change({ search: target.value.trim(), cursor: "" }, { isStep: false }), WAIT);
});

showForm();
const page = startPage({ ask: (signal) => ask("/alert-rules", { ...view.values, with_alerts: true, limit: PAGE }, signal), show });
