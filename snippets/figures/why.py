"""Why Do We Need Attention?: the bottleneck, drawn and measured."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from snippets.figures.style import (
    CONTEXT,
    FAINT,
    INK,
    KEY,
    OCHRE,
    QUERY,
    WEIGHT,
    arrow,
    new_figure,
)
from snippets.five_steps import SOURCE, example, five_steps
from snippets.results.influence import measured


def _box(axes: Axes, x: float, y: float, colour: str, filled: bool) -> None:
    axes.add_patch(
        Rectangle(
            (x - 0.25, y - 0.2),
            0.5,
            0.4,
            facecolor=colour if filled else "none",
            alpha=1.0 if filled else None,
            edgecolor=colour,
            linewidth=1.4,
        )
    )


def _encoder(axes: Axes, keep: bool) -> None:
    """Draw the words, one state for each, and the way from state to state."""
    last = len(SOURCE) - 1
    for j, word in enumerate(SOURCE):
        axes.text(j, -0.75, word, ha="center", va="center")
        arrow(axes, (j, -0.55), (j, -0.22), FAINT)
        _box(axes, j, 0, KEY if keep or j == last else FAINT, False)
        if j < last:
            arrow(axes, (j + 0.26, 0), (j + 0.74, 0), FAINT)


def bottleneck() -> Figure:
    """Two encoders over the words the, black, cat, slept. In the first, only
    the last state goes on to the decoder. In the second, every state has a
    line to the decoder, as wide as its attention weight.
    """
    figure = new_figure(3.9)
    above, below = figure.subplots(2, 1)
    _encoder(above, keep=False)
    arrow(above, (3.26, 0), (4.04, 0), KEY, 2.0)
    _box(above, 4.3, 0, QUERY, False)
    above.text(4.3, 0.3, "decoder", ha="center", color=QUERY)
    above.text(-0.3, 0.75, "one fixed-size vector", weight="bold")
    above.text(0, 0.3, "state", ha="center")
    above.text(1, 0.3, "new state", ha="center")

    _encoder(below, keep=True)
    weights = five_steps(*example()).weights.tolist()
    for j, weight in enumerate(weights):
        below.plot(
            [j, 4.0],
            [0.22, 0.95],
            color=CONTEXT,
            linewidth=0.5 + 4.5 * weight,
            solid_capstyle="round",
        )
    _box(below, 4.3, 0.95, QUERY, False)
    below.text(4.3, 1.25, "decoder", ha="center", color=QUERY)
    below.text(-0.3, 1.2, "attention", weight="bold")
    for axes, top in ((above, 1.05), (below, 1.6)):
        axes.set_xlim(-0.6, 4.9)
        axes.set_ylim(-1.0, top)
        axes.set_axis_off()
    return figure


def _band(axes: Axes, words: range, runs: Tensor, colour: str) -> None:
    low, high = runs.amin(dim=0).tolist(), runs.amax(dim=0).tolist()
    axes.fill_between(words, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(words, runs.mean(dim=0).tolist(), color=colour)


def influence() -> tuple[Figure, dict[str, str]]:
    """How strongly each of {count} words moves what the decoder sees, on a
    logarithmic scale. Through the fixed vector the influence falls steadily
    with the distance from the end, to {first} for the first word; through
    attention every word's influence is about the same as the last word's.
    """
    fixed, attended = measured()
    count = fixed.size(1)
    words = range(1, count + 1)
    figure = new_figure(2.8)
    axes = figure.subplots()
    _band(axes, words, fixed, OCHRE)
    _band(axes, words, attended, WEIGHT)
    axes.set_yscale("log")
    axes.set_ylim(1e-7, 60)
    axes.set_xlabel("position of the word in the sentence")
    axes.set_ylabel("influence")
    axes.text(1, 6, "through attention, weight 1", color=WEIGHT)
    axes.text(14.5, 2e-5, "through the fixed vector", color=OCHRE, va="top")
    axes.tick_params(which="minor", left=False)
    axes.axhline(1, color=INK, linewidth=0.6, linestyle=(0, (2, 3)))
    return figure, {
        "count": str(count),
        "first": f"{fixed[:, 0].mean():.0e}",
    }
