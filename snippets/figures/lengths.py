"""Exact match by length of the number, and the range of other starts."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from snippets.claims import record
from snippets.translator.number_words import LENGTH_BINS

BINS = [f"{low}–{high}" for low, high in LENGTH_BINS]


def shares(run: dict) -> list[float]:
    """Return the exact match of each length, in percent."""
    return [100 * run["by_length"][key] for key in LENGTH_BINS]


def others(name: str, model: str) -> list[tuple[float, float]]:
    """Return from where to where it goes in the record, in percent."""
    spans = [
        record.span(name, f"{model}, {low} to {high}")
        for low, high in LENGTH_BINS
    ]
    return [(100 * low, 100 * high) for low, high in spans]


def draw(
    axes: Axes,
    run: dict,
    colour: str,
    spans: Sequence[tuple[float, float]] = (),
) -> None:
    """Draw the shares as a line, and a band behind it from low to high."""
    places = range(len(BINS))
    axes.plot(places, shares(run), color=colour, marker="o", markersize=4)
    if spans:
        low, high = zip(*spans, strict=True)
        axes.fill_between(
            places, low, high, color=colour, alpha=0.25, linewidth=0
        )


def label_axes(axes: Axes) -> None:
    """Name the lengths and the shares."""
    axes.set_xticks(range(len(BINS)), BINS)
    axes.set_xlabel("English words in the number")
    axes.set_ylabel("exact match, %")
    axes.set_ylim(-4, 109)


def listed(shares: Sequence[float]) -> str:
    """Write shares for a text alternative."""
    return ", ".join(f"{share:.0f}" for share in shares)
