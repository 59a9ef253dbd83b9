/* A translator that the build has sent along: loaded when it is asked for,
   checked before it is believed. And what a reader types, as its words. */
"use strict";

const shipments = new Map(); // promises, by address

// A number of 16 bits: sign, five bits of exponent, ten of fraction.
function half(bits) {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

// All high bytes come first, then all low ones: so they compress better.
function unpack(parts, bytes) {
  const count = bytes.length / 2;
  const model = {};
  let place = 0;
  for (const [name, shape] of parts) {
    const data = new Float32Array(shape.reduce((a, b) => a * b));
    for (let i = 0; i < data.length; i++, place++)
      data[i] = half((bytes[place] << 8) | bytes[count + place]);
    model[name] = { shape, data };
  }
  if (place !== count) throw new Error("some of its numbers are missing");
  return model;
}

// How far this browser's weights are from PyTorch's; infinity for other words.
function difference(model, { source, target, weights }, look) {
  const steps = translate(model, source, look);
  const same = (step, i) => step.word === target[i];
  if (steps.length !== target.length || !steps.every(same)) return Infinity;
  const far = steps.flatMap((step, i) =>
    step.weights.map((weight, j) => Math.abs(weight - weights[i][j])),
  );
  return Math.max(...far);
}

async function unpackAndCheck(header, text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  // Browsers digest nothing on a page that came over a line without a lock.
  const digest = await crypto.subtle?.digest("SHA-256", bytes);
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  if (
    digest &&
    Array.from(new Uint8Array(digest), hex).join("") !== header.sha256
  )
    throw new Error("it is not the one that was sent");
  const model = unpack(header.parts, bytes);
  for (const known of header.checks)
    if (!(difference(model, known) < 1e-5))
      throw new Error("this browser computes something else than PyTorch did");
  return { ...header, model };
}

// What a script of the build hands over. It is a script and no file of numbers,
// since browsers read those from a server only.
function arrived(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    let content;
    globalThis.ship = (...what) => (content = what);
    const fail = (why) => reject(new Error(why));
    script.addEventListener("error", () => fail("it could not be loaded"));
    script.addEventListener("load", () =>
      content ? resolve(content) : fail("it is damaged"),
    );
    script.src = address;
    document.head.append(script);
  });
}

// The network at an address, loaded once.
function loadNetwork(address) {
  if (!shipments.has(address)) {
    const network = arrived(address).then(([header, text]) =>
      unpackAndCheck(header, text),
    );
    network.catch(() => shipments.delete(address)); // to be tried again
    shipments.set(address, network);
  }
  return shipments.get(address);
}

const LIMIT = 10 ** 15;
const SMALL = [
  ..."zero one two three four five six seven eight nine ten eleven twelve".split(
    " ",
  ),
  ..."thir four fif six seven eigh nine"
    .split(" ")
    .map((word) => `${word}teen`),
];
const TENS = "twen thir for fif six seven eigh nine"
  .split(" ")
  .map((word) => `${word}ty`);
const SCALES = ["", "thousand", "million", "billion", "trillion"];

// The English words of a number, as the training data spells them.
function spell(number) {
  const words = [];
  for (let power = SCALES.length - 1; power >= 0; power--) {
    const group = Math.floor(number / 1000 ** power) % 1000;
    const rest = group % 100;
    if (group >= 100) words.push(SMALL[Math.floor(group / 100)], "hundred");
    if (rest && (group >= 100 || (words.length && !power))) words.push("and");
    if (rest >= 20) words.push(TENS[Math.floor(rest / 10) - 2]);
    if (rest && (rest < 20 || rest % 10))
      words.push(SMALL[rest < 20 ? rest : rest % 10]);
    if (group && power) words.push(SCALES[power]);
  }
  return words;
}

// The words that a reader has typed. Throws an error that says what is wrong.
function wordsOf(text, vocabulary) {
  const typed = text.trim().toLowerCase();
  if (/^-?\d[\d\s,._]*$/.test(typed)) {
    const number = Number(typed.replaceAll(/[^-\d]/g, ""));
    if (number >= 1 && number < LIMIT) return spell(number);
    throw new Error(
      "The network has learnt the numbers from 1 to 999,999,999,999,999.",
    );
  }
  const words = typed.split(/[\s,.-]+/).filter(Boolean);
  if (!words.length)
    throw new Error("Type a number, in digits or in English words.");
  if (words.length > 40)
    throw new Error("The network reads at most 40 words at once.");
  const strange = words.find((word) => vocabulary.indexOf(word) <= END);
  if (strange)
    throw new Error(
      `The network does not know “${strange.slice(0, 30)}”. It knows words like eighty, million and “and”.`,
    );
  return words;
}

Object.assign(globalThis, { arrived, difference, loadNetwork, wordsOf });
