"""The path: little code in the open, and questions that lead on."""

import re
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from snippets.machinery.settings import ROOT
from tests.support.built import copied, python_blocks, soup

FIRST, LAST = "index.md", "summary.md"
LONG = {
    "step-by-step/hands-on.html",
    "step-by-step/training-a-translator.html",
}
BEFORE = "From the page before: "


def in_order(nav: list[object]) -> list[str]:
    """Return the pages of a part of the navigation, in their order."""
    found = []
    for entry in nav:
        value = (
            next(iter(entry.values())) if isinstance(entry, dict) else entry
        )
        found += in_order(value) if isinstance(value, list) else [str(value)]
    return found


def path() -> list[str]:
    """Return the pages from the first to the last of the path, as built."""
    # Only the navigation is read: other parts name Python objects.
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    nav = re.search(r"^nav:\n(?:[ ].*\n)+", text, re.M)
    assert nav, "mkdocs.yml has no navigation"
    pages = in_order(yaml.safe_load(nav[0])["nav"])
    walked = pages[pages.index(FIRST) : pages.index(LAST) + 1]
    return [str(PurePosixPath(page).with_suffix(".html")) for page in walked]


PATH = path()


def visible_lines(page: BeautifulSoup) -> int:
    """Return how many lines of Python stand outside of folds."""
    shown = [b for b in python_blocks(page) if not b.find_parent("details")]
    lines = [line for block in shown for line in copied(block).splitlines()]
    return sum(bool(line.strip()) for line in lines)


def title(fold: Tag) -> str:
    """Return the question that a fold shows while it is closed."""
    summary = fold.select_one("summary")
    return " ".join(summary.get_text().split()) if summary else ""


def own_questions(page: BeautifulSoup) -> list[str]:
    """Return the questions below the heading *Check yourself*."""
    start = page.select_one("h2#check-yourself")
    return (
        []
        if start is None
        else [
            title(fold)
            for fold in start.find_next_siblings("details", class_="question")
        ]
    )


@pytest.mark.parametrize("name", PATH)
def test_little_python_stands_in_the_open(site, name):
    bar = 120 if name in LONG else 60
    assert visible_lines(soup(site / name)) <= bar


@pytest.mark.parametrize("name", PATH)
def test_page_ends_with_three_questions(site, name):
    assert len(own_questions(soup(site / name))) == 3


@pytest.mark.parametrize(
    "pair", list(pairwise(PATH)), ids=lambda pair: pair[1]
)
def test_page_opens_with_a_question_of_the_page_before(site, pair):
    before, name = (soup(site / page) for page in pair)
    fold = name.select_one("details.question")
    assert fold is not None, "the page asks nothing"
    assert title(fold).startswith(BEFORE), title(fold)
    assert title(fold).removeprefix(BEFORE) in own_questions(before)


def test_folded_lines_do_not_count():
    code = "<pre><code>a\n\nb</code></pre>"
    block = f'<div class="language-python highlight">{code}</div>'
    page = f"{block}<details>{block}</details>"
    assert visible_lines(BeautifulSoup(page, "html.parser")) == 2


def test_references_are_no_step(site):
    """They stand on the path, but nobody has to read them to walk it."""
    page = soup(site / "references.html")
    steps = page.select("nav.path > ol > li:not(.uncounted)")
    [last] = page.select("nav.path > ol > li.uncounted")
    place = page.select_one("p.place")
    assert last.get_text().strip() == "References"
    assert place and place.get_text().strip().startswith("The article ·")
    for name in PATH:
        label = soup(site / name).select_one("p.place")
        assert label and f"of {len(steps)}" in label.get_text()
