"""Finds the Python blocks of the pages and expands what they quote.

The pages are cut as the site cuts them. `find_examples` of pytest-examples is
no help: after an empty fence, as those for outputs are, or one of four ticks,
it loses the blocks that follow.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from pytest_examples import CodeExample

from snippets.machinery import source
from snippets.machinery.settings import DOCS, ROOT, load
from snippets.machinery.source import Page, Part

PAGES = sorted(DOCS.rglob("*.md"))
SCRIPT = DOCS / load().notebook  # which is read as a page
SOURCES = [*PAGES, *[SCRIPT] * SCRIPT.is_file()]

# A line that opens a Python block in any Markdown, fit for the site or not.
OPENING = re.compile(
    r"^[ \t>*+\-\d.)]*(?:`{3,}|~{3,})[\s{.]*"
    r"(?:i?py(?:thon)?[\d.]*|py3tb|pycon|pyi|pytb)\b",
    re.I,
)


@dataclass
class Block:
    """A Python block of a page, its quotes expanded."""

    example: CodeExample
    raises: str | None
    quotes: bool

    def place(self, line: int = 0) -> str:
        """Return `page:line` of a line of the code, 0 being its fence.

        Quoted code stands in no line of the page: its fence is named.
        """
        shift = 0 if self.quotes else line
        page = relative(self.example.path)
        return f"{page}:{self.example.start_line + shift}"


def relative(path: Path) -> str:
    """Return a path as messages show it."""
    return path.relative_to(ROOT).as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=relative)
every_source = pytest.mark.parametrize("source", SOURCES, ids=relative)


def page_of(path: Path) -> Page:
    """Return a page, or the notebook's script, as the site reads it."""
    return source.read(path.relative_to(DOCS).as_posix())


def line_of(page: Page, line: int) -> int:
    """Return the line of the file in which a line of the page stands."""
    return int(page.at(line).rpartition(":")[2])


def prose_of(page: Page) -> str:
    """Return the text of a page, without what stands in its fences."""
    return "\n\n".join(p.text for p in page.parts() if p.fence is None)


def blocks(path: Path) -> list[Block]:
    """Return the Python blocks of a page."""
    page = page_of(path)
    return [
        block(path, line_of(page, part.line), part)
        for part in page.parts()
        if part.fence == "python"
    ]


def block(path: Path, line: int, part: Part) -> Block:
    """Return the block that the fence on a line of a file holds."""
    rows = path.read_text("utf-8").splitlines(keepends=True)
    end = line + part.text.count("\n") + 1
    quoting = bool(source.QUOTE.search(part.text))
    example = CodeExample.create(
        # As the page shows it: without blank lines at a quote's ends.
        f"{source.quoted(part.text)}\n",
        path=path,
        start_line=line,
        start_index=len("".join(rows[:line])),
        end_index=len("".join(rows[:end])),
        prefix=part.header,
        indent=len(rows[line - 1]) - len(rows[line - 1].lstrip(" ")),
    )
    example.group = uuid5(NAMESPACE_URL, path.as_uri())
    return Block(example, part.options.get("raises"), quoting)
