"""Self-attention: why the scores are scaled."""

from matplotlib.figure import Figure

from snippets.figures.style import KEY, WEIGHT, new_figure
from snippets.results.self_attention import SIZES, largest_weights


def scaling() -> tuple[Figure, dict[str, str]]:
    """Mean of the largest of 16 weights for vectors of 4 to 1024 numbers.
    With the scale it stays near {scaled}; without it climbs to {unscaled}.
    """
    largest = largest_weights()
    figure = new_figure(2.4)
    axes = figure.subplots()
    for name, colour in (("unscaled", KEY), ("scaled", WEIGHT)):
        axes.plot(SIZES, largest[name], color=colour, marker="o", markersize=4)
        axes.text(1250, largest[name][-1], name, color=colour, va="center")
    axes.set_xscale("log", base=2)
    axes.set_xticks(SIZES, [str(size) for size in SIZES])
    axes.set_xlim(3, 5000)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("numbers in a vector (head_dim)")
    axes.set_ylabel("largest weight")
    return figure, {
        "scaled": f"{largest['scaled'][-1]:.2f}",
        "unscaled": f"{largest['unscaled'][-1]:.2f}",
    }
