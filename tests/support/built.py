"""Reads the built site."""

import functools
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from snippets.machinery.settings import DOCS
from tests.support.blocks import SCRIPT, SOURCES


def html_name(page: Path) -> str:
    """Return the path, inside the site, of the page made from a source."""
    return page.relative_to(DOCS).with_suffix(".html").as_posix()


NOTEBOOK = html_name(SCRIPT)
NAMES = sorted(map(html_name, SOURCES))


@functools.cache
def soup(path: Path) -> BeautifulSoup:
    """Return a page of the site, parsed once a session."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def python_blocks(page: BeautifulSoup) -> list[Tag]:
    """Return every Python block that a page shows."""
    return page.select("div.language-python")


def copied(block: Tag) -> str:
    """Return what a reader copies from a block."""
    code = block.select_one("code")
    if code is None:
        raise ValueError(f"a block without code: {block}")
    return code.get_text()
