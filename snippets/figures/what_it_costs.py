"""What It Costs: multiplications and bytes as inputs get longer."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from snippets.figures.style import (
    CRIMSON,
    FAINT,
    INK,
    OCHRE,
    SLATE,
    WEIGHT,
    new_figure,
)
from snippets.results.what_it_costs import LENGTHS, MIB, cost, sizes


def _logarithmic(axes: Axes, label: str) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_xticks(LENGTHS, [f"{length:,}" for length in LENGTHS])
    axes.set_xlim(LENGTHS[0] * 0.9, LENGTHS[-1] * 3.9)
    axes.set_xlabel("words, n")
    axes.set_ylabel(label)


def _line(
    axes: Axes, values: Sequence[float], name: str, colour: str, **options
) -> None:
    """Draw a line over LENGTHS with its name at its end."""
    shift = options.pop("shift", 1.0)
    axes.plot(
        LENGTHS, values, color=colour, marker="o", markersize=3, **options
    )
    axes.text(
        LENGTHS[-1] * 1.12, values[-1] * shift, name, color=colour, va="center"
    )


def operations() -> tuple[Figure, dict[str, str]]:
    """Multiplications against length, both on logarithmic scales. The
    projections of multi-head attention and its scores and sums are two
    straight lines, the second twice as steep; they cross at {crossing}
    words. Above both, their sum. Window and linear attention, without
    projections, are as flat as the projections and lower: for {longest}
    words {window} and {linear} times fewer multiplications than all pairs.
    """
    figure = new_figure(3.0)
    axes = figure.subplots()
    counted = {
        kind: [cost(kind, n).multiplications for n in LENGTHS]
        for kind in ("multi-head", "heads alone", "window", "linear")
    }
    pairs, whole = counted["heads alone"], counted["multi-head"]
    projections = [a - b for a, b in zip(whole, pairs, strict=True)]
    crossing = sizes()["crossing"]
    _line(axes, whole, "multi-head", WEIGHT, shift=1.5)
    _line(axes, pairs, "its pairs", OCHRE, linestyle=(0, (4, 2)))
    _line(axes, projections, "its projections", SLATE, linestyle=(0, (4, 2)))
    _line(axes, counted["window"], "window", CRIMSON)
    _line(axes, counted["linear"], "linear", INK)
    axes.axvline(crossing, color=FAINT, linewidth=0.8, zorder=0)
    _logarithmic(axes, "multiplications")
    return figure, {
        "crossing": f"{crossing:,}",
        "longest": f"{LENGTHS[-1]:,}",
        "window": f"{pairs[-1] / counted['window'][-1]:.0f}",
        "linear": f"{pairs[-1] / counted['linear'][-1]:.0f}",
    }


def memory() -> tuple[Figure, dict[str, str]]:
    """The most MiB at once against length, both on logarithmic scales.
    Additive attention is highest, {additive} MiB for {longest} words, then
    multi-head with {heads} and dot with {dot} MiB, all three equally steep.
    Tiles, {tiles} MiB, and linear attention, {linear} MiB, rise half as
    steeply at most.
    """
    figure = new_figure(3.0)
    axes = figure.subplots()
    counted = {
        kind: [cost(kind, n).peak / MIB for n in LENGTHS]
        for kind in ("additive", "multi-head", "dot", "tiles", "linear")
    }
    _line(axes, counted["additive"], "additive", OCHRE)
    _line(axes, counted["multi-head"], "multi-head", WEIGHT)
    _line(axes, counted["dot"], "dot", SLATE)
    _line(axes, counted["tiles"], "tiles", CRIMSON, shift=0.62)
    _line(axes, counted["linear"], "linear", INK, shift=1.5)
    _logarithmic(axes, "MiB at once")
    last = {kind: f"{values[-1]:,.0f}" for kind, values in counted.items()}
    return figure, {
        "longest": f"{LENGTHS[-1]:,}",
        "heads": last.pop("multi-head"),
        **last,
    }
