"""Old names, until the pages' half is rewritten."""

import html
import re
from collections.abc import Iterator, Sequence

from snippets.machinery import drawing

FIGURE = re.compile(
    r'<figure class="drawn" id="figure-(?P<name>[\w-]+)">'
    r"(?P<svg><svg.*?</svg>)",
    re.S,
)
FOLDER = "figures"


def light_colours(styles: str) -> dict[str, str]:
    """Return each colour variable of the style sheet, as in light pages."""
    return drawing._light(styles)


def figures(page: str, colours: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the file name and the text of each figure of a page's HTML."""
    for found in FIGURE.finditer(page):
        svg = standalone(found["svg"], colours)
        yield f"{FOLDER}/{found['name']}.svg", svg


def standalone(svg: str, colours: dict[str, str]) -> str:
    """Return a page's drawing with its own ground, colours and title."""
    label = re.search(r'aria-label="([^"]*)"', svg)
    assert label
    return drawing.alone(svg, html.unescape(label[1]))


def download(address: str) -> str:
    """Return the link to a figure as a file, which the build writes."""
    return (
        f'<a class="figure-svg" href="{address}" download '
        'aria-label="Download this figure as SVG">SVG</a>'
    )


def logo(rows: Sequence[Sequence[float]], colours: dict[str, str]) -> str:
    """Draw weights as white cells on the colour of weights, 16 by 16."""
    return drawing.logo(rows)
