/**
 * The place in the header that says who is logged in.
 *
 *   showAccount({ name: "Ana", tenant: "acme", role: "operator" });
 *   showAccount(undefined);      nobody, or nobody has to
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
