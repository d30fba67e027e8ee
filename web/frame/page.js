/**
 * What every page has: the choice of a theme, the line that says in which zone its times are, and what becomes of a failed question.
 *
 *   startPage();
 *   tellFailure(status, error);      status: the ConnectionStatus; error: of rest-api.js
 */

import { notifyThemeChange } from "../components/chart-theme.js";
import { describeZone } from "../components/formatting.js";

export function startPage() {
  const theme = document.querySelector("#theme");
  theme.value = document.documentElement.dataset.theme ?? "system";
  theme.addEventListener("change", () => {
    document.documentElement.dataset.theme = theme.value;
    notifyThemeChange();
    try {
      localStorage.setItem("theme", theme.value);
    } catch {
      // It lasts as long as the page.
    }
  });
  document.querySelector("#zone").textContent = `Times in ${describeZone(Date.now())}`;
}

/** Where the question is wrong, the API is there and says what is wrong with it. */
export function tellFailure(status, error) {
  if (error.status === 400) {
    const problem = document.querySelector("#problem");
    problem.textContent = error.message;
    problem.hidden = false;
    document.querySelector("#main").ariaBusy = "false";
    status.answered({ newestArrival: null, clockDifference: 0, begun: Date.now() });
  } else {
    status.failed(error.message);
  }
}
