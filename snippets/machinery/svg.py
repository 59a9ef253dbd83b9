"""A matplotlib figure as SVG: checked for legibility, the same bytes."""

import io
from collections.abc import Iterator

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from snippets.figures.style import CSS_COLOURS
from snippets.machinery.inline_svg import adapt

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
    unseen = set(hidden_labels(figure))
    for text in figure.findobj(Text):
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
            raise ValueError(
                f"{name}: the text {text.get_text()!r} is clipped"
            )
        pixels = text.get_fontsize() * figure.dpi / 72
        if pixels < SMALLEST_TEXT * width:
            raise ValueError(
                f"{name}: the text {text.get_text()!r} is too small"
            )


def hidden_labels(figure: Figure) -> Iterator[Text]:
    """Yield the labels of ticks beyond an axis' ends: made, never drawn."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)
