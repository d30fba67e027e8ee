// Runs before the page is painted, so that the chosen theme does not follow a flash of the other one.
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "system";
} catch {
  // Without access to storage, the page has the theme of the system.
}
