/**
 * Chart colours and fonts from the custom properties of the style sheet, the only place that defines light and dark.
 *
 *   if (prepareCharts()) { new TimeChart(...) }            once, before the first chart; false if Chart.js could not be loaded
 *   borderColor: () => themeColor("--temperature")         in a chart's options: a function, so that it follows theme changes
 *   bandColor("--temperature")                             the same, transparent
 *   onThemeChange(() => chart.update("none"));
 *   notifyThemeChange();
 */

const LIGHT_AND_DARK = /^light-dark\((.+), (.+)\)$/;
const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const colors = new Map();
const listeners = [];

export const themeColor = (property) => colors.get(property);

/** As #rrggbbaa. */
export const bandColor = (property) => `${themeColor(property)}26`;

/** Read from the rules of frame.css, because reading a computed style forces a layout of the page. */
function readColors() {
  const { theme } = document.documentElement.dataset;
  const isDark = theme === "dark" || (theme !== "light" && darkSystem.matches);
  for (const { selectorText, style } of document.styleSheets[0].cssRules) {
    for (const property of selectorText === ":root" ? style : []) {
      const [, light, dark] = LIGHT_AND_DARK.exec(style.getPropertyValue(property)) ?? [];
      colors.set(property, isDark ? dark : light);
    }
  }
}

/** Without the chart library, a page still shows figures and readings. */
export function prepareCharts() {
  if (window.Chart) {
    applyTheme(window.Chart.defaults);
    return true;
  }
  for (const message of document.querySelectorAll(".plot .message")) {
    message.textContent = "The charts could not be loaded. Reload the page to try again.";
    message.closest(".panel").dataset.content = "empty";
  }
  return false;
}

function applyTheme(defaults) {
  readColors();
  defaults.animation = false;
  defaults.maintainAspectRatio = false;
  defaults.font.family = getComputedStyle(document.body).fontFamily;
  defaults.color = () => themeColor("--text-muted");
  defaults.borderColor = () => themeColor("--line");
  defaults.plugins.legend.display = false;
  Object.assign(defaults.plugins.tooltip, {
    backgroundColor: () => themeColor("--tooltip"),
    titleColor: () => themeColor("--tooltip-text"),
    bodyColor: () => themeColor("--tooltip-text"),
    displayColors: false,
    padding: 10,
    cornerRadius: 6,
    caretSize: 0,
    caretPadding: 8,
  });
  followTextSize();
  addEventListener("resize", followTextSize);
}

/** Page text scales with the screen, and chart text with it. */
function followTextSize() {
  window.Chart.defaults.font.size = 0.75 * parseFloat(getComputedStyle(document.documentElement).fontSize);
}

export const onThemeChange = (listener) => listeners.push(listener);

export function notifyThemeChange() {
  readColors();
  for (const listener of listeners) {
    listener();
  }
}

darkSystem.addEventListener("change", notifyThemeChange);
