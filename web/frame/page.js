/**
 * Common behaviour of all pages: requests and shows data, follows the stream, reports staleness and failures, and applies the theme.
 *
 *   const page = startPage({ ask, show, newestArrival, onReadings, onAlert, onOpenAlerts });
 *   page.askAnew();                     the query has changed
 *   page.showProblem("The start must be before the end.");
 *   page.setTitle("(2) Alerts");
 *
 * `ask(signal)` resolves to an answer with `begun` and `clockDifference`, as in rest-api.js; `show(answer)` shows it, and returns a text, or an
 * array of texts and elements, if the query is invalid. `newestArrival(answer)` is the time of receipt of the latest reading, undefined before
 * the first one; omit it if the page shows no latest readings. With `onReadings(readings)`, which returns when the newest of them arrived, or
 * `onAlert(alert)`, the page follows the stream.
 *
 * Every page shows how many alerts are open, and sounds for new ones if that is switched on. `onOpenAlerts(state)` is told the same (open-alerts.js).
 */

import { notifyThemeChange } from "../components/chart-theme.js";
import { loadMetrics } from "../components/declared-metrics.js";
import { Polling } from "../components/polling.js";
import { setText } from "../components/update.js";
import { describeZone } from "../components/zone.js";
import { showAccount } from "./account.js";
import { showAlertCount } from "./alert-count.js";
import { AlertSound } from "./alert-sound.js";
import { ConnectionStatus } from "./connection-status.js";
import { asSentence, describeFailure } from "./failures.js";
import { LiveStream } from "./live-stream.js";
import { OpenAlerts } from "./open-alerts.js";

const find = (selector) => document.querySelector(selector);

export function startPage({ ask, show, newestArrival = () => null, onReadings, onAlert, onOpenAlerts }) {
  offerThemes();
  const status = new ConnectionStatus(find("#status"));
  const sound = new AlertSound(find("#sound"));
  const openAlerts = new OpenAlerts({
    onChange(state) {
      showAlertCount(state);
      onOpenAlerts?.(state);
    },
    onNews: ([{ severity }]) => sound.ring(severity),
  });

  const polling = new Polling({
    async ask(signal) {
      const [answer] = await Promise.all([ask(signal), loadMetrics(), openAlerts.ask(signal)]);
      return answer;
    },
    onAnswer(answer) {
      const { begun, clockDifference } = answer;
      status.answered({ newestArrival: newestArrival(answer), clockDifference, begun });
      showProblem(show(answer));
      setText(find("#zone"), describeZone(Date.now()));
      find("#main").ariaBusy = "false";
      stream?.start();
    },
    onFailure(error) {
      if (error.status === 400) {
        // The API is available, and reports what is wrong with the query.
        showProblem(error.message);
        find("#main").ariaBusy = "false";
        status.answered({ newestArrival: null, clockDifference: 0, begun: Date.now() });
        return undefined;
      }
      const failure = describeFailure(error);
      status.failed(failure);
      if (failure.isRefused) {
        stream?.stop();
        showAccount(undefined);
      }
      if (failure.isFinal) {
        showProblem(asSentence(error.message));
        find("#main").ariaBusy = "false";
      }
      return { wait: failure.wait, isLimit: !failure.isRefused, isFinal: failure.isFinal };
    },
    onReturn: () => status.loading(),
  });

  const stream = (onReadings ?? onAlert) && new LiveStream({
    onReadings: onReadings && ((readings) => status.arrived(onReadings(readings))),
    onAlert(alert) {
      openAlerts.hear(alert);
      onAlert?.(alert);
    },
    onReset: () => polling.askNow(),
  });

  setText(find("#zone"), describeZone(Date.now()));
  polling.start();
  stream?.start();
  return {
    askAnew() {
      find("#main").ariaBusy = "true";
      polling.askAnew();
    },
    showProblem,
    setTitle: (title) => status.setTitle(title),
  };
}

/** Screen readers announce it only when it changes. */
function showProblem(told = []) {
  const problem = find("#problem");
  const content = [told].flat();
  if (problem && problem.textContent !== content.map((part) => part.textContent ?? part).join("")) {
    problem.replaceChildren(...content);
    problem.hidden = content.length === 0;
  }
}

function offerThemes() {
  const theme = find("#theme");
  theme.value = document.documentElement.dataset.theme ?? "system";
  theme.addEventListener("change", () => {
    document.documentElement.dataset.theme = theme.value;
    notifyThemeChange();
    try {
      localStorage.setItem("theme", theme.value);
    } catch {
      // Without storage, the choice lasts as long as the page.
    }
  });
}
