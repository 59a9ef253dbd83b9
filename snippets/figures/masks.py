"""Masks and Padding: masks, the weights they leave, and a mask too late."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from snippets.attention import attention
from snippets.figures.style import (
    FAINT,
    INK,
    KEY,
    QUERY,
    WEIGHT,
    heat_map,
    new_figure,
    shades,
)
from snippets.masks import block_mask, causal_mask, padding_mask, prefix_mask

LENGTH = 6


def grid(
    axes: Axes,
    shares: Tensor,
    allowed: Tensor,
    columns: Sequence[str] = (),
    rows: Sequence[str] = (),
) -> None:
    """Draw shares between 0 and 1, boxed where allowed, else a dot.

    Raises ValueError for a share that is no number between 0 and 1.
    """
    target, source = shares.shape
    edges = [
        FAINT if may else "none" for row in allowed.tolist() for may in row
    ]
    axes.pcolormesh(
        [*range(source + 1)],
        [*range(target + 1)],
        shades((shares * allowed).tolist()),
        edgecolors=edges,
        linewidth=0.5,
    )
    places = (~allowed).nonzero()
    axes.plot(
        (places[:, 1] + 0.5).tolist(),
        (places[:, 0] + 0.5).tolist(),
        ".",
        color=FAINT,
        markersize=1.8,
    )
    axes.set_xticks([j + 0.5 for j in range(len(columns))], columns)
    axes.set_yticks([i + 0.5 for i in range(len(rows))], rows)
    axes.xaxis.tick_top()
    axes.set_aspect("equal")
    axes.set_xlim(-0.05, source + 0.05)
    axes.set_ylim(target + 0.05, -0.05)
    axes.tick_params(length=0, pad=1)
    for spine in axes.spines.values():
        spine.set_visible(False)


def kinds() -> Figure:
    """Four masks for six positions, one beside the other, and below each the
    weights it leaves of the same random scores. Padding: the last two columns
    are empty. Causal: everything right of the diagonal is empty. Documents:
    two blocks of three on the diagonal. Prefix: causal, but the first three
    columns are full. In each row of weights the boxed cells share the whole,
    so that the fewer there are, the fuller their colour.
    """
    masks = {
        "padding": (padding_mask(torch.tensor([4]), LENGTH), "abcd––"),
        "causal": (causal_mask(LENGTH), "abcdef"),
        "documents": (
            block_mask(torch.tensor([[0, 0, 0, 1, 1, 1]])),
            "abcxyz",
        ),
        "prefix": (prefix_mask(torch.tensor([3]), LENGTH), "abcdef"),
    }
    torch.manual_seed(0)
    query, key = torch.randn(2, 1, 1, LENGTH, 8)
    figure = new_figure(2.75)
    all_axes = figure.subplots(2, len(masks))
    for column, (name, (mask, words)) in enumerate(masks.items()):
        allowed = mask.expand(1, 1, LENGTH, LENGTH)
        _, weights = attention(query, key, key, mask=allowed)
        top, bottom = all_axes[:, column]
        grid(top, 0.45 * allowed[0, 0], allowed[0, 0], words, words)
        grid(bottom, weights[0, 0], allowed[0, 0], words, words)
        top.set_title(name)
        bottom.set_xlabel("key", color=KEY)
    for axes, name in zip(all_axes[:, 0], ("mask", "weights"), strict=True):
        axes.set_ylabel("query", color=QUERY)
        axes.annotate(
            name,
            (-0.62, 0.5),
            xycoords="axes fraction",
            rotation=90,
            ha="center",
            va="center",
            weight="bold",
        )
    return figure


def after_softmax() -> tuple[Figure, dict[str, str]]:
    """Two four by four grids of causal weights of the same scores, with the
    sum of each row beside it. Masked after the softmax, the rows sum to
    {after}. Masked before it, every row sums to {before}.
    """
    torch.manual_seed(0)
    score = torch.randn(4, 4)
    causal = causal_mask(4)
    after = torch.softmax(score, dim=-1) * causal
    hidden = score.masked_fill(~causal, -torch.inf)
    before = torch.softmax(hidden, dim=-1)
    figure = new_figure(2.0)
    facts = {}
    panels = zip(
        figure.subplots(1, 2),
        (("after", after), ("before", before)),
        strict=True,
    )
    for axes, (name, weights) in panels:
        heat_map(axes, weights.tolist(), "1234", "1234")
        axes.set_title(f"masked {name}")
        axes.set_xlabel("key", color=KEY)
        sums = [f"{total:.2f}" for total in weights.sum(dim=-1).tolist()]
        for i, total in enumerate(sums):
            axes.text(4.2, i + 0.5, total, va="center", weight="bold")
        axes.text(4.2, -0.5, "sum", va="center", color=INK)
        axes.set_xlim(0, 5.4)
        facts[name] = ", ".join(sums)
        axes.set_ylabel("query", color=QUERY)
    return figure, {"after": facts["after"], "before": before_text(facts)}


def before_text(facts: dict[str, str]) -> str:
    """Return the one sum of all rows, or all of them if they differ."""
    sums = set(facts["before"].split(", "))
    return sums.pop() if len(sums) == 1 else facts["before"]


def polarity() -> tuple[Figure, dict[str, str]]:
    """The same causal weights three times: right, with an inverted mask, and
    with a mask of zeros and ones that was added. Right: no weight on the
    future. Inverted: all weight on the future, and the last row empty. Added:
    {leaked} of the weight of the first row is on the future.
    """
    torch.manual_seed(0)
    query, key = torch.randn(2, 1, 1, LENGTH, 8)
    causal = causal_mask(LENGTH)
    masks = {
        "right": causal,
        "inverted": ~causal,
        "0 and 1, added": causal.float(),
    }
    figure = new_figure(1.75)
    shown = {}
    panels = zip(figure.subplots(1, 3), masks.items(), strict=True)
    for axes, (name, mask) in panels:
        _, weights = attention(query, key, key, mask=mask)
        grid(axes, weights[0, 0], weights[0, 0] > 0, "abcdef", "abcdef")
        axes.plot(
            [step // 2 for step in range(2, 2 * LENGTH + 2)],
            [(step + 1) // 2 - 1 for step in range(2, 2 * LENGTH + 2)],
            color=WEIGHT,
            linewidth=1.4,
        )
        axes.set_title(name)
        axes.set_xlabel("key", color=KEY)
        axes.set_ylabel("query", color=QUERY)
        shown[name] = weights[0, 0, 0, 1:].sum().item()
    return figure, {"leaked": f"{shown['0 and 1, added']:.0%}"}
