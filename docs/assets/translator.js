/* The translator of this site in plain JavaScript. It computes what PyTorch
   computes: a GRU in each direction reads, additive attention looks, a GRU
   writes. A model is its weights by name, each with `shape` and `data`. */
"use strict";

// --8<-- [start:layers]
const START = 1;
const END = 2;
const LONGEST = 32; // words

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// W x + b, the weights one row after the other.
function linear(model, name, x, kind = "") {
  const weight = model[`${name}.weight${kind}`];
  const bias = model[`${name}.bias${kind}`];
  const [rows, columns] = weight.shape;
  const y = new Float64Array(rows);
  for (let i = 0, place = 0; i < rows; i++) {
    let sum = bias ? bias.data[i] : 0;
    for (let j = 0; j < columns; j++) sum += weight.data[place++] * x[j];
    y[i] = sum;
  }
  return y;
}

function softmax(scores) {
  const largest = Math.max(...scores); // or the exponential could overflow
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
// --8<-- [end:layers]

// --8<-- [start:gru]
// One word further. PyTorch stacks reset, update and candidate in this order,
// and resets the product with the state, its bias included.
function gru(model, name, x, state, kind = "") {
  const size = state.length;
  const fromWord = linear(model, name, x, `_ih${kind}`);
  const fromState = linear(model, name, state, `_hh${kind}`);
  return state.map((old, i) => {
    const reset = sigmoid(fromWord[i] + fromState[i]);
    const update = sigmoid(fromWord[size + i] + fromState[size + i]);
    const candidate = Math.tanh(
      fromWord[2 * size + i] + reset * fromState[2 * size + i],
    );
    return (1 - update) * candidate + update * old;
  });
}
// --8<-- [end:gru]

// --8<-- [start:encode]
function embed(model, name, word) {
  const { shape, data } = model[`${name}.weight`];
  return data.subarray(word * shape[1], (word + 1) * shape[1]);
}

// One vector per source word: what was read up to it from either side.
function encode(model, words) {
  const size = model["encoder.recurrent.weight_hh_l0"].shape[1];
  const read = (order, kind) => {
    let state = new Float64Array(size);
    return order.map((word) => {
      const vector = embed(model, "encoder.embedding", word);
      state = gru(model, "encoder.recurrent", vector, state, kind);
      return state;
    });
  };
  const forwards = read(words, "_l0");
  const backwards = read(words.toReversed(), "_l0_reverse").toReversed();
  const outputs = words.map((_, j) => [...forwards[j], ...backwards[j]]);
  const last = [...forwards.at(-1), ...backwards[0]];
  const state = linear(model, "first_state", last).map(Math.tanh);
  const keys = outputs.map((output) =>
    linear(model, "decoder.attention.key_projection", output),
  );
  return { outputs, keys, state };
}
// --8<-- [end:encode]

// --8<-- [start:attend]
// The score of each source word, v · tanh(W_q s + W_k h + b).
function compare(model, state, keys) {
  const query = linear(model, "decoder.attention.query_projection", state);
  const v = model["decoder.attention.score_vector.weight"].data;
  return keys.map((key) =>
    key.reduce((sum, k, i) => sum + v[i] * Math.tanh(query[i] + k), 0),
  );
}

// The outputs of the encoder, each times its weight, added up.
function mix(weights, outputs) {
  return outputs[0].map((_, i) =>
    outputs.reduce((sum, output, j) => sum + weights[j] * output[i], 0),
  );
}
// --8<-- [end:attend]

// --8<-- [start:translate]
// Write the likeliest word after the other. Returns the steps, each with all
// that it computed. `look` may put other weights in the place of a step's own.
function translate(model, source, look = (weights) => weights) {
  const { outputs, keys, state: first } = encode(model, source);
  const steps = [];
  let [state, word] = [first, START];
  while (word !== END && steps.length < LONGEST) {
    const scores = compare(model, state, keys);
    const weights = look(softmax(scores), steps.length);
    const context = mix(weights, outputs);
    const previous = embed(model, "embedding", word);
    const next = gru(model, "decoder.cell", [...previous, ...context], state);
    const all = [...next, ...context, ...previous];
    const hidden = linear(model, "readout", all).map(Math.tanh);
    const logits = linear(model, "output", hidden);
    word = logits.indexOf(Math.max(...logits));
    steps.push({ query: state, scores, weights, context, logits, word });
    state = next;
  }
  return steps;
}

// For other scripts, and for Node.
Object.assign(globalThis, { softmax, translate });
// --8<-- [end:translate]
