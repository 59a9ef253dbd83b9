"""A matplotlib figure as SVG, checked: in a page, alone, and as a picture."""

import base64
import functools
import html
import importlib
import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from snippets.machinery import settings
from snippets.machinery.content import Refused
from snippets.machinery.settings import DOCS

if TYPE_CHECKING:  # a build in which nothing runs does without it
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SMALLEST_TEXT = 0.028  # of the figure's width: 9 px on a phone of 360 px
SIZE = (1200, 630)  # pixels of the picture that services show with a link
FONTS = "DejaVu Sans, Verdana, sans-serif"  # of text in drawings, wide ones
SIZED = re.compile(r'<g id="length((?:-[\d.]+)+)">(.*?)</g>', re.S)
COLOUR = re.compile(r"(--[\w-]+):\s*light-dark\((#\w+),\s*#\w+\)")


def draw(figure: "Figure", name: str) -> str:
    """Return `figure` as SVG markup, the same bytes for the same drawing.

    Raises Refused if nothing is drawn or what is drawn is no number, if a
    text leaves the canvas (it would be clipped) or is too small to be read
    on a phone.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    check_data(figure, name)
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()  # places the texts
        check_texts(figure, name)
        tell_lengths(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    module, _, colours = settings.load().colours.partition(":")
    known = getattr(importlib.import_module(module), colours)
    return adapt(buffer.getvalue(), name, known)


def tell_lengths(figure: "Figure") -> None:
    """Give each text an id that says how long its lines are.

    Text stays text in the drawing, so that it can be found and selected. A
    browser without the font takes another one, at the same length.
    """
    from matplotlib.text import Text
    from matplotlib.textpath import text_to_path

    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        words = text.get_text()
        if words.strip() and "$" not in words:
            font = text.get_fontproperties()
            lengths = [
                text_to_path.get_text_width_height_descent(line, font, False)
                for line in words.split("\n")
            ]
            text.set_gid(
                "-".join(["length", *(f"{w:.1f}" for w, *_ in lengths)])
            )


def check_data(figure: "Figure", name: str) -> None:
    """Raise Refused for an empty drawing, and for one of no numbers."""
    import numpy as np

    kinds = "lines collections patches images texts tables artists".split()
    drawn = [*figure.texts, *figure.lines, *figure.patches, *figure.images]
    if not figure.axes and not drawn:
        raise Refused(f"{name} draws nothing: it has no axes")
    for number, axes in enumerate(figure.axes, 1):
        if not any(len(getattr(axes, kind)) for kind in kinds):
            raise Refused(f"{name} draws nothing in axes {number}")
    for artist in figure.findobj():
        for what, numbers in _numbers(artist):
            values: Any = np.ma.asarray(numbers, dtype=float)
            if not np.isfinite(values.filled(np.nan)).all():
                kind = type(artist).__name__
                raise Refused(
                    f"{name} draws {what} of a {kind} that are no numbers: "
                    "NaN, infinity or masked"
                )


def _numbers(artist: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of numbers that an artist draws, and what they are."""
    from matplotlib.collections import Collection
    from matplotlib.image import _ImageBase
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    if isinstance(artist, Line2D):
        yield "points", artist.get_xydata()
    elif isinstance(artist, Patch):
        corners = artist.get_path().vertices
        yield "corners", artist.get_patch_transform().transform(corners)
    elif isinstance(artist, Text):
        yield "places", artist.get_position()
    elif isinstance(artist, Collection | _ImageBase):
        if (values := artist.get_array()) is not None:
            yield "values", values
        if isinstance(artist, Collection):
            yield "places", artist.get_offsets()
            for path in artist.get_paths():
                yield "corners", path.vertices


def check_texts(figure: "Figure", name: str) -> None:
    """Raise Refused for a text that would be cut off or too small."""
    from matplotlib.text import Text

    width, height = figure.canvas.get_width_height()
    unseen = set(hidden_labels(figure))
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if not text.get_visible() or not text.get_text().strip():
            continue
        if text in unseen:
            continue
        box = text.get_window_extent()
        if (
            box.x0 < -1
            or box.y0 < -1
            or box.x1 > width + 1
            or (box.y1 > height + 1)
        ):
            raise Refused(f"{name}: the text {text.get_text()!r} is clipped")
        pixels = float(text.get_fontsize()) * figure.dpi / 72
        if pixels < SMALLEST_TEXT * width:
            raise Refused(f"{name}: the text {text.get_text()!r} is too small")


