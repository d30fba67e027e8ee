/**
 * Shows in the header who is logged in.
 *
 *   showAccount({ name: "Ana", tenant: "acme", role: "operator" });
 *   showAccount(undefined);      nobody is logged in, or no login is required
 */

import { element } from "../components/elements.js";

export function showAccount(account) {
  const place = document.querySelector("#account");
  if (account === undefined) {
    place.replaceChildren();
  } else {
    const { name, tenant, role } = account;
    place.replaceChildren(element("bdi", { className: "name clip", title: name }, name), element("span", { className: "role" }, `${role}, ${tenant}`));
  }
}
