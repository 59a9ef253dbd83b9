"""How Attention Works: five figures, each adds a row to the one before."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from snippets.figures.style import (
    CONTEXT,
    FAINT,
    FILL,
    INK,
    KEY,
    QUERY,
    WEIGHT,
    new_figure,
)
from snippets.five_steps import SOURCE, TARGET, example, five_steps

STATE, OUTPUTS, LAYER = example()
STEPS = five_steps(STATE, OUTPUTS, LAYER)
CELL = 0.4  # a number's box, in units of a source word's column
LABELS = 1.7  # the columns of row labels on the left, in the same unit


def _cells(
    axes: Axes, x: float, y: float, numbers, colour: str, digits: int = 0
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
            f"{number:.{digits}f}",
            ha="center",
            va="center",
        )


def _label(axes: Axes, y: float, text: str, colour: str = INK) -> None:
    axes.text(-LABELS, y, text, ha="left", va="center", color=colour)


def _build(rows: int) -> Figure:
    """Draw the words, their encoder outputs and the first `rows` steps."""
    figure = new_figure(0.95 + 0.52 * rows + (0.1 if rows > 3 else 0))
    axes = figure.subplots()
    middle = (len(SOURCE) - 1) / 2
    for j, word in enumerate(SOURCE):
        axes.text(j, 0, word, ha="center", va="center", weight="bold")
        _cells(axes, j, 0.75, OUTPUTS[j], KEY)
        if rows >= 1:
            _cells(axes, j, 1.75, STEPS.compared[j], FAINT)
        if rows >= 2:
            _cells(axes, j, 2.65, STEPS.score[j], FAINT)
        if rows >= 3:
            _weight(axes, j, 3.55, STEPS.weights[j].item())
    _label(axes, 0.75, "encoder\noutputs", KEY)
    if rows >= 1:
        state = ", ".join(f"{number:.0f}" for number in STATE.tolist())
        _label(axes, 1.75, f"1 compare:\n× state ({state})", QUERY)
    if rows >= 2:
        _label(axes, 2.65, "2 score")
    if rows >= 3:
        _label(axes, 3.55, "3 softmax")
    if rows >= 4:
        _label(axes, 4.55, "4 context", CONTEXT)
        _cells(axes, middle, 4.55, STEPS.context, CONTEXT, digits=1)
        for j in range(len(SOURCE)):
            axes.plot(
                [j, middle],
                [3.85, 4.25],
                color=CONTEXT,
                linewidth=0.4 + 5 * STEPS.weights[j].item(),
                solid_capstyle="round",
            )
    axes.set_xlim(-LABELS - 0.05, len(SOURCE) - 0.5)
    axes.set_ylim([1.15, 2.15, 3.05, 3.95, 4.95][rows], -0.3)
    axes.set_axis_off()
    return figure


def _weight(axes: Axes, x: float, y: float, weight: float) -> None:
    axes.add_patch(
        Rectangle(
            (x - 0.42, y - 0.26),
            0.84,
            0.52,
            facecolor=FILL,
            alpha=weight,
            edgecolor="none",
        )
    )
    axes.text(
        x,
        y,
        f"{weight:.2f}",
        ha="center",
        va="center",
    )


def compare() -> Figure:
    """Four source words, the, black, cat and slept, each with its encoder
    output of two numbers. Below each stands its product with the decoder
    state (1, 1), number by number: (0, 0), (1, 0), (2, 1) and (0, 1).
    """
    return _build(1)


def score() -> Figure:
    """The figure before, with one more row: the two products of each word
    added up to its score. The scores are 0, 1, 3 and 1; cat has the largest.
    """
    return _build(2)


def softmax() -> tuple[Figure, dict[str, str]]:
    """The figure before, with one more row: the softmax of the four scores.
    The weights are {weights}; the fuller a cell's colour, the larger.
    """
    weights = ", ".join(f"{w:.2f}" for w in STEPS.weights.tolist())
    return _build(3), {"weights": weights}


def context() -> tuple[Figure, dict[str, str]]:
    """The figure before, with the context vector ({context}) at the bottom.
    A line runs to it from each word's weight, as wide as the weight is
    large: nearly all of the context comes from cat.
    """
    numbers = ", ".join(f"{c:.1f}" for c in STEPS.context.tolist())
    return _build(4), {"context": numbers}


def combine() -> tuple[Figure, dict[str, str]]:
    """The decoder state (1, 1) and the context vector, side by side, are the
    input of the output layer. Bars show the probability that it gives to
    each target word: {probabilities}.
    """
    figure = new_figure(2.7)
    top, bottom = figure.subplots(2, 1, height_ratios=(1, 2))
    _cells(top, -0.55, 0, STATE, QUERY, digits=1)
    _cells(top, 0.55, 0, STEPS.context, CONTEXT, digits=1)
    top.text(-0.55, -0.65, "decoder state", ha="center", color=QUERY)
    top.text(0.55, -0.65, "context", ha="center", color=CONTEXT)
    top.set_xlim(-1.9, 1.9)
    top.set_ylim(0.4, -1.1)
    top.set_axis_off()
    probabilities = STEPS.probabilities.tolist()
    bottom.bar(TARGET, probabilities, width=0.55, color=WEIGHT)
    for i, probability in enumerate(probabilities):
        bottom.text(i, probability + 0.03, f"{probability:.2f}", ha="center")
    bottom.set_ylim(0, 1.15)
    bottom.set_yticks([])
    bottom.set_ylabel("probability")
    bottom.tick_params(length=0)
    bottom.spines["left"].set_visible(False)
    shown = ", ".join(
        f"{word} {p:.2f}"
        for word, p in zip(TARGET, probabilities, strict=True)
    )
    return figure, {"probabilities": shown}
