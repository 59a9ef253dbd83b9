"""A link leads to what its text says."""

import re
from functools import cache
from pathlib import Path

from markdown.extensions.toc import slugify

from snippets.machinery import glossary
from snippets.machinery.settings import DOCS, ROOT, load
from tests.pages.prose import FRONT, Link, prose
from tests.pages.words import stem, stems
from tests.support.blocks import (
    SCRIPT,
    SOURCES,
    every_source,
    page_of,
    prose_of,
    relative,
)

HEADING = re.compile(
    r"^(?:#+ (?P<title>.+?)(?: \{ #(?P<id>[\w-]+)[^}\n]*\})?"
    r"|(?P<term>[^#\n:]+?) \{ #(?P<anchor>[\w-]+)[^}\n]*\})$",
    re.M,
)
GLOSSARY = load().glossary
# What is linked and where it is found, where the two share no word: page,
# text, target.
MEANT = {
    (
        "docs/beyond/masks-and-padding.md",
        "measured on the translator",
        "../step-by-step/preparing-data.md#sentences-of-different-lengths",
    ),
    (
        "docs/beyond/multi-head-attention.md",
        "true alignment",
        "../step-by-step/using-it-in-practice.md#after-training",
    ),
    (
        "docs/notation.md",
        "logsumexp",
        "beyond/exact-attention-in-tiles.md",
    ),
    (
        "docs/types-of-attention/comparison.md",
        "overview",
        "index.md",
    ),
    (
        "docs/types-of-attention/dot-product.md",
        "comparison",
        "comparison.md#the-same-input-for-all",
    ),
    (
        "docs/types-of-attention/index.md",
        "comparison",
        "comparison.md",
    ),
    (
        "docs/types-of-attention/self-attention.md",
        "comparison",
        "comparison.md",
    ),
    (
        "docs/types-of-attention/dot-product.md",
        "translator",
        "comparison.md#on-a-real-task",
    ),
    (
        "docs/types-of-attention/dot-product.md",
        "comparison",
        "comparison.md#what-each-type-costs",
    ),
    (
        "docs/types-of-attention/comparison.md",
        "translator",
        "../why-do-we-need-attention.md",
    ),
    (
        "docs/types-of-attention/comparison.md",
        "benchmark",
        "../measurements.md#how-the-translator-was-tuned",
    ),
}


@cache
def sections(path: Path) -> dict[str, str]:
    """Return what each section of a page is called, its title first."""
    found = {}
    for heading in HEADING.finditer(prose_of(page_of(path))):
        title = heading["title"] or heading["term"]
        plain = re.sub(r"[`*$]", "", title)
        anchor = heading["id"] or heading["anchor"] or slugify(plain, "-")
        found[anchor] = title
    return found


@cache
def path_of() -> list[Path]:
    """Return the pages in the order of the navigation."""
    lines = (ROOT / "mkdocs.yml").read_text("utf-8").split("\nnav:\n")[1]
    entries = re.findall(r"^ .*?([\w/-]+)\.(?:md|ipynb)$", lines, re.M)
    return [source(DOCS / f"{entry}.md") for entry in entries]


def source(path: Path) -> Path:
    """Return the source of a page: that of the notebook is a script."""
    return SCRIPT if path.with_suffix("") == SCRIPT.with_suffix("") else path


def led_to(page: Path, link: Link) -> tuple[Path, str]:
    """Return the source of the page that a link leads to, and its anchor."""
    path, _, anchor = link.target.partition("#")
    return source((page.parent / path).resolve() if path else page), anchor


def said_of(page: Path, anchor: str) -> set[str]:
    """Return the words of a section's name, or of all that a page has."""
    known = sections(page)
    text = " ".join([*list(known.values())[:1], known.get(anchor, "")])
    if page.name == "references.md" and anchor:
        # What a paper found stands below its name.
        text = page.read_text("utf-8").split(f"{{ #{anchor} }}")[1]
        text = f"{known[anchor]} {text.split('###')[0]}"
    elif not anchor:
        front = FRONT.match(page.read_text("utf-8"))
        described = front[1] if front else ""
        every = known.values() if page.name != GLOSSARY else ()
        text = " ".join([text, described, *every])
    return stems(text)


def fits(page: Path, link: Link) -> bool:
    """Tell whether a link's text speaks of what it leads to."""
    target, anchor = led_to(page, link)
    order = path_of()
    for text, step in (("next page", 1), ("previous page", -1)):
        if link.text == text:
            return order.index(target) == order.index(page) + step
    for other in order:
        titles = [stems(title) for title in [*sections(other).values()][:1]]
        if stems(link.text) in titles:
            return other == target
    term = glossary.terms().get(link.text.lower())
    if term and target.name == GLOSSARY:
        return anchor == term.anchor
    words = stems(link.text)
    # Nearly every page is about attention.
    return bool(
        (words - {stem("attention")} or words) & said_of(target, anchor)
    )


@every_source
def test_text_of_a_link_says_where_it_leads(source):
    wrong = [
        f"{relative(source)}:{link.line}: [{link.text}]({link.target})"
        for link in prose(source).links
        if not re.match(r"\w+:", link.target)
        and (relative(source), link.text, link.target) not in MEANT
        and not fits(source, link)
    ]
    assert wrong == []


def test_exceptions_are_links_of_the_pages():
    links = {
        (relative(path), link.text, link.target)
        for path in SOURCES
        for link in prose(path).links
    }
    assert MEANT <= links
