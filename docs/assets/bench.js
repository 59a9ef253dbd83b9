/* A bench for the translator: other weights, at every word or in one row. */
"use strict";

(() => {
  const box = find(".live");
  const MOST = 32; // words that the network writes
  const label = find("label", box);
  const choices = Object.keys(CHANGES).map(
    (name) =>
      `<label><input type="radio" name="change" value="${name}">${name}</label>`,
  );
  box.insertAdjacentHTML(
    "beforeend",
    `<form><input id="${label.htmlFor}" autocomplete="off" spellcheck="false">
    <button class="do">Translate</button><p role="status"></p></form>
    <div class="bench" hidden>
    <fieldset><legend>Weights at every word</legend>
    <div class="changes">${choices.join("")}</div></fieldset>
    <p class="own"></p><p class="now" role="status"></p>
    <fieldset><legend>One row by hand</legend>
    <p class="title"></p><div class="sliders"></div><p class="next"></p>
    </fieldset>
    <div class="grid" role="region" aria-label="Weights" tabindex="0">
    <table class="shares"></table></div></div>`,
  );
  const form = find("form", box);
  const said = find("[role=status]", form);
  const bench = find(".bench", box);
  const sliders = find(".sliders", bench);
  form.prepend(label);

  // All that there is to know: what it reads, which weights it uses at every
  // word, and in which row, if any, the reader's.
  let network;
  const now = { source: [], change: "its own", row: -1, shares: null };

  function run(look) {
    const places = now.source.map((word) => network.english.indexOf(word));
    return translate(network.model, places, look);
  }

  function look(weights, step) {
    if (step === now.row && now.shares) return shared(now.shares);
    return CHANGES[now.change](weights);
  }

  const word = (step) =>
    step.word === END ? "(end)" : network.german[step.word];

  function show() {
    const [before, steps] = [run(), run(look)];
    find(".own", bench).textContent =
      `With its own weights it writes: ${before.map(word).join(" ")}`;
    const written = steps.map((step, i) => {
      const same = step.word === before[i]?.word;
      const part = document.createElement(same ? "span" : "mark");
      part.textContent = word(step);
      return [part, " "];
    });
    find(".now", bench).replaceChildren("With these: ", ...written.flat());
    showTable(steps);
    showRow(steps);
    remember();
  }

  function cell(line, kind, text) {
    const made = document.createElement(kind);
    made.textContent = text;
    if (kind === "th") made.scope = line.rowIndex ? "row" : "col";
    line.append(made);
    return made;
  }

  function showTable(steps) {
    const at = document.activeElement?.dataset.row;
    const table = find("table", bench);
    table.replaceChildren();
    const head = table.insertRow();
    cell(head, "td", "");
    for (const name of now.source) cell(head, "th", name);
    for (const [i, step] of steps.entries()) {
      const line = table.insertRow();
      const button = document.createElement("button");
      button.textContent = word(step);
      button.dataset.row = i;
      button.setAttribute("aria-pressed", String(i === now.row));
      button.addEventListener("click", () => choose(i === now.row ? -1 : i));
      cell(line, "th", "").append(button);
      for (const weight of step.weights) {
        const shown = cell(line, "td", weight.toFixed(2).replace(/^0/, ""));
        shown.style.setProperty("--share", weight ** 0.7);
      }
    }
    find(`[data-row="${at}"]`, table)?.focus();
  }

  function choose(row) {
    Object.assign(now, { row, shares: null });
    show();
  }

  // The sliders stay while one of them is moved.
  function showRow(steps) {
    const step = steps[now.row];
    find(".title", bench).textContent = step
      ? `How much of each word goes into the context of word ${now.row + 1}?`
      : "Choose a written word in the table below.";
    const name = step ? `${now.row} ${now.source}` : "";
    if (!now.shares || sliders.dataset.name !== name) {
      sliders.dataset.name = name;
      sliders.replaceChildren(...(step ? now.source.map(slider) : []));
      for (const [j, input] of all("input", sliders).entries())
        input.value = now.shares?.[j] ?? Math.round(100 * step.weights[j]);
    }
    for (const [j, output] of all("output", sliders).entries())
      output.textContent = step.weights[j].toFixed(2);
    find(".next", bench).textContent = step ? likeliest(step) : "";
  }

  function slider(name) {
    const control = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: 0, max: 100 });
    input.addEventListener("input", () => {
      now.shares = all("input", sliders).map(({ value }) => Number(value));
      show();
    });
    control.append(name, input, document.createElement("output"));
    return control;
  }

  function likeliest({ logits }) {
    const shares = softmax([...logits]);
    const words = shares
      .map((share, n) => [share, word({ word: n })])
      .toSorted(([a], [b]) => b - a)
      .slice(0, 4)
      .map(([share, name]) => `${name} ${share.toFixed(2)}`);
    return `Then the likeliest words are: ${words.join(", ")}.`;
  }

  // The address holds it all, so that it can be sent to somebody.

  function remember() {
    const told = new URLSearchParams({
      words: now.source.join(" "),
      weights: now.change,
    });
    if (now.shares) {
      told.set("row", now.row);
      told.set("shares", now.shares.join("."));
    }
    history.replaceState(null, "", `#${told}`);
  }

  function recall() {
    const told = new URLSearchParams(location.hash.slice(1));
    if (!told.has("words")) return;
    find("input", form).value = told.get("words").slice(0, 400);
    start(() => {
      const change = told.get("weights");
      if (Object.hasOwn(CHANGES, change)) now.change = change;
      const row = told.get("row");
      const shares = told.get("shares")?.split(".") ?? [];
      const percent = (share) => /^\d{1,3}$/.test(share) && share <= 100;
      if (
        /^\d{1,2}$/.test(row) &&
        row < MOST &&
        shares.length === now.source.length &&
        shares.every(percent)
      )
        Object.assign(now, { row: Number(row), shares: shares.map(Number) });
    });
  }

  async function start(then) {
    try {
      network = await loadNetwork(box.dataset.model);
      now.source = wordsOf(find("input", form).value, network.english);
    } catch (error) {
      said.textContent = error.message;
      return;
    }
    said.textContent = "";
    Object.assign(now, { row: -1, shares: null });
    then?.();
    bench.hidden = false;
    for (const choice of all("[name=change]", bench))
      choice.checked = choice.value === now.change;
    show();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  find(".changes", bench).addEventListener("change", (event) => {
    now.change = event.target.value;
    choose(now.row);
  });
  box.hidden = false;
  recall();
})();