def hidden_labels(figure: "Figure") -> Iterator["Text"]:
    """Yield the labels of ticks beyond an axis' ends: made, never drawn."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)


def adapt(svg: str, name: str, colours: dict[str, str]) -> str:
    """Make a stand-alone SVG fit to stand in a page beside others.

    Colours become the page's own (CSS), ids become unique on the page, and
    what a browser does not need is left out.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
        r'<svg viewBox="\1">',
        svg,
        count=1,
    )
    svg = SIZED.sub(lambda m: _fixed_lengths(m[1], m[2]), svg)
    prefix = re.sub(r"\W+", "-", name.partition("figures.")[2] or name)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = svg.replace("xlink:href", "href")
    for drawn, css in colours.items():
        svg = re.sub(re.escape(drawn), css, svg, flags=re.I)
    svg = re.sub(r"<t(?:ext|span)\b[^>]*>", lambda m: _plain_text(m[0]), svg)
    svg = re.sub(r'(?<= d=")[^"]*', lambda m: _shorten(m.group()), svg)
    return re.sub(r">\s+<", "><", svg).strip()


def _plain_text(tag: str) -> str:
    """Leave the font to the style sheet, and out what changes nothing."""
    usual = r"font-family: [^;\"]*|font-size: 9px|fill: currentColor"
    tag = re.sub(rf"(?:{usual})(?:; |(?=\"))", "", tag)
    tag = tag.replace('; "', '"').replace(' style=""', "")
    tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    return re.sub(r'(?<= [xy]=")-?[\d.]+', lambda m: f"{float(m[0]):.2f}", tag)


def _fixed_lengths(lengths: str, lines: str) -> str:
    """Say how long each line of a text is, whatever the font."""
    for length in lengths.strip("-").split("-"):
        fixed = f'<text textLength="{length}" lengthAdjust="spacingAndGlyphs"'
        lines = re.sub(r"<text(?! textLength)", fixed, lines, count=1)
    return lines


def _shorten(path: str) -> str:
    """Round a path's coordinates: a hundredth of a point cannot be seen."""
    path = re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m.group()):.2f}", path)
    return " ".join(path.split())


def light() -> dict[str, str]:
    """Return each colour variable of the style sheet, as in light pages."""
    path = DOCS / settings.load().styles
    return _light(path.read_text("utf-8"))


@functools.cache
def _light(styles: str) -> dict[str, str]:
    return dict(COLOUR.findall(styles))


def alone(svg: str, alt: str) -> str:
    """Return a page's drawing with its own ground, light colours and title."""
    head, _, body = svg.partition(">")
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    assert box
    width, height = box.groups()
    colours = light()
    ink = colours["--md-default-fg-color"]
    body = re.sub(
        r"var\((--[\w-]+)\)", lambda found: colours[found[1]], body
    ).replace("currentColor", ink)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {height}" width="{width}pt" '
        f'height="{height}pt" fill="{ink}" font-family="{FONTS}" '
        'font-size="9">'
        f"<title>{html.escape(alt, quote=False)}</title>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>{body}\n'
    )


def logo(rows: Sequence[Sequence[float]]) -> str:
    """Draw weights as white cells on the colour of weights, 16 by 16."""
    size = 15 / max(len(rows), len(rows[0]))
    cells = "".join(
        f'<rect x="{0.5 + size * j:g}" y="{0.5 + size * i:g}" '
        f'width="{size:g}" height="{size:g}" fill-opacity="{weight:g}"/>'
        for i, row in enumerate(rows)
        for j, weight in enumerate(row)
        if weight >= 0.02
    )
    title = html.escape(settings.load().logo_title, quote=False)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f"<title>{title}</title>"
        f'<rect width="16" height="16" rx="2" fill="{light()["--weight"]}"/>'
        f'<g fill="#fff">{cells}</g></svg>\n'
    )


def encode(figure: "Figure") -> str:
    """Return a figure as PNG (base64) of SIZE, always the same bytes.

    Raises Refused for a figure that is not as large.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    size = FigureCanvasAgg(figure).get_width_height()
    if size != SIZE:
        raise Refused(f"the card is {size}, not {SIZE}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()
