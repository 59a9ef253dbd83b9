"""The glossary's terms, linked and explained where a page first uses them.

docs/glossary.md holds them as a definition list:

    Score { #score }
    :   One number for a pair ... More, for the glossary only.

Each term is looked for in the pages as it stands and with an s; the attribute
`data-forms="one, another"` names what to look for instead. The first sentence
is what a reader sees without leaving the page.
"""

import functools
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from snippets.machinery.settings import DOCS, load

ENTRY = re.compile(
    r"^(?P<title>[^\n:]+?) \{ #(?P<anchor>[\w-]+)"
    r'(?: data-forms="(?P<forms>[^"]*)")? \}\n'
    r":\s+(?P<text>.+?)(?=\n\n|\Z)",
    re.M | re.S,
)
SENTENCE = re.compile(r"^.*?[.](?=\s|$)", re.S)
MARKUP = re.compile(r"\[([^]]*)\]\([^)]*\)|[*`]")
# Where a term is a name, is explained already, or would be in the way.
CLOSED = {"a", "code", "h1", "h2", "h3", "h4", "table", "figure", "pre", "dl"}


class Term(NamedTuple):
    """One entry: its anchor on the glossary's page, and its first sentence."""

    anchor: str
    definition: str


@functools.lru_cache(maxsize=8)
def _terms(stamp: int) -> dict[str, Term]:
    text = (DOCS / load().glossary).read_text("utf-8")
    found: dict[str, Term] = {}
    for entry in ENTRY.finditer(text):
        sentence = SENTENCE.search(" ".join(entry["text"].split()))
        assert sentence, entry["title"]
        plain = MARKUP.sub(r"\1", sentence[0])
        if "$" in plain:
            raise ValueError(f"{load().glossary}: a formula in {plain!r}")
        title = entry["title"]
        forms = entry["forms"] or f"{title}, {title}s"
        for form in forms.split(", "):
            found[form.lower()] = Term(entry["anchor"], plain)
    return found


def terms() -> dict[str, Term]:
    """Return the term of each form in lower case; none without a glossary."""
    path = DOCS / load().glossary
    return _terms(path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(maxsize=8)
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(forms, key=len, reverse=True)
    either = "|".join(
        re.escape(form).replace(r"\ ", r"\s+") for form in longest
    )
    # After a name in capitals it is another thing: a BLEU score.
    return re.compile(rf"(?<![\w/-])(?<![A-Z]{{2}} )(?i:{either})(?![\w/-])")


def first_uses(text: str, seen: set[str]) -> Iterator[tuple[str, Term | None]]:
    """Cut a text into plain pieces and terms that are not in `seen` yet."""
    known = terms()
    end = 0
    for found in _pattern(tuple(known)).finditer(text) if known else ():
        term = known[" ".join(found[0].lower().split())]
        if term.anchor in seen:
            continue
        seen.add(term.anchor)
        yield text[end : found.start()], None
        yield found[0], term
        end = found.end()
    yield text[end:], None


def attributes(term: Term, page: str) -> dict[str, str]:
    """Return the attributes of the link to a term, from a source `page`."""
    target = posixpath.relpath(load().glossary, posixpath.dirname(page) or ".")
    return {
        "class": "term",
        "href": f"{target}#{term.anchor}",
        "data-definition": term.definition,
    }


def link_terms(root: Element, page: str) -> None:
    """Link the first use of each term in the open paragraphs of a page."""
    seen: set[str] = set()
    folded = {e for fold in root.iter("details") for e in fold.iter()}
    for element in list(root.iter()):
        if element.tag == "h2" and element.text == "Sources":
            return
        if element in folded:
            continue
        if element.tag in ("p", "li") and not element.get("class"):
            _link_inside(element, page, seen)


def _link_inside(element: Element, page: str, seen: set[str]) -> None:
    if element.get("class") == "arithmatex":
        return  # TeX, not text
    children = list(element)
    if element.text:
        _replace(element, None, element.text, page, seen)
    for child in children:
        if child.tag not in CLOSED and child.tag not in ("p", "li"):
            _link_inside(child, page, seen)
        if child.tail:
            _replace(element, child, child.tail, page, seen)


def _replace(
    parent: Element,
    before: Element | None,
    text: str,
    page: str,
    seen: set[str],
) -> None:
    """Put links for terms into the text that follows `before`."""
    place = 0 if before is None else list(parent).index(before) + 1
    last = before
    plain = ""
    for piece, term in first_uses(text, seen):
        if term is None:
            plain = piece
            if last is None:
                parent.text = plain
            else:
                last.tail = plain
            continue
        last = SubElement(parent, "a", attributes(term, page))
        parent.remove(last)
        parent.insert(place, last)
        last.text = piece
        place += 1
