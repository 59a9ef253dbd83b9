"""A downloaded notebook has all the prose of its page, in its order."""

import json

import markdown
import pytest
from bs4 import BeautifulSoup

from snippets.machinery import downloads, pool
from snippets.machinery.downloads import Head
from snippets.machinery.plain import Away, Piece
from snippets.machinery.source import Page
from tests.machinery.test_editions import PLAIN, words
from tests.support.built import NAMES, python_blocks, soup

every_page = pytest.mark.parametrize("name", NAMES)
NOT_PROSE = ".figure-source, .page-code, .headerlink, .place, .on-this-page"


def cells(site, name: str, kind: str) -> list[str]:
    """Return the cells of one kind of a page's notebook, none without one."""
    path = (site / name).with_suffix(".ipynb")
    if not path.is_file():
        return []
    found = json.loads(path.read_text("utf-8"))["cells"]
    return [
        "".join(cell["source"]) for cell in found if cell["cell_type"] == kind
    ]


@every_page
def test_downloaded_notebook_has_all_the_prose_of_its_page(site, name):
    notes = cells(site, name, "markdown")
    assert bool(notes) == bool(python_blocks(soup(site / name)))
    if not notes:
        return
    rendered = markdown.markdown("\n\n".join(notes), extensions=PLAIN)
    text = words(BeautifulSoup(rendered, "html.parser").get_text())
    article = BeautifulSoup(str(soup(site / name).article), "html.parser")
    for left_out in article.select(f"{NOT_PROSE}, svg"):
        left_out.decompose()
    end = 0
    for part in article.select("p, h1, h2, h3, li, td, th, figcaption, dd"):
        if part.select("math, p, li, pre") or part.find_parent("pre"):
            continue
        said = words(part.get_text())
        at = text.find(said, 0 if part.find_parent("figure") else end)
        assert at >= 0, part
        if not part.find_parent("figure"):
            end = at
    assert end > len(text) / 2


def test_caption_follows_the_cell_that_draws(monkeypatch):
    gave = {"2": {"text": "3\n", "svg": "<svg/>"}}
    monkeypatch.setattr(pool, "result", lambda run, _: {"json": gave})
    told = '```cell number="2" alt="A line." caption="Up."\n```\n'
    page = Page("a.md", f"a\n\n```python\nx\n```\n\n{told}\nb\n")
    found = Away(page, "a.html", "").pieces()
    book = downloads.notebook(found, Head("T", "S", "https://s.org", []))
    cells = json.loads(book)["cells"][1:]
    assert ["".join(cell["source"]) for cell in cells] == [
        "a",
        "x",
        "```text\n3\n```\n\n> Figure: A line.\n\nUp.\n\nb",
    ]


def test_each_piece_of_prose_is_in_the_notebook():
    """Before the first block, between two, and behind the last."""
    pieces = [
        Piece(text, line, python=text.startswith("x"))
        for line, text in enumerate("a b x1 c x2 x3 d e".split(), 1)
    ]
    book = downloads.notebook(pieces, Head("T", "S", "https://s.org", []))
    found = [
        (cell["cell_type"], "".join(cell["source"]))
        for cell in json.loads(book)["cells"][1:]
    ]
    assert found == [
        ("markdown", "a\n\nb"),
        ("code", "x1"),
        ("markdown", "c"),
        ("code", "x2"),
        ("code", "x3"),
        ("markdown", "d\n\ne"),
    ]
