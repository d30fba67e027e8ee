/**
 * What every page has: the choice of a theme, and the line that says in which zone its times are.
 *
 *   startPage();
 */

import { notifyThemeChange } from "./chart-theme.js";
import { describeZone } from "./formatting.js";

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
