"""Drawings that stand alone: each figure as a file, and the site's logo."""

import html
import re
from collections.abc import Iterator, Sequence

FIGURE = re.compile(
    r'<figure class="drawn" id="figure-(?P<name>[\w-]+)">'
    r"(?P<svg><svg.*?</svg>)",
    re.S,
)
COLOUR = re.compile(r"(--[\w-]+):\s*light-dark\((#\w+),\s*#\w+\)")
FOLDER = "figures"


def light_colours(styles: str) -> dict[str, str]:
    """Return each colour variable of the style sheet, as in light pages."""
    return dict(COLOUR.findall(styles))


def figures(page: str, colours: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the file name and the text of each figure of a page's HTML."""
    for found in FIGURE.finditer(page):
        svg = standalone(found["svg"], colours)
        yield f"{FOLDER}/{found['name']}.svg", svg


def standalone(svg: str, colours: dict[str, str]) -> str:
    """Return a page's drawing with its own ground, colours and title."""
    head, _, body = svg.partition(">")
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    label = re.search(r'aria-label="([^"]*)"', head)
    assert box and label
    width, height = box.groups()
    ink = colours["--md-default-fg-color"]
    body = re.sub(
        r"var\((--[\w-]+)\)", lambda found: colours[found[1]], body
    ).replace("currentColor", ink)
    title = html.escape(html.unescape(label[1]), quote=False)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {height}" width="{width}pt" '
        f'height="{height}pt" fill="{ink}"><title>{title}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{body}\n'
    )


def download(address: str) -> str:
    """Return the link to a figure as a file, which the build writes."""
    return (
        f'<a class="figure-svg" href="{address}" download '
        'aria-label="Download this figure as SVG">SVG</a>'
    )


def logo(rows: Sequence[Sequence[float]], colours: dict[str, str]) -> str:
    """Draw weights as white cells on the colour of weights, 16 by 16."""
    size = 15 / max(len(rows), len(rows[0]))
    cells = "".join(
        f'<rect x="{0.5 + size * j:g}" y="{0.5 + size * i:g}" '
        f'width="{size:g}" height="{size:g}" fill-opacity="{weight:g}"/>'
        for i, row in enumerate(rows)
        for j, weight in enumerate(row)
        if weight >= 0.02
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        "<title>An attention pattern</title>"
        f'<rect width="16" height="16" rx="2" fill="{colours["--weight"]}"/>'
        f'<g fill="#fff">{cells}</g></svg>\n'
    )
