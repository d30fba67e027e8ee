/**
 * The look of the charts, from the custom properties of the style sheet, so that light and dark are decided there only.
 *
 *   applyTheme();                                          once, before the first chart
 *   borderColor: () => themeColor("--temperature")         in a chart's options: a function, so that it follows a change
 *   onThemeChange(() => chart.update("none"));
 */

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const colors = new Map();

export function themeColor(property) {
  if (!colors.has(property)) {
    colors.set(property, getComputedStyle(document.documentElement).getPropertyValue(property).trim());
  }
  return colors.get(property);
}

export function applyTheme() {
  const { defaults } = window.Chart;
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

export function onThemeChange(listener) {
  darkScheme.addEventListener("change", () => {
    colors.clear();
    listener();
  });
}
