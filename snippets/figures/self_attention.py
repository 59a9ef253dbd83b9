"""Self-attention: why the scores are scaled."""

import math

import torch
from matplotlib.figure import Figure

from snippets.figures.style import KEY, WEIGHT, new_figure
from snippets.scaled_dot_product_attention import attention


def scaling() -> tuple[Figure, dict[str, str]]:
    """Mean of the largest of 16 weights for vectors of 4 to 1024 numbers.
    With the scale it stays near {scaled}; without it climbs to {unscaled}.
    """
    generator = torch.Generator().manual_seed(0)
    sizes = [4, 16, 64, 256, 1024]
    largest: dict[str, list[float]] = {"scaled": [], "unscaled": []}
    for size in sizes:
        query = torch.randn(1, 1, 200, size, generator=generator)
        key = torch.randn(200, 1, 16, size, generator=generator)
        query = query.transpose(0, 2)  # (200, 1, 1, head_dim)
        for name, scale in (("scaled", 1 / math.sqrt(size)), ("unscaled", 1)):
            _, weights = attention(query, key, key, scale=float(scale))
            largest[name].append(weights.amax(dim=-1).mean().item())
    figure = new_figure(2.4)
    axes = figure.subplots()
    for name, colour in (("unscaled", KEY), ("scaled", WEIGHT)):
        axes.plot(sizes, largest[name], color=colour, marker="o", markersize=4)
        axes.text(1250, largest[name][-1], name, color=colour, va="center")
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set_xlim(3, 5000)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("numbers in a vector (head_dim)")
    axes.set_ylabel("largest weight")
    return figure, {
        "scaled": f"{largest['scaled'][-1]:.2f}",
        "unscaled": f"{largest['unscaled'][-1]:.2f}",
    }
