"""The Transformer: its norms, its residual stream, its accuracy."""

from matplotlib.figure import Figure

from snippets.figures.style import CONTEXT, FAINT, KEY, WEIGHT, new_figure
from snippets.number_words import LENGTH_BINS
from snippets.results.transformer import (
    BLOCKS,
    additions,
    runs,
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
        ("post-norm", False, KEY),
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


def stream() -> tuple[Figure, dict[str, str]]:
    """The trained Transformer, one bar a sub-layer from top to bottom: how
    large what it adds is, and how large the sum is then. The sums: {sums}.
    The additions: {changes}.
    """
    rows = additions()
    figure = new_figure(0.5 + 0.29 * len(rows))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        axes.barh(place, row["change"], height=0.62, color=CONTEXT)
        axes.plot([row["sum"]] * 2, [place - 0.4, place + 0.4], color=WEIGHT)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("size of the numbers")
    largest = max(max(row["sum"], row["change"]) for row in rows)
    axes.set_xlim(0, 1.3 * largest)
    first, second = rows[0]["sum"], rows[1]["change"]
    axes.text(first + 0.1, 0, "the sum then", color=WEIGHT, va="center")
    axes.text(second + 0.06, 1, "added", color=CONTEXT, va="center")
    for place in range(len(rows)):
        axes.axhline(place + 0.5, color=FAINT, linewidth=0.4)
    return figure, {
        "sums": ", ".join(f"{row['sum']:.1f}" for row in rows),
        "changes": ", ".join(f"{row['change']:.1f}" for row in rows),
    }


def accuracy() -> tuple[Figure, dict[str, str]]:
    """Exact match by length of the number, six bins from 1 to 30 words, three
    runs each. Transformer: {transformer} percent in the mean. GRU with
    attention: {gru} percent.
    """
    figure = new_figure(2.6)
    axes = figure.subplots()
    shown = {}
    places = range(len(LENGTH_BINS))
    for kind, colour in (("GRU", KEY), ("Transformer", WEIGHT)):
        shares = [
            [100 * run["by_length"][key] for key in LENGTH_BINS]
            for run in runs(kind)
        ]
        columns = [*zip(*shares, strict=True)]
        means = [sum(column) / len(column) for column in columns]
        low, high = map(min, columns), map(max, columns)
        axes.fill_between(
            places, [*low], [*high], color=colour, alpha=0.25, linewidth=0
        )
        axes.plot(places, means, color=colour, marker="o", markersize=4)
        shown[kind] = means
    axes.set_xticks(places, [f"{low}–{high}" for low, high in LENGTH_BINS])
    last = places[-1]
    gru, own = shown["GRU"], shown["Transformer"]
    axes.text(last, gru[-1] - 1.2, "GRU", color=KEY, ha="center", va="top")
    axes.text(last - 0.25, own[-1], "Transformer", color=WEIGHT, ha="right")
    axes.set_xlabel("English words in the number")
    axes.set_ylabel("exact match, %")
    return figure, {
        "transformer": ", ".join(f"{m:.0f}" for m in shown["Transformer"]),
        "gru": ", ".join(f"{m:.0f}" for m in shown["GRU"]),
    }
