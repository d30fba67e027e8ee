/**
 * The view of a list: what it is filtered by, and its page. It is stored in the URL, so that it can be shared and reloaded.
 *
 *   const view = new ListView(["search", "status", "cursor"], { onChange() { ... }, onReturn() { ... } });
 *   view.values                                                        { search: "hall", status: "", cursor: "" }; empty by default
 *   view.change({ search: "yard", cursor: "" }, { isStep: true });     isStep: the back button of the browser undoes it
 *
 * `onChange` is called after every change; before it, `onReturn`, if the change is one that the controls of the page do not show yet.
 */

export class ListView {
  #names;
  #onChange;
  values;

  constructor(names, { onChange, onReturn }) {
    this.#names = names;
    this.#onChange = onChange;
    this.#read();
    addEventListener("popstate", () => {
      this.#read();
      onReturn();
      onChange();
    });
  }

  #read() {
    const query = new URLSearchParams(location.search);
    this.values = Object.fromEntries(this.#names.map((name) => [name, query.get(name) ?? ""]));
  }

  change(values, { isStep }) {
    this.values = { ...this.values, ...values };
    const query = new URLSearchParams(Object.entries(this.values).filter(([, value]) => value !== ""));
    history[isStep ? "pushState" : "replaceState"](null, "", query.size > 0 ? `?${query}` : location.pathname);
    this.#onChange();
  }
}
