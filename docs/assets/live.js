/* The translator of the introduction, for a sentence of the reader's own. Until
   it is asked for, nothing is loaded, and the build's figure stands. */
"use strict";

(() => {
  const box = find(".live");
  const figure = document.getElementById(box.dataset.figure);
  if (!figure) return; // where all pages are one
  const still = find("svg", figure);
  const SVG = "http://www.w3.org/2000/svg";

  function add(parent, name, attributes, text = "") {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
      element.setAttribute(key, value);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  // The words that it reads below, those that it writes above, a line for each
  // weight, as wide as the weight is large.

  const [GAP, LEFT, TOP, TALL, BELOW] = [40, 6, 96, 120, 84];

  function draw(source, steps, words) {
    const most = Math.max(source.length, words.length);
    const [width, height] = [LEFT + GAP * most + 40, TOP + TALL + BELOW];
    const svg = add(figure, "svg", { viewBox: `0 0 ${width} ${height}` });
    svg.style.width = `${width / 18}rem`;
    const places = (row) =>
      row.map((_, i) => LEFT + ((i + 0.5) * GAP * most) / row.length);
    const [below, above] = [places(source), places(words)];
    add(svg, "text", { x: 0, y: 14 }, "it writes");
    add(svg, "text", { x: 0, y: height - 6 }, "it reads");
    for (const [j, word] of source.entries()) {
      const [x, y] = [below[j], TOP + TALL + 18];
      const transform = `rotate(40 ${x} ${y})`;
      add(svg, "text", { class: "source", x, y, transform }, word);
    }
    const rows = words.map((_, i) => {
      const row = add(svg, "g", { class: "row" });
      row.style.setProperty("--i", i);
      for (const [j, weight] of steps[i].weights.entries()) {
        const ends = { x1: above[i], y1: TOP, x2: below[j], y2: TOP + TALL };
        if (weight > 0.02)
          add(row, "line", { ...ends, "stroke-width": 8 * weight });
        const number = weight.toFixed(2).replace(/^0/, "");
        const place = { x: below[j], y: TOP + TALL - 6 };
        add(row, "text", { class: "share", ...place }, number);
      }
      return row;
    });
    const group = add(svg, "g", {
      role: "radiogroup",
      "aria-label": "Written words: choose one to see where it looked",
    });
    const heads = words.map((word, i) => {
      const [x, y] = [above[i], TOP - 10];
      const head = add(
        group,
        "text",
        {
          class: "target",
          x,
          y,
          transform: `rotate(-40 ${x} ${y})`,
          role: "radio",
          "aria-label": `${word}: ${largest(source, steps[i].weights)}`,
        },
        word,
      );
      head.style.setProperty("--i", i);
      return head;
    });
    choose(svg, rows, heads);
    return svg;
  }

  function largest(source, weights) {
    return weights
      .map((weight, j) => [weight, source[j]])
      .toSorted(([a], [b]) => b - a)
      .slice(0, 3)
      .map(([weight, word]) => `${word} ${weight.toFixed(2)}`)
      .join(", ");
  }

  // Point at a word, or choose it, and only its lines stay, with the numbers.

  function choose(svg, rows, heads) {
    let chosen = -1;
    function show(now) {
      svg.classList.toggle("one", now >= 0);
      for (const [i, row] of rows.entries())
        row.classList.toggle("on", i === now);
    }
    function pick(i) {
      chosen = i;
      for (const [k, head] of heads.entries()) {
        head.setAttribute("aria-checked", String(k === i));
        head.setAttribute("tabindex", k === Math.max(i, 0) ? 0 : -1);
      }
      show(i);
    }
    for (const [i, head] of heads.entries()) {
      head.addEventListener("pointerenter", () => show(i));
      head.addEventListener("pointerleave", () => show(chosen));
      head.addEventListener("click", () => pick(i === chosen ? -1 : i));
      head.addEventListener("keydown", (event) => {
        const last = heads.length - 1;
        const to = {
          ArrowRight: i === last ? 0 : i + 1,
          ArrowDown: i === last ? 0 : i + 1,
          ArrowLeft: i ? i - 1 : last,
          ArrowUp: i ? i - 1 : last,
          Home: 0,
          End: last,
          " ": i,
          Escape: -1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        pick(to);
        heads[to]?.focus();
      });
    }
    pick(-1);
  }

  // The form.

  const form = document.createElement("form");
  form.innerHTML =
    '<input autocomplete="off" spellcheck="false"><button class="do">Translate</button>' +
    '<button class="do" type="reset">Back to the figure</button><p role="status"></p>';
  const [label, field] = [find("label", box), find("input", form)];
  const [back, said] = [find("[type=reset]", form), find("p", form)];
  field.id = label.htmlFor;
  form.prepend(label);
  box.append(form);
  let live;

  function show(drawing, text) {
    live?.remove();
    live = drawing;
    if (live) still.before(live);
    still.style.display = live ? "none" : "";
    back.hidden = !live;
    said.textContent = text;
  }

  async function answer() {
    let known;
    try {
      known = await loadNetwork(box.dataset.model);
    } catch (error) {
      return show(null, `The network cannot be used here: ${error.message}.`);
    }
    let source;
    try {
      source = wordsOf(field.value, known.english);
    } catch (error) {
      return show(null, error.message);
    }
    const numbers = source.map((word) => known.english.indexOf(word));
    const steps = translate(known.model, numbers);
    const written = steps.map((step) => step.word).filter((n) => n !== END);
    const words = written.map((n) => known.german[n]);
    const drawing = document.createElement("div");
    drawing.className = "live-drawing";
    drawing.append(draw(source, steps, words));
    show(
      drawing,
      `It reads “${source.join(" ")}” and writes “${words.join(" ")}”.`,
    );
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  form.addEventListener("reset", () => show(null, ""));
  show(null, "");
  box.hidden = false;
})();
