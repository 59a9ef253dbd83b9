"""The search index: every section of every page, as a script.

A script, not JSON, because a page opened from the file system may load the
one and not the other.
"""

import json
from html.parser import HTMLParser

HEADINGS = {"h1", "h2", "h3", "dt"}
# A formula is letter soup once its layout is gone; a figure's own code is not
# what the page is about.
SKIPPED = {"svg", "math", "script", "style", "button"}
SKIPPED_CLASSES = {"headerlink", "figure-source", "figure-svg"}
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
BLOCKS = {"br", "p", "li", "td", "th", "dd", "div", "pre", "figcaption", "tr"}


class Sections(HTMLParser):
    """Cuts a page's HTML into sections: address, title, text."""

    def __init__(self, address: str) -> None:
        """Start before the first heading of the page at `address`."""
        super().__init__()
        self.address = address
        self.found: list[list[str]] = []
        self.open: list[bool] = []  # for each open tag: is it skipped?
        self.heading = ""

    def handle_starttag(self, tag, attrs) -> None:
        """Begin a section at a heading, a skipped part, or a new line."""
        attributes = dict(attrs)
        if tag in HEADINGS and (anchor := attributes.get("id")):
            first = not self.found
            address = self.address + ("" if first else f"#{anchor}")
            self.found.append([address, "", ""])
            self.heading = tag
        if tag in BLOCKS:
            self.handle_data(" ")
        if tag not in VOID:
            classes = set((attributes.get("class") or "").split())
            self.open.append(tag in SKIPPED or bool(classes & SKIPPED_CLASSES))

    def handle_endtag(self, tag) -> None:
        """End a heading or a skipped part."""
        if tag not in VOID and self.open:
            self.open.pop()
        if tag == self.heading:
            self.heading = ""

    def handle_data(self, data) -> None:
        """Add text to the heading or to the section."""
        if self.found and not any(self.open):
            self.found[-1][1 if self.heading else 2] += data


def sections(address: str, page: str) -> list[list[str]]:
    """Return [address, title, text] of each section of a page's HTML."""
    parser = Sections(address)
    parser.feed(page)
    return [
        [address, " ".join(title.split()), " ".join(text.split())]
        for address, title, text in parser.found
    ]


def script(found: list[list[str]]) -> str:
    """Return the sections of all pages as a script that names them."""
    entries = ",\n".join(
        json.dumps(section, ensure_ascii=False) for section in found
    )
    return f"globalThis.searchIndex = [\n{entries}\n]\n"
