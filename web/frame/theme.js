// Loaded before the page is painted, so that a theme that was chosen does not follow a flash of the other one.
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "system";
} catch {
  // Where nothing may be stored, the page has the theme of the system.
}
