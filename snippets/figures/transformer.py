"""The Transformer: its norms, its accuracy."""

from matplotlib.figure import Figure

from snippets.figures import lengths
from snippets.figures.style import OCHRE, WEIGHT, new_figure
from snippets.results.transformer import (
    BLOCKS,
    RECORDED,
    run,
    untrained,
)


def norms() -> tuple[Figure, dict[str, str]]:
    """Size of the numbers after each of 12 untrained blocks. With the norm
    before the sub-layers it grows from 1 to {before}; with the norm after
    each sum it stays at {after}.
    """
    figure = new_figure(2.4)
    axes = figure.subplots()
    ends = {}
    for name, norm_first, colour in (
        ("pre-norm", True, WEIGHT),
        ("post-norm", False, OCHRE),
    ):
        stream = untrained(norm_first)
        axes.plot(stream, color=colour, marker="o", markersize=4)
        axes.text(BLOCKS + 0.3, stream[-1], name, color=colour, va="center")
        ends[name] = stream[-1]
    axes.set_xticks([0, 3, 6, 9, 12])
    axes.set_xlim(-0.3, BLOCKS + 3.6)
    axes.set_ylim(0, 1.12 * max(ends.values()))
    axes.set_xlabel("blocks passed")
    axes.set_ylabel("size of the numbers")
    return figure, {
        "before": f"{ends['pre-norm']:.1f}",
        "after": f"{ends['post-norm']:.1f}",
    }


def accuracy() -> tuple[Figure, dict[str, str]]:
    """Exact match by length of the number, six bins from 1 to 30 words.
    Transformer: {transformer} percent. GRU with attention: {gru} percent.
    """
    figure = new_figure(2.6)
    axes = figure.subplots()
    shown = {}
    for kind, colour in (("GRU", OCHRE), ("Transformer", WEIGHT)):
        lengths.draw(axes, run(kind), colour, lengths.others(RECORDED, kind))
        shown[kind] = lengths.shares(run(kind))
    last = len(lengths.BINS) - 1
    gru, own = shown["GRU"], shown["Transformer"]
    axes.text(last, gru[-1] + 4, "GRU", color=OCHRE, ha="center")
    axes.text(
        last, own[-1] - 5, "Transformer", color=WEIGHT, ha="right", va="top"
    )
    lengths.label_axes(axes)
    return figure, {
        "transformer": lengths.listed(own),
        "gru": lengths.listed(gru),
    }
