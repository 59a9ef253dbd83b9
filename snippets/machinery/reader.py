"""Reads the finished HTML of a page once, for all that wants to know of it.

What it finds: sections for the search, ids, links and images to be checked,
Markdown that was left as it is, and how long the page takes to read.
"""

import html
import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

HEADINGS = {"h1", "h2", "h3", "dt"}
# A formula is letter soup once its layout is gone; a figure's own code is not
# what the page is about.
SKIPPED = {"svg", "math", "script", "style", "button"}
SKIPPED_CLASSES = {"headerlink", "figure-source", "figure-svg"}
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
BLOCKS = {"br", "p", "li", "td", "th", "dd", "div", "pre", "figcaption", "tr"}
VERBATIM = {"code", "pre", "math", "svg", "script", "style"}
# Long, and nothing of what is looked for.
DRAWN = re.compile(r"<(svg|math)\b.*?</\1>", re.S)
# A link or a note without a target, a formula without its end: with what
# follows, so that it is found in the source.
LEFT = re.compile(
    r"\[[^\]\n]+\]\[[^\]\n]*\]|\[\^[^\]\n]+\]|\$+\n?[^$\\\n]{0,30}"
)
WORDS_A_MINUTE = 200
LINES_A_MINUTE = 30  # of code, which is looked at rather than read

Attributes = list[tuple[str, str | None]]


class Reader(HTMLParser):
    """What one page's HTML says."""

    def __init__(self, address: str, page: str) -> None:
        """Read the page that stands at `address`."""
        super().__init__()
        self.address = address
        self.sections: list[list[str]] = []  # address, title, text
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.nameless: list[str] = []  # images without a text
        self.left: list[str] = []
        self._open: list[tuple[bool, bool]] = []  # skipped, verbatim
        self._heading = ""
        self.feed(DRAWN.sub(r"<\1></\1>", page))
        self.close()
        self.sections = [
            [where, " ".join(title.split()), " ".join(text.split())]
            for where, title, text in self.sections
        ]

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note what the tag has; begin a section, a skipped part, a line."""
        told = {name: value or "" for name, value in attrs}
        if "id" in told:
            self.ids.add(told["id"])
        self.links += [told[name] for name in ("href", "src") if name in told]
        if tag == "img" and not told.get("alt", "").strip():
            self.nameless.append(told.get("src", ""))
        if tag in HEADINGS and (anchor := told.get("id")):
            first = not self.sections
            address = self.address + ("" if first else f"#{anchor}")
            self.sections.append([address, "", ""])
            self._heading = tag
        if tag in BLOCKS:
            self.handle_data(" ")
        if tag not in VOID:
            classes = {*told.get("class", "").split()}
            skipped, verbatim = self._inside()
            skipped |= tag in SKIPPED or bool(classes & SKIPPED_CLASSES)
            self._open.append((skipped, verbatim or tag in VERBATIM))

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        """Read an element that has no end of its own."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a heading or a skipped part."""
        if tag not in VOID and self._open:
            self._open.pop()
        if tag == self._heading:
            self._heading = ""

    def handle_data(self, data: str) -> None:
        """Add text to the heading or to the section."""
        skipped, verbatim = self._inside()
        if self.sections and not skipped:
            self.sections[-1][1 if self._heading else 2] += data
        if not verbatim:
            self.left += LEFT.findall(data)

    def _inside(self) -> tuple[bool, bool]:
        return self._open[-1] if self._open else (False, False)

    def wrong(self) -> Iterator[tuple[str, str]]:
        """Yield what stands wrong on the page, and why."""
        for source in self.nameless:
            yield source, f"the image {source!r} has no alt text"
        for text in self.left:
            yield text, f"{text!r} means nothing: it has no target or no end"

    def dead(self, ids: dict[str, set[str]], there: set[str]) -> Iterator[str]:
        """Yield each link that leads nowhere within the site.

        ids: those of each page, by its address. there: the other files.
        """
        folder = posixpath.dirname(self.address)
        for link in self.links:
            if re.match(r"\w+:|//", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            path = posixpath.normpath(posixpath.join(folder, path))
            target = path if link[:1] != "#" else self.address
            if target in ids:
                if anchor and anchor not in ids[target]:
                    yield link
            elif target not in there:
                yield link


# What most readers never open, and what is no text.
APART = re.compile(
    r"<details\b.*?</details>"
    r'|<table class="measured-values".*?</table>'
    r"|<(svg|annotation|script|style)\b.*?</\1>",
    re.S,
)
CODE = re.compile(r"<pre\b.*?</pre>", re.S)


def minutes(page: str) -> int:
    """Return the whole minutes, at least one, that a page's HTML takes."""
    page = APART.sub("", page)
    lines = sum(block.count("\n") + 1 for block in CODE.findall(page))
    prose = html.unescape(re.sub(r"<[^>]+>", " ", CODE.sub("", page)))
    time: float = len(prose.split()) / WORDS_A_MINUTE + lines / LINES_A_MINUTE
    return max(1, round(time))


def search_index(readers: Iterable[Reader]) -> str:
    """Return the sections of all pages as a script that names them.

    A script, not JSON, because a page opened from the file system may load
    the one and not the other.
    """
    entries = ",\n".join(
        json.dumps(section, ensure_ascii=False)
        for reader in readers
        for section in reader.sections
    )
    return f"globalThis.searchIndex = [\n{entries}\n]\n"
