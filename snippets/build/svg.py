"""A matplotlib figure as SVG: checked for legibility, the same bytes."""

import io

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from snippets.build.inline_svg import adapt
from snippets.figures.style import CSS_COLOURS

SMALLEST_TEXT = 0.028  # of the figure's width: 9 px on a phone of 360 px


def draw(figure: Figure, name: str) -> str:
    """Return `figure` as SVG markup, the same bytes for the same drawing.

    Raises ValueError if a text leaves the canvas (it would be clipped) or
    is too small to be read on a phone.
    """
    salt = {"svg.hashsalt": name, "svg.fonttype": "path"}
    with matplotlib.rc_context(salt):
        FigureCanvasAgg(figure).draw()  # places the texts
        check_texts(figure, name)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return adapt(buffer.getvalue(), name, CSS_COLOURS)


def check_texts(figure: Figure, name: str) -> None:
    """Raise ValueError for a text that would be cut off or too small."""
    width, height = figure.canvas.get_width_height()
    for text in figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip():
            continue
        box = text.get_window_extent()
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or (
            box.y1 > height + 1
        ):
            raise ValueError(f"{name}: the text {text.get_text()!r} is clipped")
        pixels = text.get_fontsize() * figure.dpi / 72
        if pixels < SMALLEST_TEXT * width:
            raise ValueError(f"{name}: the text {text.get_text()!r} is too small")
