"""How Attention Works: five figures, each adds a row, and the next word."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from snippets.figures.style import (
    CONTEXT,
    FAINT,
    FILL,
    INK,
    KEY,
    QUERY,
    VALUE,
    WEIGHT,
    new_figure,
)
from snippets.five_steps import (
    SOURCE,
    TARGET,
    example,
    five_steps,
    next_state,
)

STATE, OUTPUTS, LAYER = example()
STEPS = five_steps(STATE, OUTPUTS, LAYER)
CELL = 0.44  # a number's box, in units of a source word's column
LABELS = 1.75  # the columns of row labels on the left, in the same unit


def _number(number: float, digits: int) -> str:
    return f"{number + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _cells(
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
            _number(number, digits),
            ha="center",
            va="center",
        )


def _weight(axes: Axes, x: float, y: float, weight: float) -> None:
    """Draw a weight as a cell, the fuller the larger."""
    corner = (x - CELL, y - 0.26)
    for face, edge, alpha in ((FILL, "none", weight), ("none", FAINT, None)):
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
    axes.text(x, y, _number(weight, 2), ha="center", va="center")


def _label(axes: Axes, y: float, text: str, colour: str = INK) -> None:
    axes.text(-LABELS, y, text, ha="left", va="center", color=colour)


class Rows:
    """The words, and below them one row after the other."""

    def __init__(self, height: float) -> None:
        """Begin a figure of so many rows, one of them 0.75 high."""
        self.figure = new_figure(0.35 + 0.42 * height)
        self.axes = self.figure.subplots()
        self.axes.set_xlim(-LABELS - 0.05, len(SOURCE) - 0.5)
        self.axes.set_ylim(0.75 * height - 0.1, -0.3)
        self.axes.set_axis_off()
        self.y = 0.0
        for j, word in enumerate(SOURCE):
            self.axes.text(j, 0, word, ha="center", va="center", weight="bold")

    def label(self, text: str, colour: str, down: float = 0.75) -> None:
        """Begin a row, so far below the one before, and name it."""
        self.y += down
        _label(self.axes, self.y, text, colour)

    def cells(
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
            _cells(self.axes, j, self.y, vector, colour, digits)

    def weights(self) -> None:
        """Add the row of the weights."""
        self.label("3 softmax", INK)
        for j, weight in enumerate(STEPS.weights.tolist()):
            _weight(self.axes, j, self.y, weight)

    def context(self) -> None:
        """Add the context, and how each word's vector flows into it."""
        middle = (len(SOURCE) - 1) / 2
        above = self.y + 0.3
        self.label("4 context", CONTEXT, down=1.15)
        _cells(self.axes, middle, self.y, STEPS.context, CONTEXT, digits=2)
        for j, weight in enumerate(STEPS.weights.tolist()):
            self.axes.plot(
                [j, middle],
                [above, self.y - 0.3],
                color=VALUE,
                linewidth=0.4 + 5 * weight,
                solid_capstyle="round",
            )


def compare() -> Figure:
    """Four source words, the, black, cat and slept, each with its encoder
    output of two numbers. Below each stands the same decoder state (2, −1),
    and below that the products, number by number: (0, 0), (2, 0), (4, −1)
    and (2, −2).
    """
    rows = Rows(4)
    rows.cells("encoder\noutput", [*OUTPUTS], KEY, named=KEY)
    states = [STATE] * len(SOURCE)
    rows.cells("× decoder\nstate", states, QUERY, named=QUERY)
    rows.cells("1 compare", [*STEPS.compared], FAINT)
    return rows.figure


def score() -> Figure:
    """The products of each word, and below them their sum, the word's score.
    The scores are 0, 2, 3 and 0; cat has the largest.
    """
    rows = Rows(3)
    rows.cells("1 compare", [*STEPS.compared], FAINT)
    rows.cells("2 score", [*STEPS.score], FAINT)
    return rows.figure


def softmax() -> tuple[Figure, dict[str, str]]:
    """The four scores, and below them their softmax. The weights are
    {weights}; the fuller a cell's colour, the larger.
    """
    rows = Rows(3)
    rows.cells("2 score", [*STEPS.score], FAINT)
    rows.weights()
    weights = ", ".join(f"{w:.2f}" for w in STEPS.weights.tolist())
    return rows.figure, {"weights": weights}


