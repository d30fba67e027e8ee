/**
 * Shows new content in elements that are on the page already, so that the focus, selected text, open details and the place that was scrolled to survive a refresh.
 *
 *   update(tableBody, rows.map((row) => element("tr", { key: row.id }, ...)), { question: "status=silent" });
 *   arrange(tableBody, rows);
 *   setText(heading, "Temperature");
 *
 * `update` takes newly made elements. Each changes the element with the same key (else the one with the same tag at the same place)
 * to look like it; the element on the page stays, with its listeners, so listeners must not depend on what was shown before. `arrange` puts elements into an order.
 *
 * An element that is no longer wanted stays while it has the focus or selected text in it, marked with the class "gone"; unless `question` has changed, which means that
 * people have asked for something else.
 */

const questions = new WeakMap();

export function update(parent, wanted, { question } = {}) {
  const known = new Map();
  [...parent.children].forEach((child, index) => known.set(identityOf(child, index), child));
  const next = wanted.map((fresh, index) => {
    const identity = identityOf(fresh, index);
    const old = known.get(identity);
    known.delete(identity);
    return old?.tagName === fresh.tagName ? morph(old, fresh) : fresh;
  });
  arrange(parent, next, { question });
}

/** Keys and places never clash: a key is preceded by its tag. */
const identityOf = (child, index) => (child.dataset.key === undefined ? index : `${child.tagName} ${child.dataset.key}`);

/** Makes an element look like another, and keeps what looks so already. */
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
 * Puts elements into a parent; those that are there already are moved only if their order has changed.
 *
 * @param wanted all that are to be in it, in order
 */
export function arrange(parent, wanted, { question } = {}) {
  const isSameQuestion = questions.get(parent) === question;
  questions.set(parent, question);
  const kept = new Set(wanted);
  for (const child of [...parent.children]) {
    const isGone = !kept.has(child);
    child.classList.toggle("gone", isGone);
    if (isGone && !(isSameQuestion && isInUse(child))) {
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
  // An element that moves loses the focus.
  if (focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

function isInUse(child) {
  const selection = getSelection();
  return child.contains(document.activeElement) || (!selection.isCollapsed && selection.containsNode(child, true));
}

/** Text that has not changed stays selected. */
export function setText(line, text) {
  if (line.textContent !== text) {
    line.textContent = text;
  }
}
