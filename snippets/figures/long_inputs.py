"""Long Inputs: bands, reach, recall, sinks and soft caps."""

import torch
from matplotlib.figure import Figure

from snippets.attention import attention
from snippets.figures.style import (
    FAINT,
    INK,
    KEY,
    OCHRE,
    QUERY,
    WEIGHT,
    heat_map,
    new_figure,
)
from snippets.long_inputs import window_with_sinks
from snippets.results import long_inputs as results
from snippets.tasks.window_recall import FACTS

DASHED = (0, (3, 3))


def bands() -> tuple[Figure, dict[str, str]]:
    """Three grids of {length} queries by {length} keys, filled where a query
    may attend to a key. Causal: the lower left half, {causal} cells. Window: a
    band of {left} earlier keys and the own one along the diagonal, {window}
    cells. Window and sink: the band, and the first column beside it, {sink}
    cells.
    """
    length, left = 12, 3
    ones = torch.ones(1, 1, length, 1)
    allowed = []
    for settings in (
        dict(is_causal=True),
        dict(is_causal=True, window=(left, 0)),
        dict(mask=window_with_sinks(length, length, left=left, sinks=1)),
    ):
        _, weights = attention(ones, ones, ones, **settings)
        allowed.append(weights[0, 0] > 0)
    figure = new_figure(1.9)
    titles = ("causal", "window", "window and sink")
    for axes, cells, title in zip(
        figure.subplots(1, 3, sharey=True), allowed, titles, strict=True
    ):
        none = [""] * length
        heat_map(axes, cells.float().tolist(), none, none, numbers=False)
        axes.set_aspect("equal")
        axes.set_title(title)
        axes.set_xlabel("keys", color=KEY)
        axes.xaxis.set_label_position("bottom")
        if title == "causal":
            axes.set_ylabel("queries", color=QUERY)
        axes.set_xlim(0, length)
        axes.set_ylim(length, 0)
    counts = [str(int(cells.sum())) for cells in allowed]
    return figure, {
        "length": str(length),
        "left": str(left),
        **dict(zip(("causal", "window", "sink"), counts, strict=True)),
    }


def reach() -> tuple[Figure, dict[str, str]]:
    """One row each for 1, 2 and 3 layers with a window of {left} earlier
    words. A cell is filled where the word moves the output at the last word.
    The filled part ends exactly {ends} words back.
    """
    left, length = results.READERS_LEFT, 16
    rows = [results.reach(layers, left, length) for layers in (1, 2, 3)]
    # Influences fall fast with distance: a root makes the small ones visible.
    cells = [(row / row.max()).pow(0.25) * 0.9 for row in rows]
    figure = new_figure(1.7)
    axes = figure.subplots()
    heat_map(
        axes,
        [row.tolist() for row in cells],
        ["1 layer", "2 layers", "3 layers"],
        [str(length - 1 - j) for j in range(length)],
        numbers=False,
    )
    axes.set_xlabel("words before the last one", labelpad=6)
    axes.xaxis.set_label_position("top")
    ends = []
    for i, row in enumerate(rows):
        first = int((row > 0).nonzero()[0])
        ends.append(str(length - 1 - first))
        axes.plot([first, first], [i, i + 1], color=OCHRE, linewidth=2.2)
    return figure, {"left": str(left), "ends": ", ".join(ends)}


def _reaches(curve: list[float]) -> int:
    """Return the farthest distance where more than half are right."""
    return max(i for i, share in enumerate(curve, 1) if share > 0.5)


