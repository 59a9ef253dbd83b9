"""Which page and line is being rendered, for every message of a failure."""

import functools
import re
from pathlib import Path
from typing import NamedTuple

from markdown import Markdown

from snippets.machinery.settings import DOCS, ROOT


class Page(NamedTuple):
    """The text of a page as its author wrote it, before any extension."""

    path: str
    text: str
    first_line: int

    def place(self, pattern: str) -> str:
        """Return `path:line` of the first match of `pattern`, or the path."""
        if found := re.search(pattern, self.text, re.M):
            line = self.first_line + self.text[: found.start()].count("\n")
            return f"{self.path}:{line}"
        return self.path


def remember(md: Markdown, lines: list[str]) -> None:
    """Note which page `md` renders; the text tells, whoever calls it."""
    text = "\n".join(lines)
    for path in sorted(DOCS.rglob("*.md")):
        whole = _read(path, path.stat().st_mtime_ns)
        if text.strip() and whole.rstrip().endswith(text.strip()):
            first = whole[: whole.rindex(text.strip())].count("\n") + 1
            page = Page(path.relative_to(ROOT).as_posix(), text.strip(), first)
            break
    else:
        page = Page("(generated text)", text, 1)
    md.rendered_page = page  # type: ignore[attr-defined]


def page_of(md: Markdown) -> Page:
    """Return the page that `md` renders now."""
    return getattr(md, "rendered_page", Page("(generated text)", "", 1))


@functools.lru_cache(maxsize=512)
def _read(path: Path, stamp: int) -> str:
    """Read a page once for each time it changes (`stamp`)."""
    return path.read_text("utf-8")
