/**
 * Makes elements of the page. Text is only ever set as text, so that a name is never taken for markup.
 *
 *   element("td", { className: "clip", title: name, dir: "auto" }, name)
 *   element("tr", {}, cell, cell)
 *   element("time", { datetime: "…" }, "11:32")      properties of the element; where it has none of that name, attributes
 */

export function element(tag, properties = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) {
      made[name] = value;
    } else if (value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...content);
  return made;
}

/** A cell with a name that a device or its owner gave: in any language and direction, cut off where there is no room. */
export const nameCell = (className, name) => element("td", { className: `${className} clip`, dir: "auto", title: name ?? "" }, name ?? "");

/**
 * Puts elements into a parent so that those that were there before stay the same elements: a selection, or the place of the reader,
 * survives.
 *
 * @param wanted all that are to be in it, in order
 */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) {
    if (!kept.has(child)) {
      child.remove();
    }
  }
  let place = parent.firstChild;
  for (const child of wanted) {
    if (child === place) {
      place = child.nextSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
}
