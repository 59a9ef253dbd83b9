"""Exact Attention in Tiles: the running softmax, the tiles, the bytes."""

import math

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

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
from snippets.flash_attention import add_tile, reach
from snippets.results.flash_attention import LENGTHS, largest_by_length

SCORES = (0.4, 1.1, -0.6, 2.0, 1.2, 0.1, 1.6, 3.1, 0.7, 2.4)


def running() -> tuple[Figure, dict[str, str]]:
    """Two panels over {count} keys, read from left to right. Above: the
    scores as dots, and the maximum so far as a line that steps up at the
    keys {steps}. Below: the sum so far as bars. It grows with each key; at
    the keys {steps} it is first multiplied by {corrections}. It ends at
    {total}, the sum that three passes give.
    """
    maximum = torch.full((1, 1, 1, 1), -math.inf)
    state = maximum, torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1)
    maxima, totals, corrections = [], [], []
    for score in SCORES:
        before = state[0].item()
        one = torch.tensor(score).reshape(1, 1, 1, 1)
        state = add_tile(state, one, one)
        maxima.append(state[0].item())
        totals.append(state[1].item())
        corrections.append(math.exp(before - maxima[-1]))
    places = range(1, len(SCORES) + 1)
    steps = [j for j, c in zip(places, corrections, strict=True) if 0 < c < 1]

    figure = new_figure(2.8)
    above, below = figure.subplots(2, 1, sharex=True)
    above.step(places, maxima, where="mid", color=WEIGHT, linewidth=1.4)
    above.plot(places, SCORES, "o", color=INK, markersize=5)
    above.text(10.6, maxima[-1], "maximum\nso far", va="center", color=WEIGHT)
    above.text(10.6, SCORES[-1] - 1.2, "score", va="center")
    above.set_ylabel("score")
    below.bar(places, totals, color=WEIGHT, width=0.5)
    for j in steps:
        below.annotate(
            f"× {corrections[j - 1]:.2f}",
            (j, totals[j - 1]),
            (0, 3),
            textcoords="offset points",
            ha="center",
        )
    below.text(10.6, totals[-1], f"{totals[-1]:.2f}", va="center")
    below.set_ylim(0, max(totals) * 1.15)
    below.set_ylabel("sum so far")
    below.set_xlabel("key")
    below.set_xticks([*places])
    below.set_xlim(0.4, 12.6)
    figure.align_ylabels()
    return figure, {
        "count": str(len(SCORES)),
        "steps": ", ".join(map(str, steps)),
        "corrections": ", ".join(f"{corrections[j - 1]:.2f}" for j in steps),
        "total": f"{totals[-1]:.2f}",
    }


def order() -> tuple[Figure, dict[str, str]]:
    """Queries down, keys across, cut into {all} tiles. Causal order allows
    the lower left half. The {done} tiles there are numbered in the order in
    which they are computed, row by row; tiles on the diagonal are half
    masked, and the {left} tiles above it are left out.
    """
    block, count = 128, 4
    length = block * count
    figure = new_figure(2.5)
    axes = figure.subplots()
    number = 0
    for row in range(count):
        rows = slice(row * block, (row + 1) * block)
        low, high = reach(rows, length, True, 0, None)
        for column in range(count):
            done = low <= column * block < high
            if done:
                axes.add_patch(
                    Rectangle(
                        (column, row),
                        1,
                        1,
                        facecolor=FILL if column < row else "none",
                        edgecolor=FAINT,
                        linewidth=0.8,
                    )
                )
            if done and column == row:
                corners = [(column, row), (column, row + 1)]
                corners.append((column + 1, row + 1))
                axes.add_patch(Polygon(corners, facecolor=FILL))
            if done:
                number += 1
                axes.text(
                    column + (0.33 if column == row else 0.5),
                    row + (0.7 if column == row else 0.5),
                    str(number),
                    ha="center",
                    va="center",
                )
    axes.text(2.9, 0.9, "left out", ha="center", va="center")
    ticks = range(count + 1)
    axes.set_xticks(ticks, [str(tick * block) for tick in ticks])
    axes.set_yticks(ticks, [str(tick * block) for tick in ticks])
    axes.set_xlim(0, count + 0.02)
    axes.set_ylim(count + 0.02, 0)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("keys", color=KEY)
    axes.set_ylabel("queries", color=QUERY)
    axes.tick_params(length=0)
    axes.set_aspect("equal")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure, {
        "all": str(count**2),
        "done": str(number),
        "left": str(count**2 - number),
    }


def memory() -> tuple[Figure, dict[str, str]]:
    """Bytes of the largest tensor by length, both axes logarithmic. In one
    piece it is the scores: {whole_first} MiB at {first} words and {whole}
    MiB at {last}, four times as much for twice the words. In tiles, and in
    PyTorch's own kernel, it is the context: {tiles} MiB at {last} words,
    twice as much for twice the words.
    """
    found = largest_by_length()
    mib = 1024**2
    whole = [size / mib for size in found["one piece"]]
    tiles = [size / mib for size in found["tiles"]]
    fused = [size / mib for size in found["PyTorch"]]
    figure = new_figure(2.4)
    axes = figure.subplots()
    axes.plot(LENGTHS, whole, color=WEIGHT, marker="o", markersize=4)
    axes.plot(LENGTHS, tiles, color=CONTEXT, marker="o", markersize=4)
    axes.plot(
        LENGTHS,
        fused,
        color=INK,
        linewidth=0,
        marker="o",
        markersize=9,
        markerfacecolor="none",
    )
    axes.text(900, 60, "in one piece: the scores", color=WEIGHT, ha="right")
    axes.text(
        4300, 1.6, "in tiles: the context", color=CONTEXT, ha="right", va="top"
    )
    axes.text(4300, 0.75, "○ PyTorch's kernel", ha="right", va="top")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(LENGTHS, [f"{length:,}" for length in LENGTHS])
    ticks = (0.5, 2, 8, 32, 128, 512)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel("words")
    axes.set_ylabel("largest tensor, MiB")
    axes.minorticks_off()
    return figure, {
        "whole_first": f"{whole[0]:.0f}",
        "first": f"{LENGTHS[0]}",
        "whole": f"{whole[-1]:.0f}",
        "tiles": f"{tiles[-1]:.0f}",
        "last": f"{LENGTHS[-1]:,}",
    }
