"""Multi-head attention: the split, and what trained heads look at."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from snippets.figures.style import heat_map, new_figure, outline
from snippets.multi_head_attention import split_heads
from snippets.results.measured import transformer
from snippets.results.measured_heads import weights_of
from snippets.results.translator import EXAMPLE
from snippets.translator.number_words import alignment, english, german

WORDS, FEATURES, HEADS = 4, 6, 2


def wrong_split(sequence: Tensor, heads: int) -> Tensor:
    """Cut the numbers in the order of memory, without transposing."""
    batch, length, features = sequence.shape
    return sequence.view(batch, heads, length, features // heads)


def split() -> tuple[Figure, dict[str, str]]:
    """What the first of two heads gets of four words with six numbers each;
    a cell shows the word that its number is from. Right: rows {right}. Wrong,
    view without transpose: rows {wrong}, so that the head has some words
    twice and never sees the last ones.
    """
    word = torch.arange(1.0, WORDS + 1).view(1, WORDS, 1)
    sequence = word.expand(1, WORDS, FEATURES).contiguous()
    figure = new_figure(2.2)
    shown = {}
    panels = (
        ("right", "split, then transpose", split_heads),
        ("wrong", "view alone", wrong_split),
    )
    for axes, (name, title, cut) in zip(
        figure.subplots(1, 2), panels, strict=True
    ):
        head = cut(sequence, HEADS)[0, 0]  # (length, head_dim)
        columns = range(1, FEATURES // HEADS + 1)
        heat_map(
            axes,
            ((head - 0.5) / (WORDS + 1)).tolist(),
            [f"row {row + 1}" for row in range(WORDS)],
            [str(column) for column in columns],
            numbers=False,
        )
        for i, row in enumerate(head.tolist()):
            for j, number in enumerate(row):
                axes.text(
                    j + 0.5, i + 0.5, f"{number:.0f}", ha="center", va="center"
                )
        axes.set_title(f"{name}: {title}")
        axes.set_xlabel("number of head 1")
        rows = [" ".join(f"{n:.0f}" for n in row) for row in head.tolist()]
        shown[name] = ", ".join(rows)
    return figure, shown


def cross() -> tuple[Figure, dict[str, str]]:
    """Weights of four cross-attention heads on "{words}", one row a German
    word being written, the last row for the end. On the outlined cells, the
    true words, the mean weight is {found}, head by head.
    """
    weights = weights_of(transformer(), EXAMPLE)["cross 2"]
    words, places = english(EXAMPLE), alignment(EXAMPLE)
    rows = [*german(EXAMPLE), "(end)"]
    figure = new_figure(5.0)
    for head, axes in enumerate(figure.subplots(2, 2).flatten()):
        heat_map(axes, weights[head].tolist(), rows, words, numbers=False)
        axes.set_xticks(axes.get_xticks(), words, rotation=90)
        if head % 2:
            axes.set_yticks([])
        if head >= 2:
            axes.set_xticks([])
        axes.set_xlabel(f"head {head + 1}")
        for row, place in enumerate(places):
            if place is not None:
                outline(axes, row, place)
    outlined = [
        weights[:, row, place]
        for row, place in enumerate(places)
        if place is not None
    ]
    means = torch.stack(outlined).mean(dim=0).tolist()
    found = ", ".join(f"{mean:.2f}" for mean in means)
    return figure, {"words": " ".join(words), "found": found}
