/* Other weights in the place of the network's own: what each row becomes. */
"use strict";

// Divide by the sum, if there is anything left.
function shared(weights) {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / Math.max(sum, 1e-30));
}

const first = (weights) => weights.indexOf(Math.max(...weights));

const CHANGES = {
  "its own": (weights) => weights,
  sharper: (weights) => shared(weights.map((weight) => weight ** 2)),
  flatter: (weights) => shared(weights.map((weight) => weight ** 0.5)),
  "only the largest": (weights) =>
    weights.map((_, j) => Number(j === first(weights))),
  "all but the largest": (weights) =>
    shared(weights.map((weight, j) => (j === first(weights) ? 0 : weight))),
  equal: (weights) => weights.map(() => 1 / weights.length),
  "moved one word on": (weights) => weights.map((_, j) => weights.at(j - 1)),
};

Object.assign(globalThis, { CHANGES, shared });
