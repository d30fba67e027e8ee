/**
 * Updates existing elements with new content, so that focus, selected text, open details and the scroll position survive a refresh.
 *
 *   update(tableBody, rows.map((row) => element("tr", { key: row.id }, ...)), { question: "status=silent" });
 *   arrange(tableBody, rows);
 *   setText(heading, "Temperature");
 *
 * `update` takes new elements. Each is copied to the existing element with the same key (or else with the same tag at the same index);
 * that element stays, with its listeners, so listeners must not depend on earlier content. `arrange` sets the order of elements.
 *
 * An obsolete element stays while it has the focus or contains selected text, marked with the class "gone", unless `question` has
 * changed, that is, the user has made another query. So does `held`, to which the focus will return from a dialog.
 */

const questions = new WeakMap();

export function update(parent, wanted, { question, held } = {}) {
  const known = new Map();
  [...parent.children].forEach((child, index) => known.set(identityOf(child, index), child));
  const next = wanted.map((fresh, index) => {
    const identity = identityOf(fresh, index);
    const old = known.get(identity);
    known.delete(identity);
    return old?.tagName === fresh.tagName ? morph(old, fresh) : fresh;
  });
  arrange(parent, next, { question, held });
}

/** Keys and indexes never collide: a key is prefixed with its tag. */
const identityOf = (child, index) => (child.dataset.key === undefined ? index : `${child.tagName} ${child.dataset.key}`);

/** Makes an element equal to another, and keeps the parts that already are. */
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) {
    return old;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  const children = [...old.childNodes];
  const wanted = [...fresh.childNodes];
  wanted.forEach((child, index) => {
    const before = children[index];
    if (before?.nodeType === Node.TEXT_NODE && child.nodeType === Node.TEXT_NODE) {
      if (before.data !== child.data) {
        before.data = child.data;
      }
    } else if (before?.nodeType === Node.ELEMENT_NODE && before.tagName === child.tagName) {
      morph(before, child);
    } else if (before) {
      before.replaceWith(child);
    } else {
      old.append(child);
    }
  });
  children.slice(wanted.length).forEach((child) => child.remove());
  return old;
}

/**
 * Puts elements into a parent; existing ones are moved only if their order has changed.
 *
 * @param wanted all its elements, in order
 */
export function arrange(parent, wanted, { question, held } = {}) {
  const isSameQuestion = questions.get(parent) === question;
  questions.set(parent, question);
  const kept = new Set(wanted);
  for (const child of [...parent.children]) {
    const isGone = !kept.has(child);
    child.classList.toggle("gone", isGone);
    if (isGone && !(isSameQuestion && (child === held || isInUse(child)))) {
      child.remove();
    }
  }
  const focused = document.activeElement;
  let place = parent.firstElementChild;
  for (const child of wanted) {
    while (place && !kept.has(place)) {
      place = place.nextElementSibling;
    }
    if (child === place) {
      place = child.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  // An element that is moved loses the focus.
  if (focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

function isInUse(child) {
  const selection = getSelection();
  return child.contains(document.activeElement) || (!selection.isCollapsed && selection.containsNode(child, true));
}

/** Unchanged text stays selected. */
export function setText(line, text) {
  if (line.textContent !== text) {
    line.textContent = text;
  }
}
