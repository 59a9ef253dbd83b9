// What a page needs of a script. Without it everything can be read: the path,
// the figures, the formulas and the system's scheme need none.
"use strict";

const root = document.documentElement;
const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [
  ...from.querySelectorAll(selector),
];

// The scheme: the system's, light or dark; kept for the next page.

const schemes = ["system", "light", "dark"];
const toggle = find("button.scheme");

function showScheme(scheme) {
  const next = schemes[(schemes.indexOf(scheme) + 1) % schemes.length];
  root.dataset.scheme = scheme;
  toggle.setAttribute("aria-label", `Colours: ${scheme}; change to ${next}`);
  toggle.title = `Colours: ${scheme}`;
}

toggle.hidden = false;
showScheme(root.dataset.scheme || "system");
toggle.addEventListener("click", () => {
  const now = schemes.indexOf(root.dataset.scheme);
  const next = schemes[(now + 1) % schemes.length];
  showScheme(next);
  try {
    localStorage.setItem("scheme", next);
  } catch {
    // Not kept where a browser keeps nothing.
  }
});

// Code is copied exactly as it would run.

const said = document.createElement("p");
said.setAttribute("role", "status");
said.className = "unseen";
document.body.append(said);

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed, or no secure connection: copy a selection.
    const focused = document.activeElement;
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed"; // so that the page does not scroll
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused.focus();
    return done;
  }
}

for (const block of all(".highlight:not(.run-output) > pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.title = "Copy";
  button.setAttribute("aria-label", "Copy this code");
  button.addEventListener("click", async () => {
    const code = find("code", block).cloneNode(true);
    // A prompt and what a command printed are not typed.
    for (const part of all(".gp, .go", code)) part.remove();
    const text = code.textContent.replace(/^\n+|\n+$/g, "");
    const done = await copyText(`${text}\n`);
    button.classList.toggle("done", done);
    said.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => {
      button.classList.remove("done");
      said.textContent = "";
    }, 1500);
  });
  block.after(button);
}

// What scrolls sideways can be reached by keys, and nothing else is a stop.

const sideways = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of all(".highlight code, .md-typeset table:not([class])"))
  sideways.observe(box);

// A selection is copied with its formulas as TeX.

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed || !event.clipboardData) return;
  const range = selection.getRangeAt(0).cloneRange();
  const formula = (node) =>
    (node.nodeType === 1 ? node : node.parentElement).closest("math");
  const [first, last] = [range.startContainer, range.endContainer].map(
    formula,
  );
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copy = document.createElement("div");
  copy.append(range.cloneContents());
  const formulas = all("math", copy);
  if (!formulas.length) return;
  const markup = copy.innerHTML;
  for (const math of formulas) {
    const tex = find("annotation", math).textContent;
    const dollars = math.getAttribute("display") === "block" ? "$$" : "$";
    math.replaceWith(dollars + tex + dollars);
  }
  copy.className = "unseen";
  document.body.append(copy); // only what is laid out has lines
  event.clipboardData.setData("text/plain", copy.innerText);
  event.clipboardData.setData("text/html", markup);
  copy.remove();
  event.preventDefault();
});

// Terms: a first tap shows what a pointer would, Escape hides it.

let touched = false;
document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch";
});
document.addEventListener("click", (event) => {
  const term = event.target.closest("a.term");
  if (!term || !touched || term.classList.contains("shown")) return;
  event.preventDefault();
  hideTerms();
  term.classList.add("shown");
  term.focus();
});

function hideTerms() {
  for (const term of all("a.term.shown")) term.classList.remove("shown");
}

document.addEventListener("focusin", (event) => {
  if (!event.target.matches("a.term.shown")) hideTerms();
});
document.addEventListener("pointerout", (event) => {
  event.target.closest?.("a.term")?.classList.remove("quiet");
});

// The contents on a phone, and Escape for whatever is open.

const drawer = find("#drawer");

// For browsers from before :has(), which cannot see it in the styles.
function showDrawer() {
  root.classList.toggle("drawer-open", drawer.checked);
}

showDrawer();
drawer.addEventListener("change", showDrawer);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (drawer.checked) {
    drawer.checked = false;
    showDrawer();
    drawer.focus();
  }
  for (const term of all("a.term:is(:hover, :focus)")) {
    term.classList.remove("shown");
    term.classList.add("quiet");
  }
});
document.addEventListener("focusout", (event) => {
  event.target.classList?.remove("quiet");
});

// Where on the page the reader is.

const entries = all(".toc a");
if (entries.length) {
  const headings = entries.map((entry) =>
    document.getElementById(decodeURIComponent(entry.hash.slice(1))),
  );
  const mark = () => {
    const passed = headings.filter(
      (heading) => heading.getBoundingClientRect().top < innerHeight / 4,
    );
    const now = passed.length - 1;
    for (const [index, entry] of entries.entries()) {
      if (index === now) entry.setAttribute("aria-current", "true");
      else entry.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    },
    { passive: true },
  );
}

// What is folded is printed, but for the figures' sources.

const folded = "details:not(.figure-source, .on-this-page):not([open])";
let opened = [];
addEventListener("beforeprint", () => {
  opened = all(folded);
  for (const part of opened) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of opened) part.open = false;
});

// Search: its code and its index come when the field gets the focus.

const field = find("#search");
let asked = false;

function load(name) {
  const script = document.createElement("script");
  script.src = new URL(`assets/${name}`, new URL(root.dataset.home, location));
  script.async = false; // in this order
  document.head.append(script);
}

if (field) {
  field.addEventListener("focus", () => {
    if (asked) return;
    asked = true;
    load("search-index.js");
    load("search.js");
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      field.focus();
    }
  });
  find("form.search").addEventListener("submit", (event) => {
    event.preventDefault();
  });
}
