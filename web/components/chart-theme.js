/**
 * The look of the charts, from the custom properties of the style sheet, so that light and dark are decided there only.
 *
 *   applyTheme();                                          once, before the first chart
 *   borderColor: () => themeColor("--temperature")         in a chart's options: a function, so that it follows a change
 *   bandColor("--temperature")                             the same, to be seen through
 *   onThemeChange(() => chart.update("none"));
 *   notifyThemeChange();
 */

const colors = new Map();
const listeners = [];

/** A custom property tells its text; only an element that has it as its colour tells which one that is now. It stays, because to come and go costs more. */
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

export function themeColor(property) {
  if (!colors.has(property)) {
    probe.style.color = `var(${property})`;
    colors.set(property, getComputedStyle(probe).color);
  }
  return colors.get(property);
}

export const bandColor = (property) => themeColor(property).replace("rgb(", "rgba(").replace(")", ", 0.15)");

/** All at once, while the page is empty: each look makes the browser reckon with everything that has changed since. */
function readColors() {
  colors.clear();
  for (const { selectorText, style } of document.styleSheets[0].cssRules) {
    if (selectorText === ":root") {
      [...style].filter((name) => name.startsWith("--")).forEach(themeColor);
    }
  }
}

export function applyTheme() {
  const { defaults } = window.Chart;
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

/** The text of the page grows with the screen; that of the charts goes with it. */
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

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", notifyThemeChange);
