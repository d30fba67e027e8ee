/** All channels by which people are notified of alerts, with a form for each. */

import { AlertChannels } from "../components/alert-channels.js";
import { timeZones } from "../components/form-controls.js";
import { ask } from "../components/rest-api.js";
import { startPage } from "../frame/page.js";

const find = (selector) => document.querySelector(selector);

const channels = new AlertChannels({
  section: find("#channels"),
  add: find(".title .add"),
  news: find("#news"),
  dialog: find("#channel"),
  confirmation: find("#confirmation"),
  onChange: () => page.askAnew(),
});

document.body.append(timeZones());
const page = startPage({ ask: (signal) => ask("/alert-channels", {}, signal), show: ({ answer, clockDifference }) => channels.show(answer.data, clockDifference) });
