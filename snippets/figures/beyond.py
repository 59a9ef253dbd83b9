"""Beyond the Article: what each argument of the one function does."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from snippets.attention import attention
from snippets.figures.masks import grid
from snippets.figures.style import FAINT, KEY, QUERY, new_figure

LENGTH, WIDTH = 7, 16


def arguments() -> tuple[Figure, dict[str, str]]:
    """Nine panels. Eight are grids of weights of seven queries over seven
    keys, all of the same random scores. Without an argument every cell has
    weight. is_causal keeps the lower left triangle. offset=3 with is_causal
    keeps the same triangle for four queries, rows 4 to 7 of it. window=(1, 1)
    keeps a band around the diagonal. A boolean mask empties the last two
    columns. An added mask of minus the distance draws weight to the diagonal.
    scale=1 makes large weights larger, the largest {sharp} instead of
    {plain}; softcap=0.5 evens them out, the largest {soft}. The last panel
    joins four query heads to two key heads, two each.
    """
    torch.manual_seed(4)
    query, key = torch.randn(2, 1, 1, LENGTH, WIDTH)
    position = torch.arange(LENGTH)
    distance = (position - position.unsqueeze(1)).abs()
    panels: dict[str, dict] = {
        "no argument": {},
        "is_causal": {"is_causal": True},
        "offset=3": {"is_causal": True, "offset": 3},
        "window=(1, 1)": {"window": (1, 1)},
        "mask": {"mask": (position < 5).view(1, -1)},
        "mask, added": {"mask": -distance.float()},
        "scale=1": {"scale": 1.0},
        "softcap=0.5": {"softcap": 0.5},
    }
    figure = new_figure(5.0)
    all_axes = figure.subplots(3, 3).flatten()
    largest = {}
    for axes, (name, options) in zip(all_axes, panels.items(), strict=False):
        first = options.get("offset", 0)
        _, weights = attention(query[:, :, first:], key, key, **options)
        weights = weights[0, 0]
        rows = [str(i) for i in range(first + 1, LENGTH + 1)]
        columns = [str(j + 1) for j in range(LENGTH)]
        grid(axes, weights, weights > 0, columns, rows)
        axes.set_anchor("N")
        axes.set_title(name)
        largest[name] = f"{weights.max():.2f}"
    for axes in all_axes[:9:3]:
        axes.set_ylabel("query", color=QUERY)
    for axes in all_axes[6:8]:
        axes.set_xlabel("key", color=KEY)
    _draw_heads(all_axes[8])
    return figure, {
        "plain": largest["no argument"],
        "sharp": largest["scale=1"],
        "soft": largest["softcap=0.5"],
    }


def _draw_heads(axes: Axes) -> None:
    """Join each query head to the key head that its weights depend on."""
    heads, key_heads = 4, 2
    query = torch.randn(1, heads, 3, WIDTH)
    key = torch.randn(1, key_heads, 5, WIDTH, requires_grad=True)
    _, weights = attention(query, key, key)
    for head in range(heads):
        axes.add_patch(_box(head, 0, QUERY))
        axes.text(head, 0, str(head + 1), ha="center", va="center")
        total = weights[0, head].square().sum()
        (gradient,) = torch.autograd.grad(total, key, retain_graph=True)
        for shared in range(key_heads):
            if gradient[0, shared].abs().max() > 0:
                ends = [head, 2 * shared + 0.5]
                axes.plot(ends, [0.4, 2.1], color=FAINT, linewidth=1.4)
    for shared in range(key_heads):
        axes.add_patch(_box(2 * shared + 0.5, 2.5, KEY))
        text = str(shared + 1)
        axes.text(2 * shared + 0.5, 2.5, text, ha="center", va="center")
    axes.text(1.5, -0.85, "query heads", ha="center", color=QUERY)
    axes.text(1.5, 3.6, "key heads", ha="center", color=KEY)
    axes.set_title("fewer key heads")
    axes.set_xlim(-0.6, 3.6)
    axes.set_ylim(4.0, -1.4)
    axes.set_anchor("N")
    axes.set_aspect("equal")
    axes.set_axis_off()


def _box(x: float, y: float, colour: str) -> Rectangle:
    return Rectangle(
        (x - 0.4, y - 0.4),
        0.8,
        0.8,
        facecolor="none",
        edgecolor=colour,
        linewidth=1.4,
    )
