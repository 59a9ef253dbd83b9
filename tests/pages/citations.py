"""The papers that pages name, and the headings of *References*."""

import re
from functools import cache

from snippets.machinery.settings import DOCS
from tests.pages.prose import CITATION, Found, Prose

REFERENCES = DOCS / "references.md"
HEADING = re.compile(
    r"^### (?P<title>(?P<names>.+?) \((?P<year>\d{4}[a-z]?)\)) "
    r"\{ #(?P<anchor>[\w-]+) \}$",
    re.M,
)


@cache
def headings() -> dict[str, re.Match[str]]:
    """Return each heading of *References* that is a paper, by its text."""
    text = REFERENCES.read_text("utf-8")
    return {match["title"]: match for match in HEADING.finditer(text)}


def surnames(names: str) -> list[str]:
    """Return the surnames in a heading or a citation, `al.` for others."""
    return re.split(r",? and |, | et (?=al\.)", names)


def heading_of(citation: str) -> str | None:
    """Return the heading that a citation means.

    The year is the same, and so are the names: all of them, or the first one
    `et al.` where there are three or more.
    """
    match = CITATION.match(f"{citation})")
    assert match, citation
    names, year = surnames(match["names"]), match["year"] or match["bare"]
    for title, heading in headings().items():
        theirs = surnames(heading["names"])
        short = names == [theirs[0], "al."] and len(theirs) != 2
        if year == heading["year"] and (names == theirs or short):
            return title
    return None


def cited(page: Prose) -> list[tuple[Found, str | None]]:
    """Return the citations of a page, each with the heading that it means."""
    return [(one, heading_of(one.text)) for one in page.find(CITATION)]
