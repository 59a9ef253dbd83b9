"""One look for every figure: sizes, colours, and the parts they share.

Figures are drawn in stand-in colours. Where a figure enters a page, each
becomes a variable of the page's style sheet, so that one drawing serves the
light and the dark scheme.
"""

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

INK = "#010101"
FAINT = "#020202"
PAPER = "#fefefe"
QUERY = "#0072b2"
KEY = "#d55e00"
VALUE = "#009e73"
CONTEXT = "#cc79a7"
WEIGHT = "#3355bb"
# Of methods that are compared: no part of attention has these.
OCHRE = "#a67c00"
SLATE = "#556677"
CRIMSON = "#bb1133"
FILL = "#7799ff"  # a cell of weight 1: ink on it stays legible
CSS_COLOURS = {
    INK: "currentColor",
    FAINT: "var(--faint)",
    PAPER: "var(--paper)",
    QUERY: "var(--query)",
    KEY: "var(--key)",
    VALUE: "var(--value)",
    CONTEXT: "var(--context)",
    WEIGHT: "var(--weight)",
    FILL: "var(--fill)",
    OCHRE: "var(--ochre)",
    SLATE: "var(--slate)",
    CRIMSON: "var(--crimson)",
}

WIDTH = 4.4  # inches: as wide as a phone's screen, so that text stays legible
TEXT = 9  # points

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": TEXT,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "lines.linewidth": 1.8,
    "figure.dpi": 72,
    "savefig.transparent": True,
}


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure in the site's style, sizes in inches."""
    matplotlib.rcParams.update(STYLE)
    return Figure(figsize=(width, height), layout="constrained")


def strength(share: float) -> float:
    """Return how full a share of 1 is drawn: small ones fuller than they are,
    or they would be lost on a dark page.
    """
    return max(0.0, min(1.0, share)) ** 0.7


def shades(
    shares: Sequence[Sequence[float]],
) -> list[list[tuple[float, float, float, float]]]:
    """Return a colour for each share of 1, the fuller the larger.

    Raises ValueError for what is no share; rounding may exceed 1 by a little.
    """
    if not all(-1e-5 < share < 1 + 1e-5 for row in shares for share in row):
        raise ValueError("shares must be numbers from 0 to 1")
    red, green, blue = (int(FILL[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [
        [(red, green, blue, strength(share)) for share in row]
        for row in shares
    ]


def heat_map(
    axes: Axes,
    weights: Sequence[Sequence[float]],
    rows: Sequence[str],
    columns: Sequence[str],
    numbers: bool = True,
) -> None:
    """Draw weights between 0 and 1 as a grid: one row a target position.

    The ramp runs from the ground of the page to one colour, so it reads the
    same on light and dark and in grey; the number stands in each cell.
    Raises ValueError for a weight that is no number between 0 and 1.
    """
    axes.pcolormesh(
        [*range(len(columns) + 1)],
        [*range(len(rows) + 1)],
        shades(weights),
        edgecolors=FAINT,
        linewidth=0.5,
    )
    if numbers:
        for i, row in enumerate(weights):
            for j, weight in enumerate(row):
                axes.text(
                    j + 0.5,
                    i + 0.5,
                    f"{weight:.2f}",
                    ha="center",
                    va="center",
                )
    axes.set_xticks([j + 0.5 for j in range(len(columns))], columns)
    axes.set_yticks([i + 0.5 for i in range(len(rows))], rows)
    axes.xaxis.tick_top()
    axes.invert_yaxis()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def outline(axes: Axes, row: int, column: int) -> None:
    """Outline a cell of a heat map: where the weight should be."""
    axes.add_patch(
        Rectangle(
            (column + 0.05, row + 0.05),
            0.9,
            0.9,
            fill=False,
            edgecolor=INK,
            linewidth=1.8,
        )
    )


def arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    width: float = 1.0,
    head: float = 8,
) -> None:
    """Draw an arrow that begins and ends where it is told to."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=head,
            color=colour,
            linewidth=width,
            shrinkA=0,
            shrinkB=0,
        )
    )


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Return the heights of labels, moved until none touches another."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = [heights[i] for i in order]
    for _ in range(100):
        for i in range(len(placed) - 1):
            close = gap - (placed[i + 1] - placed[i])
            if close > 0:
                placed[i] -= close / 2
                placed[i + 1] += close / 2
    return [placed[order.index(i)] for i in range(len(heights))]
