"""Words, and below each of them vectors, weights, and what they add up to."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from snippets.figures.style import (
    CONTEXT,
    FAINT,
    FILL,
    INK,
    VALUE,
    new_figure,
    strength,
)

CELL = 0.44  # a number's box, in units of a word's column
LABELS = 1.75  # the columns of row labels on the left, in the same unit


def written(number: float, digits: int) -> str:
    """Write a number, with a real minus, and none of zero."""
    return f"{number + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def listed(numbers: Tensor, digits: int) -> str:
    """Write numbers for a text alternative."""
    return ", ".join(written(n, digits) for n in numbers.tolist())


def draw_cells(
    axes: Axes,
    x: float,
    y: float,
    numbers: Tensor,
    colour: str,
    digits: int = 0,
) -> None:
    """Draw a vector as a row of boxes around the middle x."""
    values = numbers.reshape(-1).tolist()
    left = x - CELL * len(values) / 2
    for i, number in enumerate(values):
        axes.add_patch(
            Rectangle(
                (left + i * CELL, y - 0.26),
                CELL,
                0.52,
                facecolor="none",
                edgecolor=colour,
                linewidth=1.4,
            )
        )
        axes.text(
            left + (i + 0.5) * CELL,
            y,
            written(number, digits),
            ha="center",
            va="center",
        )


def draw_weight(axes: Axes, x: float, y: float, weight: float) -> None:
    """Draw a weight as a cell, the fuller the larger."""
    corner = (x - CELL, y - 0.26)
    for face, edge, alpha in (
        (FILL, "none", strength(weight)),
        ("none", FAINT, None),
    ):
        axes.add_patch(
            Rectangle(
                corner,
                2 * CELL,
                0.52,
                facecolor=face,
                edgecolor=edge,
                alpha=alpha,
                linewidth=0.8,
            )
        )
    axes.text(x, y, written(weight, 2), ha="center", va="center")


class Rows:
    """The words, and below them one row after the other."""

    def __init__(self, words: Sequence[str], height: float) -> None:
        """Begin a figure of so many rows, one of them 0.75 high."""
        self.figure = new_figure(0.35 + 0.42 * height)
        self.axes = self.figure.subplots()
        self.axes.set_xlim(-LABELS - 0.05, len(words) - 0.5)
        self.axes.set_ylim(0.75 * height - 0.1, -0.3)
        self.axes.set_axis_off()
        self.y = 0.0
        for j, word in enumerate(words):
            self.axes.text(j, 0, word, ha="center", va="center", weight="bold")

    def label(self, text: str, colour: str, down: float = 0.75) -> None:
        """Begin a row, so far below the one before, and name it."""
        self.y += down
        self.axes.text(
            -LABELS, self.y, text, ha="left", va="center", color=colour
        )

    def vectors(
        self,
        text: str,
        vectors: Sequence[Tensor],
        colour: str,
        *,
        named: str = INK,
        digits: int = 0,
    ) -> None:
        """Add a row with a vector for each word."""
        self.label(text, named)
        for j, vector in enumerate(vectors):
            draw_cells(self.axes, j, self.y, vector, colour, digits)

    def weights(self, text: str, weights: Tensor) -> None:
        """Add a row of weights."""
        self.label(text, INK)
        for j, weight in enumerate(weights.tolist()):
            draw_weight(self.axes, j, self.y, weight)

    def context(self, text: str, context: Tensor, weights: Tensor) -> None:
        """Add the context, and how each word's vector flows into it."""
        middle = (len(weights) - 1) / 2
        above = self.y + 0.3
        self.label(text, CONTEXT, down=1.15)
        draw_cells(self.axes, middle, self.y, context, CONTEXT, digits=2)
        for j, weight in enumerate(weights.tolist()):
            self.axes.plot(
                [j, middle],
                [above, self.y - 0.3],
                color=VALUE,
                linewidth=0.4 + 5 * weight,
                solid_capstyle="round",
            )
