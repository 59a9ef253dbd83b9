"""A page as plain Markdown: what the reader sees, for machines and notebooks.

Quotes, values, tables and outputs are expanded, formulas are TeX without the
site's own macros, a figure is its caption and its text alternative.
"""

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urljoin

from snippets.machinery import source
from snippets.machinery.asked import Value, fenced, kinds
from snippets.machinery.formulas import plain_tex
from snippets.machinery.source import Page, Part

LINK = re.compile(r'(?<=\]\()([^()\s]+)(?=(?:\s+"[^"]*")?\))')
REFERENCE = re.compile(r"^( {0,3}\[[^\]^]+\]: +)(\S+)", re.M)
# What only styles the page: attributes (`{ .aims }`) and abbreviations.
ATTRIBUTES = re.compile(
    r"^[ \t]*\{:? *[.#][A-Za-z][^{}\n]*\}[ \t]*\n?"
    r"|(?<=[)\]*`])\{:? *[.#][A-Za-z][^{}\n]*\}"
    r"|(?<=\S) +\{:? *[.#][A-Za-z][^{}\n]*\} *$",
    re.M,
)
ABBREVIATION = re.compile(r"^\*\[[^\]\n]+\]:.*\n?", re.M)


class Piece(NamedTuple):
    """Markdown, or Python code (`line` is that of its fence) to be run."""

    text: str
    line: int
    python: bool = False
    title: str = ""
    raises: str = ""
    indent: str = ""


class Form(ABC):
    """One plain form of a page: how its links are written in it."""

    def __init__(self, page: Page, html: str, top: str) -> None:
        """Take the page and its address; `top` is that of the site."""
        self.page, self.html, self.top = page, html, top

    @abstractmethod
    def link(self, url: str) -> str:
        """Rewrite an address that stands in the source."""

    @abstractmethod
    def figure(self, anchor: str) -> str:
        """Return the address of one of the page's own figures."""

    def pieces(self) -> list[Piece]:
        """Return the page as Markdown and Python, everything expanded.

        Raises source.PageError for what cannot be cut or shown.
        """
        found = []
        for part in self.page.parts():
            if part.fence == "python":
                found.append(_python(part))
            elif part.fence is None:
                text = self.prose(part.text, part.line)
                if text.strip():
                    found.append(Piece(text, part.line))
            else:
                if part.fence in kinds():
                    thing = kinds()[part.fence](self.page, part)
                    text = thing.markdown(self)
                else:
                    text = fenced(part.fence, source.quoted(part.text))
                if text.strip():
                    found.append(Piece(text, part.line, indent=part.indent))
        return found

    def prose(self, text: str, line: int = 1) -> str:
        """Return text with its values filled in, without what styles it."""
        text = source.quoted(source.without_claims(text))
        out = [
            self._words(span.text) if span.fence is None else self._code(span)
            for span in source.spans(text, line)
        ]
        # Attributes may follow a code span, and be all that is on a line.
        text = ABBREVIATION.sub("", ATTRIBUTES.sub("", "".join(out)))
        return text.strip("\n")

    def _words(self, text: str) -> str:
        text = LINK.sub(lambda found: self.link(found[1]), text)
        text = REFERENCE.sub(lambda f: f[1] + self.link(f[2]), text)
        return plain_tex(text)

    def _code(self, span: Part) -> str:
        if span.fence == "value":
            return Value(self.page, span).markdown(self)
        if not span.fence:
            return span.header
        ticks = re.match("`+", span.header)
        assert ticks
        return f"{ticks[0]}{span.text}{ticks[0]}"


class Beside(Form):
    """The Markdown version, which stands beside the page.

    Every page has such a version: a link to a page's source stays as it is.
    A result of a run names the page itself, and the notebook is a page too.
    """

    OTHER = re.compile(r"^(?!\w+:)([^#]+)\.(?:ipynb|html)(?=#|$)")

    def __init__(self, page: Page, html: str) -> None:
        """Take the page and its address within the site."""
        super().__init__(page, html, "../" * html.count("/"))

    def link(self, url: str) -> str:
        """Lead to the other page's Markdown."""
        return self.OTHER.sub(r"\1.md", url)

    def figure(self, anchor: str) -> str:
        """Lead to the page."""
        return f"{posixpath.basename(self.html)}#{anchor}"


class Away(Form):
    """Links to the site's pages, for a notebook that is elsewhere.

    Without the site's address they are relative: they lead somewhere as long
    as the notebook is where it was.
    """

    def __init__(self, page: Page, html: str, site_url: str) -> None:
        """Take the page, its address within the site, and the site's."""
        super().__init__(page, html, site_url or "../" * html.count("/"))
        self.site_url = site_url
        name = posixpath.basename(html)
        self.here = urljoin(site_url, html) if site_url else name

    def link(self, url: str) -> str:
        """Lead to the other page."""
        if re.match(r"\w+:", url):
            return url
        path, hash_, anchor = url.partition("#")
        path = re.sub(r"\.(md|ipynb)$", ".html", path)
        if not path:
            path = self.here
        elif self.site_url:
            path = urljoin(self.here, path)
        return path + hash_ + anchor

    def figure(self, anchor: str) -> str:
        """Lead to the page."""
        return f"{self.here}#{anchor}"


def markdown(found: Iterable[Piece]) -> str:
    """Join the pieces of a page to its Markdown version."""
    texts = []
    for piece in found:
        text = piece.text
        if piece.python:
            text = fenced("python", text)
            if piece.title:
                text = f"`{piece.title}`:\n\n{text}"
        rows = text.split("\n")
        texts.append("\n".join(piece.indent + r if r else r for r in rows))
    return "\n\n".join(texts) + "\n"


def _python(part: Part) -> Piece:
    return Piece(
        source.quoted(part.text).strip("\n"),
        part.line,
        python=True,
        title=part.options.get("title", ""),
        raises=part.options.get("raises", ""),
        indent=part.indent,
    )
