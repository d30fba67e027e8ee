/**
 * The name of who uses this browser, as it was entered last.
 *
 *   input.value = rememberedName();
 *   rememberName("nurse 12");
 */

const NAME = "name";

export function rememberedName() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

export function rememberName(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // Without storage, the name is asked for each time.
  }
}
