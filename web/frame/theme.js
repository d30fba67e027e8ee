// Runs before the first paint, to avoid a flash of the other theme.
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "system";
} catch {
  // Without access to storage, the page uses the system theme.
}
