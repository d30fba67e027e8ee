// Stands for the packages of Kaoto's user interface (React, PatternFly), which its model imports but does not call.
const nothing = new Proxy(function () {}, {
  get: (target, name) => (name === '__esModule' ? false : name === Symbol.toPrimitive ? () => '' : nothing),
  apply: () => nothing,
});
module.exports = Object.create(nothing);
