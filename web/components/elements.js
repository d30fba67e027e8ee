/**
 * Creates elements. Text is only ever set as text, so that a name is never interpreted as markup.
 *
 *   element("td", { className: "clip", title: name, dir: "auto" }, name)
 *   element("tr", { key: sensor.sensor_id }, cell, cell)      key: by which update.js matches it
 *   element("time", { datetime: "…" }, "11:32")               properties of the element, or else attributes
 */

export function element(tag, { key, ...properties } = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) {
      made[name] = value;
    } else if (value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  if (key !== undefined) {
    made.dataset.key = key;
  }
  made.append(...content);
  return made;
}

/** A cell with a name chosen by a device or its owner: in any language and direction, truncated to fit. */
export const nameCell = (className, name, title = name) => element("td", { className: `${className} clip`, dir: "auto", title: title ?? "" }, name ?? "");

/** A cell with the name of a sensor, linked to its page. */
export function sensorCell(name) {
  const address = `/sensor?${new URLSearchParams({ sensor_id: name })}`;
  return element("td", { className: "sensor clip", title: name }, element("a", { href: address, dir: "auto" }, name));
}
