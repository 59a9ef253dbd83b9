"""Cross-Attention: who asks, who answers, and a trained example."""

import torch
from matplotlib.figure import Figure

from snippets.attention import attention
from snippets.figures.masks import grid
from snippets.figures.style import (
    CONTEXT,
    INK,
    KEY,
    QUERY,
    VALUE,
    heat_map,
    new_figure,
    outline,
)
from snippets.masks import padding_mask
from snippets.results.cross_attention import example
from snippets.results.translator import EXAMPLE
from snippets.translator.number_words import alignment


def roles() -> tuple[Figure, dict[str, str]]:
    """Weights of the trained translator, from {target} German queries on the
    left to {source} English keys on top. Below each column stands the value
    of the same word, and the weighted sum of the values leaves each row, to
    the right, as its context. In {right} rows the largest weight is on the
    outlined cell, the true source word.
    """
    words, morphemes, weights = example()
    figure = new_figure(3.9)
    axes = figure.subplots()
    heat_map(axes, weights.tolist(), morphemes, words, numbers=False)
    axes.set_xticks(axes.get_xticks(), words, rotation=90, color=KEY)
    axes.set_yticks(axes.get_yticks(), morphemes, color=QUERY)
    keys = "keys: each English word is compared"
    axes.set_xlabel(keys, color=KEY, labelpad=6)
    axes.xaxis.set_label_position("top")
    axes.set_ylabel("queries: each German word asks", color=QUERY)
    target, source = weights.shape
    for j in range(source):
        axes.annotate(
            "",
            (j + 0.5, target + 0.05),
            (j + 0.5, target + 0.6),
            arrowprops={"arrowstyle": "->", "color": VALUE},
        )
    axes.text(
        source / 2,
        target + 0.75,
        "values: what each English word gives",
        color=VALUE,
        ha="center",
        va="top",
    )
    for i in range(target):
        axes.annotate(
            "",
            (source + 0.55, i + 0.5),
            (source + 0.05, i + 0.5),
            arrowprops={"arrowstyle": "->", "color": CONTEXT},
        )
    axes.text(
        source + 0.65,
        target / 2,
        "contexts: what each query gets",
        color=CONTEXT,
        rotation=270,
        va="center",
    )
    axes.set_xlim(0, source + 1.1)
    axes.set_ylim(target + 1.4, 0)
    right = 0
    places = alignment(EXAMPLE)
    for row, place in enumerate(places):
        if place is not None:
            right += int(weights[row].argmax().item() == place)
            outline(axes, row, place)
    count = sum(place is not None for place in places)
    return figure, {
        "right": f"{right} of {count}",
        "target": str(target),
        "source": str(source),
    }


def three() -> Figure:
    """The three attentions of a Transformer on a source of six positions, two
    of them padding, and a target of four. Encoder: six by six, the last two
    columns empty. Decoder: four by four, nothing right of the diagonal.
    Cross-attention: four by six, the last two columns empty and nothing else.
    """
    source, target = 6, 4
    torch.manual_seed(0)
    states = torch.randn(1, 1, source, 8), torch.randn(1, 1, target, 8)
    words = padding_mask(torch.tensor([4]), source)
    encoder, decoder = states
    panels = {
        "encoder": (encoder, encoder, {"mask": words}),
        "decoder": (decoder, decoder, {"is_causal": True}),
        "cross": (decoder, encoder, {"mask": words}),
    }
    names = {source: "abcd––", target: "wxyz"}
    sides = {source: "source", target: "target"}
    figure = new_figure(1.9)
    all_axes = figure.subplots(1, 3, width_ratios=[6, 4, 6])
    for axes, (name, panel) in zip(all_axes, panels.items(), strict=True):
        query, key, options = panel
        _, weights = attention(query, key, key, **options)
        rows, columns = weights.shape[2:]
        allowed = weights[0, 0] > 0
        grid(axes, weights[0, 0], allowed, names[columns], names[rows])
        axes.set_title(name, color=INK)
        axes.set_xlabel(sides[columns], color=KEY)
        axes.set_ylabel(sides[rows], color=QUERY)
        axes.set_anchor("N")
    return figure
