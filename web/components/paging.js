/**
 * The buttons "First page" and "Next page" of a panel, hidden while there is only one page.
 *
 *   const paging = new Paging(section, { onFirst() { ... }, onNext(cursor) { ... } });
 *   paging.show({ isFirstPage: true, next });      next: the cursor of the next page, or null
 *
 * A button that is hidden or disabled would lose the focus. The one that has it stays, and only tells that it does nothing.
 */

export class Paging {
  #nav;
  #first;
  #following;
  #next = null;

  constructor(section, { onFirst, onNext }) {
    this.#nav = section.querySelector(".paging");
    this.#first = section.querySelector(".first-page");
    this.#following = section.querySelector(".next-page");
    this.#first.addEventListener("click", () => isEnabled(this.#first) && onFirst());
    this.#following.addEventListener("click", () => isEnabled(this.#following) && onNext(this.#next));
  }

  show({ isFirstPage, next }) {
    this.#next = next;
    this.#nav.hidden = isFirstPage && next === null && !this.#nav.contains(document.activeElement);
    enable(this.#first, !isFirstPage);
    enable(this.#following, next !== null);
  }
}

const isEnabled = (button) => button.ariaDisabled !== "true";

function enable(button, isWanted) {
  button.disabled = !isWanted && button !== document.activeElement;
  button.ariaDisabled = isWanted ? null : "true";
}
