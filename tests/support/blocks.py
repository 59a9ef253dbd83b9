"""Finds the Python blocks of the pages and expands what they quote.

`find_examples` of pytest-examples is no help: after an empty fence, as those
for outputs are, or one of four ticks, it loses the blocks that follow.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from uuid import NAMESPACE_URL, uuid5

from pytest_examples import CodeExample

from snippets.machinery import quotes
from snippets.machinery.settings import DOCS, ROOT

PAGES = sorted(DOCS.rglob("*.md"))

FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<header>[^`\n]*)\n"
    r"(?P<code>(?:.*\n)*?)"
    r"^(?P=indent)(?P=ticks) *$",
    re.M,
)
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


def blocks(page: Path) -> list[Block]:
    """Return the Python blocks of a page."""
    text = page.read_text("utf-8")
    return [
        block(page, text, found)
        for found in FENCE.finditer(text)
        if re.match(r"python\b", found["header"])
    ]


def block(page: Path, text: str, found: re.Match[str]) -> Block:
    """Return the block that one fence of a page holds."""
    source = dedent(found["code"])
    quoting = bool(quotes.QUOTE.search(source))
    if quoting:
        # As the page shows it: without blank lines at its ends.
        source = quotes.expand(source).strip("\n") + "\n"
    raises = re.search(r'\braises="([^"]*)"', found["header"])
    example = CodeExample.create(
        source,
        path=page,
        start_line=text[: found.start()].count("\n") + 1,
        start_index=found.start("code"),
        end_index=found.end("code"),
        prefix=found["header"],
        indent=len(found["indent"]),
    )
    example.group = uuid5(NAMESPACE_URL, page.as_uri())
    return Block(example, raises[1] if raises else None, quoting)
