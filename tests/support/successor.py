"""Builds the site with MkDocs and with Zensical, and compares the pages.

Run by hand, or once a week; Zensical is no dependency of the project:

    pip install zensical && python -m tests.support.successor

Both builds read one copy of the working tree and one copy of what is kept.
Each Markdown page must show the same figures, tables, outputs, values,
formulas and code, in the same order. The frame around them is not compared.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from bs4 import BeautifulSoup, Tag

from tests.support.blocks import PAGES
from tests.support.built import html_name
from tests.support.planted import copied

# What is compared: its name, and what finds it in a page.
KINDS = {
    "figure": "figure.drawn",
    "table": "figure.measured-table",
    "output": "div.run-output",
    "value": "span.measured",
    "formula": "math",
    "code": "div.highlight:not(.run-output)",
}
SHOWN = 60  # characters of each page where two parts begin to differ


class BuildError(Exception):
    """A build that failed; the message is what it said."""


class Part(NamedTuple):
    """One thing that a page shows: its kind, and its whole markup."""

    kind: str
    markup: str


def parts(html: str) -> list[Part]:
    """Return what a built page shows, in the order of the page."""
    page = BeautifulSoup(html, "html.parser")
    return [
        Part(kind_of(tag), str(tag))
        for tag in page.select(", ".join(KINDS.values()))
    ]


def kind_of(tag: Tag) -> str:
    """Return the name of the kind that a tag is of."""
    return next(kind for kind, css in KINDS.items() if tag.css.match(css))


def difference(ours: list[Part], theirs: list[Part]) -> str:
    """Return what the first difference of two pages is; none: an empty text.

    ours: what MkDocs has made, theirs: what Zensical has made.
    """
    seen: Counter[str] = Counter()
    for one, other in zip_longest(ours, theirs):
        if one == other:
            seen[one.kind] += 1
            continue
        kind = (one or other).kind
        texts = [part.markup if part else "" for part in (one, other)]
        pairs = enumerate(zip_longest(*texts))
        at = next(place for place, (a, b) in pairs if a != b)
        mkdocs, zensical = (
            text[at : at + SHOWN] if text else "(nothing)" for text in texts
        )
        return (
            f"{kind} {seen[kind] + 1} differs after {at} characters\n"
            f"  MkDocs:   {mkdocs}\n  Zensical: {zensical}"
        )
    return ""


def build(tree: Path, *command: str) -> None:
    """Run a generator in a copy of the working tree, the only one it sees.

    Raises BuildError with what was said if it fails.
    """
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tree,
        env={
            **os.environ,
            "PYTHONPATH": str(tree),
            "EXECUTED_CACHE": str(tree.with_name("cache")),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        raise BuildError(f"{' '.join(command)} failed\n{result.stdout}")


def compared(mkdocs: Path, zensical: Path) -> Iterator[tuple[str, str]]:
    """Yield each page and its first difference; print what MkDocs shows."""
    names = [html_name(page) for page in PAGES]
    width = max(map(len, names))
    print(" " * width + "".join(f"{kind:>9}" for kind in KINDS))
    total: Counter[str] = Counter()
    for name in names:
        ours = parts((mkdocs / name).read_text("utf-8"))
        counts = Counter(part.kind for part in ours)
        total += counts
        print(f"{name:{width}}", *(f"{counts[kind]:8}" for kind in KINDS))
        if (zensical / name).is_file():
            theirs = parts((zensical / name).read_text("utf-8"))
            yield name, difference(ours, theirs)
        else:
            yield name, "Zensical has not made this page"
    print(f"{'all':{width}}", *(f"{total[kind]:8}" for kind in KINDS))


def main() -> str:
    """Build and compare; return the first difference, or an empty text."""
    with copied() as tree:
        ours, theirs = tree.with_name("mkdocs"), tree / "site"
        try:
            build(tree, "mkdocs", "build", "--quiet", "--site-dir", str(ours))
            # Its folders stand in mkdocs.yml and in the tree: no options.
            build(tree, "zensical", "build")
        except BuildError as error:
            return str(error)
        found = [(name, how) for name, how in compared(ours, theirs) if how]
    for name, how in found[:1]:
        return f"{len(found)} pages differ; {name}: {how}"
    return ""


if __name__ == "__main__":
    sys.exit(main() or None)
