"""Decoding with a KV Cache: what is done again, and what it costs."""

import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from snippets.attention import attention
from snippets.figures.style import (
    FAINT,
    KEY,
    OCHRE,
    WEIGHT,
    heat_map,
    new_figure,
)
from snippets.results.decoding import LAST, multiplications

STEPS = 5


def _square(axes: Axes, x: float, y: float, colour: str, fill: bool) -> None:
    axes.add_patch(
        Rectangle(
            (x + 0.12, y + 0.12),
            0.76,
            0.76,
            facecolor=colour if fill else "none",
            edgecolor=colour if fill else FAINT,
            linewidth=1.0,
        )
    )


def repeated() -> tuple[Figure, dict[str, str]]:
    """Two triangles of squares: a row for each of {steps} steps, a column for
    each position. Without a cache every square is filled: {again} keys and
    values are computed. With a cache only the last square of each row is
    filled, {once} in all; the others are outlines, read from the cache.
    """
    figure = new_figure(2.3)
    left, right = figure.subplots(1, 2)
    computed = {"without": 0, "with": 0}
    for axes, name in ((left, "without"), (right, "with")):
        for step in range(STEPS):
            for position in range(step + 1):
                new = position == step or name == "without"
                _square(axes, position, step, KEY, new)
                computed[name] += new
        axes.set_xlim(0, STEPS)
        axes.set_ylim(STEPS, 0)
        axes.set_aspect("equal")
        ticks = [i + 0.5 for i in range(STEPS)]
        names = [str(i + 1) for i in range(STEPS)]
        axes.set_xticks(ticks, names)
        axes.set_yticks(ticks, names)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.tick_params(length=0)
        axes.set_xlabel("position")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(f"{name} a cache", y=-0.16)
    left.set_ylabel("step")
    return figure, {
        "steps": str(STEPS),
        "again": str(computed["without"]),
        "once": str(computed["with"]),
    }


def alignment() -> tuple[Figure, dict[str, str]]:
    """Weights of two queries, at positions 4 and 5, over five keys. Above,
    PyTorch's is_causal: query 4 has all its weight on key 1, query 5 on keys
    1 and 2. Below, with the offset: query 4 attends to keys 1 to 4, query 5
    to all five, and the last key gets {last} of it.
    """
    generator = torch.Generator().manual_seed(5)
    query = torch.randn(1, 1, 2, 8, generator=generator)
    key = torch.randn(1, 1, 5, 8, generator=generator)
    # Values that are unit vectors make the context show the weights.
    values = torch.eye(5).view(1, 1, 5, 5)
    built_in = F.scaled_dot_product_attention(
        query, key, values, is_causal=True
    )
    _, weights = attention(query, key, values, is_causal=True, offset=3)
    figure = new_figure(2.8)
    above, below = figure.subplots(2, 1)
    for axes, shown, title in (
        (above, built_in, "PyTorch's is_causal=True"),
        (below, weights, "is_causal=True, offset=3"),
    ):
        keys = [f"key {j + 1}" for j in range(5)]
        queries = ["query 4", "query 5"]
        heat_map(axes, shown[0, 0].tolist(), queries, keys)
        axes.set_title(title, loc="left", pad=9, fontweight="bold")
    return figure, {"last": f"{weights[0, 0, 1, 4]:.2f}"}


def cost() -> tuple[Figure, dict[str, str]]:
    """The multiplications of one step on a logarithmic scale, over the
    position that it writes: without a cache they climb to {without} at
    position {last}, with one they stay near the {first} of the first
    position and end at {with}.
    """
    positions = [1, *range(32, LAST + 1, 32)]
    figure = new_figure(2.5)
    axes = figure.subplots()
    ends = {}
    for name, cached, colour in (
        ("without a cache", False, OCHRE),
        ("with a cache", True, WEIGHT),
    ):
        counts = [multiplications(position, cached) for position in positions]
        axes.plot(positions, counts, color=colour)
        ends[name] = counts[-1]
        axes.text(
            LAST / 2,
            counts[len(counts) // 2] * (0.25 if not cached else 2.5),
            name,
            color=colour,
            va="center",
        )
    axes.set_yscale("log")
    axes.set_ylim(5e5, 5e9)
    axes.tick_params(which="minor", left=False)
    axes.set_ylabel("multiplications")
    axes.set_xlabel("position that is written")
    axes.set_xticks([0, 256, 512, 768, 1024])
    return figure, {
        "without": f"{ends['without a cache']:,}",
        "with": f"{ends['with a cache']:,}",
        "first": f"{multiplications(1, True):,}",
        "last": f"{LAST:,}",
    }
