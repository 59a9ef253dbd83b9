"""Every number of a page is computed, or is expected word by word.

A piece of a sentence in numbers.py has the expression that its numbers must
equal. One in said.txt is a second statement of what the page says: a number
that only the sentence itself defines, or one that is quoted from the paper
after `<-`; the name of each computed value between the words around it; and a
few words that would read as well the other way round.
"""

import re
from pathlib import Path

import pytest

from snippets.machinery import source as sources
from tests.pages.citations import cited, headings
from tests.pages.numbers import NUMBERS
from tests.pages.prose import (
    RUNS,
    Found,
    Prose,
    inside,
    number,
    prose,
)
from tests.support.blocks import SOURCES, every_source, relative

SAID = Path(__file__).with_name("said.txt")


def read_said() -> dict[str, dict[str, str]]:
    """Return for each page the pieces of said.txt, with their paper."""
    said: dict[str, dict[str, str]] = {}
    page = ""
    for line in SAID.read_text("utf-8").splitlines():
        piece, _, paper = line.strip().partition(" <- ")
        if line.startswith(" "):
            said[page][piece] = paper
        elif piece:
            page = piece
            said[page] = {}
    return said


PIECES = read_said()


def expected(page: Prose) -> list[str]:
    """Return the pieces of sentences that a page must have."""
    return [*NUMBERS.get(page.name, {}), *PIECES.get(page.name, {})]


def unexpected(page: Prose) -> list[Found]:
    """Return the numbers and values of a page that nobody expects."""
    places = [
        place for piece in expected(page) for place in page.occurrences(piece)
    ]
    found = sorted(page.numbers() + page.values())
    return [one for one in found if not inside(one, places)]


@every_source
def test_every_number_and_value_is_expected(source):
    page = prose(source)
    lines = [
        f"{page.name}:{one.line}: {one.text}; if it is right, add\n"
        f"    {page.around(one)}"
        for one in unexpected(page)
    ]
    assert not lines, "\n".join([f"see {relative(SAID)}", *lines])


@every_source
def test_every_expected_piece_is_on_its_page(source):
    page = prose(source)
    gone = [piece for piece in expected(page) if not page.occurrences(piece)]
    assert gone == [], f"not on {page.name}"


@every_source
def test_numbers_are_those_of_the_code(source):
    page = prose(source)
    for piece, expression in NUMBERS.get(page.name, {}).items():
        wanted = expression()
        if isinstance(wanted, int | float):
            wanted = [wanted]
        for place in page.occurrences(piece):
            said = [
                number(one.text)
                for one in page.numbers()
                if inside(one, [place])
            ]
            where = f"{page.name}:{place.line}: {piece}"
            assert said == pytest.approx([*wanted]), where


@every_source
def test_counts_of_runs_are_computed(source):
    """In the page or, of recorded runs, by an expression."""
    page = prose(source)
    checked = [
        place
        for piece in NUMBERS.get(page.name, {})
        for place in page.occurrences(piece)
    ]
    for one in page.numbers():
        counts = re.match(rf" {RUNS}", page.text[one.end :])
        if counts or one.text == "once":
            assert inside(one, checked), f"{page.name}:{one.line}"


def test_expected_pieces_are_of_known_pages():
    known = {relative(source) for source in SOURCES}
    assert {*NUMBERS, *PIECES} <= known


@pytest.mark.parametrize("page", PIECES)
def test_numbers_of_papers_have_their_paper(page):
    """It is in *References*, and the page cites it."""
    [source] = [path for path in SOURCES if relative(path) == page]
    papers = {paper for paper in PIECES[page].values() if paper}
    assert papers <= headings().keys()
    assert papers <= {heading for _, heading in cited(prose(source))}


# The reading itself.


def reading(tmp_path, monkeypatch, text: str) -> Prose:
    monkeypatch.setattr("tests.pages.prose.relative", lambda path: path.name)
    monkeypatch.setattr(
        "tests.pages.prose.page_of",
        lambda path: sources.read(path.name, path.read_text("utf-8")),
    )
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    return Prose(page)


PAGE = """\
---
title: A
description: Two things.
---

# 3 Heads

A `#!value a.b.c .2f` of **1,024**{ .x } words, <!-- 7 --> [five
of](b.md#x7) $9$, `10`, not GPT-2 or 7B nor *eighty three*. As Hao
et al. (2014) had it, one of 2014 was half.

$$
11
$$

```python
12
```

```figure run="a.b"
Four, A.1.2 and −1.
```
"""


def test_reading_finds_numbers_with_their_lines(tmp_path, monkeypatch):
    page = reading(tmp_path, monkeypatch, PAGE)
    assert [(one.text, one.line) for one in page.numbers()] == [
        ("Two", 3),
        ("3", 6),
        ("1,024", 8),
        ("five", 8),
        ("2014", 10),
        ("half", 10),
        ("Four", 21),
        ("A.1.2", 21),
        ("−1", 21),
    ]
    [value] = page.values()
    assert page.around(value) == "3 Heads A {a.b.c .2f} of 1,024"
    assert page.occurrences("five of $…$, `…`, not")[0].line == 8
    assert page.occurrences("ive of") == []
    assert [number(text) for text in ("1,024", "Half", "−1")] == [
        1024,
        0.5,
        -1,
    ]
    assert not re.search("<!--|7", page.text.replace("7B", ""))
