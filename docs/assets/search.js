// Search over every section of the site; loaded when the field has the focus,
// after the index. A few hundred sections: reading them all takes less time
// than a frame, and no clever index has to be loaded first.
"use strict";

{
  const MOST = 20; // results shown
  const ENOUGH = 8; // uses of a word in a section: more say nothing more
  const home = new URL(document.documentElement.dataset.home, location);
  const form = document.querySelector("form.search");
  const field = form.querySelector("input");
  const panel = form.querySelector(".results");
  const status = panel.querySelector(".found");
  const list = panel.querySelector("ol");

  // Capitals and accents do not count: RoPE is rope. The text keeps its length,
  // so that a place in it is one in what the reader sees.
  function fold(text) {
    return text.replace(/[A-Z\u0080-\uffff]/g, (letter) => {
      const plain = letter
        .toLowerCase()
        .normalize("NFD")
        .replace(/\p{M}/gu, "");
      return plain.length === letter.length ? plain : letter;
    });
  }

  let page = "";
  const sections = globalThis.searchIndex.map(([address, title, text]) => {
    if (!address.includes("#")) page = title;
    const [head, pageHead] = [fold(title), fold(page)];
    const words = `${head} ${fold(text)}`;
    return { address, title, text, page, words, head, pageHead };
  });

  // A word is found where a word begins; `_` divides the words of a name.
  // Returns where, at most as often as it counts.
  function places(text, word) {
    const found = [];
    let at = text.indexOf(word);
    while (at >= 0 && found.length < ENOUGH) {
      if (!at || !/[\p{L}\p{N}]/u.test(text[at - 1])) found.push(at);
      at = text.indexOf(word, at + word.length);
    }
    return found;
  }

  function score(section, query, words) {
    let sum = 0;
    for (const word of words) {
      const times = places(section.words, word).length;
      if (!times) return 0;
      sum += Math.log2(1 + times);
      if (places(section.head, word).length) sum += 8;
      if (places(section.pageHead, word).length) sum += 3;
    }
    if (section.head === query) sum += 20;
    if (section.head.startsWith(query)) sum += 5;
    if (words.length > 1 && section.words.includes(query)) sum += 6;
    if (!section.address.includes("#")) sum += 2;
    return sum;
  }

  const wordsOf = (query) => query.split(/[\s,]+/).filter(Boolean);

  function search(query) {
    const words = wordsOf(query);
    return sections
      .map((section) => [score(section, query, words), section])
      .filter(([sum]) => sum > 0)
      .sort(([one], [other]) => other - one)
      .map(([, section]) => section);
  }

  // Puts text into an element, with the words that were found marked.
  function write(element, text, words) {
    const found = words
      .flatMap((word) =>
        places(fold(text), word).map((at) => [at, at + word.length]),
      )
      .sort(([one], [other]) => one - other);
    let end = 0;
    for (const [from, to] of found) {
      if (from < end) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      element.append(text.slice(end, from), mark);
      end = to;
    }
    element.append(text.slice(end));
  }

  function excerpt(text, words) {
    const found = words.flatMap((word) => places(fold(text), word));
    const from = found.length ? Math.max(0, Math.min(...found) - 50) : 0;
    const begin = from && text.indexOf(" ", from) + 1;
    return (begin ? "… " : "") + text.slice(begin, begin + 150) + " …";
  }

  function item(section, words) {
    const entry = document.createElement("li");
    entry.className = "md-search-result__item";
    const link = document.createElement("a");
    link.href = new URL(section.address, home);
    const title = document.createElement("b");
    write(title, section.title, words);
    link.append(title);
    if (section.page !== section.title) {
      const place = document.createElement("i");
      place.textContent = section.page;
      link.append(" ", place);
    }
    const text = document.createElement("span");
    write(text, excerpt(section.text, words), words);
    link.append(text);
    entry.append(link);
    return entry;
  }

  function show() {
    const query = fold(field.value.normalize().trim());
    panel.hidden = !query;
    if (!query) {
      list.replaceChildren();
      status.textContent = "";
      return;
    }
    const found = search(query);
    const words = wordsOf(query);
    list.replaceChildren(
      ...found.slice(0, MOST).map((section) => item(section, words)),
    );
    const count =
      found.length === 1 ? "1 section" : `${found.length} sections`;
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
  form.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (to && !form.contains(to)) panel.hidden = true;
  });
  show(); // what was typed while this was on its way
}
