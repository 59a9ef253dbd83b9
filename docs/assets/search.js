// Search over every section of the site; loaded when the field has the focus,
// after the index. A few hundred sections: reading them all takes less time
// than a frame, and no clever index has to be loaded first.
"use strict";

{
  const MOST = 20;
  const base = document.documentElement.dataset.base;
  const form = document.querySelector("form.search");
  const field = form.querySelector("input");
  const panel = form.querySelector(".results");
  const status = panel.querySelector(".found");
  const list = panel.querySelector("ol");

  let page = "";
  const sections = globalThis.searchIndex.map(([address, title, text]) => {
    if (!address.includes("#")) page = title;
    const words = `${title} ${text}`.toLowerCase();
    return { address, title, text, page, words, head: title.toLowerCase() };
  });

  // A word is found where a word begins; `_` divides the words of a name.
  const start = (word) =>
    new RegExp(
      `(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`,
      "giu",
    );

  function score(section, query, patterns) {
    let sum = 0;
    for (const pattern of patterns) {
      const times = (section.words.match(pattern) || []).length;
      if (!times) return 0;
      sum += Math.log2(1 + times);
      if (section.head.match(pattern)) sum += 8;
      if (section.page.toLowerCase().match(pattern)) sum += 3;
    }
    if (section.head === query) sum += 20;
    if (section.head.startsWith(query)) sum += 5;
    if (patterns.length > 1 && section.words.includes(query)) sum += 6;
    if (!section.address.includes("#")) sum += 2;
    return sum;
  }

  function search(query) {
    const words = query.split(/[\s,]+/).filter(Boolean);
    const patterns = words.map(start);
    return sections
      .map((section) => [score(section, query, patterns), section])
      .filter(([sum]) => sum > 0)
      .sort(([one], [other]) => other - one)
      .map(([, section]) => section);
  }

  // Puts text into an element, with the words that were found marked.
  function write(element, text, patterns) {
    const places = patterns
      .flatMap((pattern) => [...text.matchAll(pattern)])
      .sort((one, other) => one.index - other.index);
    let end = 0;
    for (const { index, 0: found } of places) {
      if (index < end) continue;
      const mark = document.createElement("mark");
      mark.textContent = found;
      element.append(text.slice(end, index), mark);
      end = index + found.length;
    }
    element.append(text.slice(end));
  }

  function excerpt(text, patterns) {
    const places = patterns.map((pattern) => text.search(pattern));
    const first = Math.min(...places.filter((place) => place >= 0), 1e9);
    const from = first > 1e8 ? 0 : Math.max(0, first - 50);
    const begin = from && text.indexOf(" ", from) + 1;
    return (begin ? "… " : "") + text.slice(begin, begin + 150) + " …";
  }

  function item(section, patterns) {
    const entry = document.createElement("li");
    entry.className = "md-search-result__item";
    const link = document.createElement("a");
    link.href = `${base}/${section.address}`;
    const title = document.createElement("b");
    write(title, section.title, patterns);
    link.append(title);
    if (section.page !== section.title) {
      const place = document.createElement("i");
      place.textContent = section.page;
      link.append(" ", place);
    }
    const text = document.createElement("span");
    write(text, excerpt(section.text, patterns), patterns);
    link.append(text);
    entry.append(link);
    return entry;
  }

  function show() {
    const query = field.value.trim().toLowerCase();
    panel.hidden = !query;
    if (!query) {
      list.replaceChildren();
      status.textContent = "";
      return;
    }
    const found = search(query);
    const patterns = query.split(/[\s,]+/).filter(Boolean).map(start);
    list.replaceChildren(
      ...found.slice(0, MOST).map((section) => item(section, patterns)),
    );
    const count = found.length === 1 ? "1 section" : `${found.length} sections`;
    status.textContent = found.length
      ? `${count} found; Enter opens the first`
      : "Nothing found";
  }

  // The keyboard: down and up through the field and its results.
  form.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const now = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = now + (event.key === "ArrowDown" ? 1 : -1);
      if (next < links.length) (links[next] ?? field).focus();
      event.preventDefault();
    } else if (event.key === "Enter" && now < 0 && links.length) {
      links[0].click();
    } else if (event.key === "Escape") {
      field.value = "";
      show();
      field.focus();
    }
  });
  list.addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    // A result on this page: only the anchor changes, and the list must go.
    panel.hidden = true;
    field.blur();
  });
  field.addEventListener("input", show);
  field.addEventListener("focus", () => (panel.hidden = !field.value.trim()));
  document.addEventListener("pointerdown", (event) => {
    if (!form.contains(event.target)) panel.hidden = true;
  });
  show(); // what was typed while this was on its way
}
