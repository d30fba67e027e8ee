/**
 * Controls of form-fields.js with a row of inputs for each of several values.
 *
 *   rows({ one: "level", columns: [{ name: "severity", label: "Severity", control: choice(...) }, ...], least: 1, most: 3 })       [{ severity: "critical", above: 140 }]
 *   pairs({ one: "limit", key: "Sensor", value: { label: "Limit", control: number() }, most: 1000 })                                { "bed-7": 150 }
 *
 * What a row has beside its columns stays as it was. Beside the label of a column with `hasUnit` is a place for a unit (form-fields.js).
 */

import { text } from "./form-controls.js";
import { element } from "./elements.js";

export const rows = ({ one, columns, least = 0, most, fresh = () => ({}) }) => ({ id, label }, given = []) => {
  const list = element("div", { className: "rows" });
  const add = element("button", { type: "button", id: `${id}-add` }, `Add ${one}`);
  const shown = [];
  let made = 0;

  const append = (value) => {
    made += 1;
    const controls = columns.map((column) => ({ ...column, ...column.control({ id: `${id}-${made}-${column.name}`, label: column.label }, value[column.name]) }));
    const remove = element("button", { type: "button", className: "remove" }, "Remove");
    const root = element("div", { className: "row", role: "group" }, ...controls.map(cellOf), remove);
    const row = { value, controls, root, remove };
    remove.addEventListener("click", () => {
      const place = shown.indexOf(row);
      shown.splice(place, 1);
      root.remove();
      number();
      const next = shown[place] ?? shown.at(-1);
      (next ? next.controls[0].input : add).focus();
      list.dispatchEvent(new Event("input", { bubbles: true }));
    });
    shown.push(row);
    list.append(root);
    number();
    return row;
  };

  /** Names the rows by their places. */
  const number = () => {
    shown.forEach(({ root, remove }, place) => {
      root.ariaLabel = `${label}: ${one} ${place + 1}`;
      remove.ariaLabel = `Remove ${one} ${place + 1}`;
      remove.hidden = shown.length <= least;
    });
    add.disabled = shown.length >= most;
  };

  add.addEventListener("click", () => {
    const row = append(fresh(shown.map(read)));
    row.controls[0].input.focus();
    list.dispatchEvent(new Event("input", { bubbles: true }));
  });
  (given.length < least ? [...given, ...Array(least - given.length).fill({})] : given).forEach(append);
  number();
  return {
    root: element("div", {}, list, add),
    get input() {
      return shown[0]?.controls[0].input ?? add;
    },
    inputOf: (name, row) => shown[row]?.controls.find((control) => control.name === name)?.input,
    names: columns.map(({ name, label: column }) => [name, column]),
    rows: () => shown.map(read),
    isGroup: true,
    read: () => (shown.length === 0 ? undefined : shown.map(read)),
  };
};

function cellOf({ label, hasUnit = false, input, root }) {
  const heading = [element("label", { htmlFor: input.id }, label)];
  if (hasUnit) {
    const unit = element("span", { id: `${input.id}-unit`, className: "measure" });
    input.setAttribute("aria-describedby", unit.id);
    heading.push(" ", unit);
  }
  return element("div", {}, ...heading, root);
}

function read({ value, controls }) {
  const result = { ...value };
  for (const { name, read: readControl } of controls) {
    const own = readControl();
    if (own === undefined) {
      delete result[name];
    } else {
      result[name] = own;
    }
  }
  return result;
}

export const pairs = ({ one, key, value: column, most }) => {
  const make = rows({ one, columns: [{ name: "key", label: key, control: text() }, { name: "value", ...column }], most });
  return (place, given = {}) => {
    const control = make(place, Object.entries(given).map(([name, value]) => ({ key: name, value })));
    return {
      root: control.root,
      get input() {
        return control.input;
      },
      inputOf: control.inputOf,
      rows: control.rows,
      isGroup: true,
      read: () => {
        const entries = (control.read() ?? []).filter((row) => row.key !== undefined).map((row) => [row.key, row.value ?? null]);
        return entries.length === 0 ? undefined : Object.fromEntries(entries);
      },
    };
  };
};