def context() -> tuple[Figure, dict[str, str]]:
    """Each word's weight, and below it the encoder output, now a value. The
    two multiplied are the word's share. A line runs from there to the context
    vector ({context}), as wide as the weight is large: most of it comes from
    cat.
    """
    rows = Rows(5.5)
    rows.weights()
    rows.cells("× encoder\noutput", [*OUTPUTS], VALUE, named=VALUE)
    given = [w * h for w, h in zip(STEPS.weights, OUTPUTS, strict=True)]
    rows.cells("= share", given, VALUE, digits=2)
    rows.context()
    numbers = ", ".join(f"{c:.2f}" for c in STEPS.context.tolist())
    return rows.figure, {"context": numbers}


def combine() -> tuple[Figure, dict[str, str]]:
    """The decoder state (2, −1) and the context vector, side by side, are the
    input of the output layer. It gives each target word a number, its logit:
    {logits}. Bars show the probability that the softmax makes of it:
    {probabilities}.
    """
    figure = new_figure(3.1)
    top, bottom = figure.subplots(2, 1, height_ratios=(1, 2))
    _cells(top, -0.6, 0, STATE, QUERY)
    _cells(top, 0.6, 0, STEPS.context, CONTEXT, digits=2)
    top.text(-0.6, -0.65, "decoder state", ha="center", color=QUERY)
    top.text(0.6, -0.65, "context", ha="center", color=CONTEXT)
    top.set_xlim(-1.9, 1.9)
    top.set_ylim(0.4, -1.1)
    top.set_axis_off()
    probabilities = STEPS.probabilities.tolist()
    logits = [_number(logit, 2) for logit in STEPS.logits.tolist()]
    labels = [
        f"{word}\n{logit}" for word, logit in zip(TARGET, logits, strict=True)
    ]
    bottom.bar(labels, probabilities, width=0.55, color=WEIGHT)
    for i, probability in enumerate(probabilities):
        bottom.text(i, probability + 0.03, f"{probability:.2f}", ha="center")
    bottom.set_ylim(0, 1.15)
    bottom.set_yticks([])
    bottom.set_xlabel("word and its logit")
    bottom.set_ylabel("probability")
    bottom.tick_params(length=0)
    bottom.spines["left"].set_visible(False)

    def listed(numbers: list[str]) -> str:
        pairs = zip(TARGET, numbers, strict=True)
        return ", ".join(f"{word} {number}" for word, number in pairs)

    return figure, {
        "logits": listed(logits),
        "probabilities": listed([f"{p:.2f}" for p in probabilities]),
    }


def again() -> tuple[Figure, dict[str, str]]:
    """Two words, one after the other. With the state (2, −1) the weights of
    the, black, cat and slept are {first}, and the next word is {word}. With
    the state (−1, 2) they are {second}, and the next word is {next}.
    """
    figure = new_figure(1.75)
    axes = figure.subplots()
    said = {}
    for j, word in enumerate(SOURCE):
        axes.text(j, 0, word, ha="center", va="center", weight="bold")
    states = {"first": STATE, "second": next_state()}
    for row, (name, state) in enumerate(states.items()):
        y = 1.0 + 1.3 * row
        steps = five_steps(state, OUTPUTS, LAYER)
        place = int(steps.probabilities.argmax())
        written = " ".join(TARGET[:place])
        _cells(axes, -1.2, y, state, QUERY)
        axes.text(
            -1.2, y + 0.6, written, ha="center", va="center", color=FAINT
        )
        for j, weight in enumerate(steps.weights.tolist()):
            _weight(axes, j, y, weight)
        axes.text(3.62, y, f"→ {TARGET[place]}", ha="left", va="center")
        said[name] = ", ".join(f"{w:.2f}" for w in steps.weights.tolist())
        said["word" if row == 0 else "next"] = TARGET[place]
    axes.text(-1.2, 0, "decoder state", ha="center", va="center", color=QUERY)
    axes.set_xlim(-2.5, 5.1)
    axes.set_ylim(3.2, -0.35)
    axes.set_axis_off()
    return figure, said