def recall() -> tuple[Figure, dict[str, str]]:
    """How often the fact is named, by its distance from the question. Two
    layers that attend to all words are right at every distance, {full_least}
    at the least. With a window of {left}, two layers are right up to {two}
    words back and three layers up to {three}; one word farther both are at
    the level of guessing, {chance}.
    """
    left = results.READERS_LEFT
    colours = (INK, WEIGHT, OCHRE)
    figure = new_figure(2.7)
    axes = figure.subplots()
    curves = [results.recall(name) for name in results.READERS]
    for curve, colour in zip(curves, colours, strict=True):
        axes.plot(
            range(1, len(curve) + 1),
            curve,
            color=colour,
            marker="o",
            markersize=4,
        )
    axes.axhline(1 / FACTS, color=FAINT, linewidth=0.8, linestyle=DASHED)
    axes.text(1, 1 / FACTS + 0.03, "guessing")
    axes.text(19, 0.93, "all words", color=INK, ha="right", va="top")
    axes.text(
        2 * left - 0.2, 0.6, "window,\n2 layers", color=WEIGHT, ha="right"
    )
    axes.text(3 * left + 0.9, 0.6, "window,\n3 layers", color=OCHRE)
    axes.set_xticks([1, 4, 8, 12, 16, 19])
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    axes.set_xlabel("words from the question back to the fact")
    axes.set_ylabel("right answers")
    return figure, {
        "full_least": f"{min(curves[0]):.0%}",
        "left": str(left),
        "two": str(_reaches(curves[1])),
        "three": str(_reaches(curves[2])),
        "chance": f"{1 / FACTS:.0%}",
    }


def stream() -> tuple[Figure, dict[str, str]]:
    """Mean squared error for names that are not in the list, by its length.
    At {first} names the window still holds the start, and the error is
    {before}. From {second} names on it does not, and the error is {after}.
    With the first key kept it stays at {kept}. A model trained without a
    first key stays at {none}.
    """
    found = results.stream()
    lengths = [*results.STREAM]
    window = found["window"]
    kept = found["window and first key"]
    none = found["trained without a first key"]
    figure = new_figure(2.7)
    axes = figure.subplots()
    for curve, colour in ((window, OCHRE), (none, INK), (kept, WEIGHT)):
        axes.plot(lengths, curve, color=colour, marker="o", markersize=4)
    end = lengths[-1]
    axes.text(end, window[-1] + 0.006, "window", color=OCHRE, ha="right")
    axes.text(end, none[-1] + 0.006, "trained without a first key", ha="right")
    axes.text(
        end, kept[-1] + 0.006, "window and first key", color=WEIGHT, ha="right"
    )
    axes.set_ylim(0, 0.135)
    axes.set_xticks(lengths[::2])
    axes.set_xlabel("names in the list")
    axes.set_ylabel("error, name not there")
    return figure, {
        "first": str(lengths[0]),
        "second": str(lengths[1]),
        "before": f"{window[0]:.3f}",
        "after": f"{window[1]:.3f}",
        "kept": f"{kept[-1]:.3f}",
        "none": f"{none[-1]:.3f}",
    }


def softcap() -> tuple[Figure, dict[str, str]]:
    """Two panels over scores from −20 to 20, with a cap of {cap}. Left: the
    score after the cap follows the dashed diagonal near 0 and bends until it
    runs along plus or minus {cap}. Right: its slope is 1 at a score of 0,
    {at_cap} at {cap} and {at_end} at 20.
    """
    cap = 5.0
    score = torch.linspace(-20, 20, 161, requires_grad=True)
    capped = cap * torch.tanh(score / cap)
    (slope,) = torch.autograd.grad(capped.sum(), score)
    before, after = score.detach().tolist(), capped.detach().tolist()
    figure = new_figure(2.0)
    left, right = figure.subplots(1, 2)
    left.plot([-8, 8], [-8, 8], color=FAINT, linewidth=0.8, linestyle=DASHED)
    for level in (-cap, cap):
        left.axhline(level, color=FAINT, linewidth=0.8)
    left.plot(before, after, color=WEIGHT)
    left.set_yticks([-5, 0, 5], ["−5", "0", "5"])
    left.set_ylabel("score after")
    right.plot(before, slope.tolist(), color=WEIGHT)
    right.set_ylabel("slope")
    right.set_yticks([0, 0.5, 1])
    for axes in (left, right):
        axes.set_xlabel("score before")
        axes.set_xticks([-20, 0, 20], ["−20", "0", "20"])
    at = {20 * 4: 0.0, 100: cap, 160: 20.0}
    for index, wanted in at.items():
        assert before[index] == wanted
    return figure, {
        "cap": f"{cap:.0f}",
        "at_cap": f"{slope[100]:.2f}",
        "at_end": f"{slope[160]:.4f}",
    }
