"""The step-by-step pages: axes of a tensor, two products, weights."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from snippets.attention_decoder import AttentionDecoder
from snippets.figures.style import (
    FAINT,
    INK,
    KEY,
    SLATE,
    WEIGHT,
    heat_map,
    new_figure,
)


def _grid(
    axes: Axes, x: float, y: float, rows: int, columns: int, colour: str
) -> None:
    """Draw a matrix with its upper left corner at x, y."""
    for i in range(rows):
        for j in range(columns):
            axes.add_patch(
                Rectangle(
                    (x + j * 0.2, y + i * 0.2),
                    0.2,
                    0.2,
                    fill=False,
                    edgecolor=colour,
                    linewidth=0.9,
                )
            )


def _canvas(height: float, top: float) -> tuple[Figure, Axes]:
    figure = new_figure(height)
    axes = figure.subplots()
    axes.set_xlim(0, 5)
    axes.set_ylim(top, 0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure, axes


def batch_first() -> Figure:
    """Left, time first: five separate slices of 1 by 16 numbers, one for
    each word. Right, batch first: one slice of 5 by 16 numbers, the whole
    sentence as a matrix.
    """
    figure, axes = _canvas(2.3, 2.45)
    axes.text(0, 0.15, "time first (5, 1, 16)", va="center")
    for step in range(5):
        _grid(axes, 0.0, 0.45 + step * 0.4, 1, 8, KEY)
    axes.text(2.1, 1.3, "→", va="center", ha="center", fontsize=14)
    axes.text(2.6, 0.15, "batch first (1, 5, 16)", va="center")
    _grid(axes, 2.6, 0.75, 5, 8, KEY)
    axes.text(4.3, 1.25, "5 words", va="center", color=INK)
    axes.text(2.6, 2.0, "16 numbers …", va="center", color=INK)
    return figure


def bmm() -> Figure:
    """Two batches of matrices for torch.bmm. Above, as published: one vector
    of 1 by 16 against five matrices of 16 by 1, so four have no partner.
    Below, fixed: one vector of 1 by 16 and one matrix of 16 by 5.
    """
    figure, axes = _canvas(4.3, 4.85)
    axes.text(0, 0.15, "published: (1, 1, 16) × (5, 16, 1)", weight="bold")
    _grid(axes, 0.0, 0.95, 1, 8, INK)
    axes.text(1.85, 1.05, "×", ha="center", va="center")
    for item in range(5):
        _grid(
            axes, 2.2 + item * 0.5, 0.45, 8, 1, SLATE if item == 0 else FAINT
        )
    axes.text(2.65, 2.3, "four without a partner", color=INK)
    axes.text(0, 2.85, "fixed: (1, 1, 16) × (1, 16, 5)", weight="bold")
    _grid(axes, 0.0, 3.65, 1, 8, INK)
    axes.text(1.85, 3.75, "×", ha="center", va="center")
    _grid(axes, 2.2, 3.15, 8, 5, SLATE)
    axes.text(3.45, 3.75, "=", ha="center", va="center")
    _grid(axes, 3.75, 3.65, 1, 5, WEIGHT)
    axes.text(4.25, 4.1, "5 scores", ha="center", va="center")
    return figure


def decoding() -> tuple[Figure, dict[str, str]]:
    """Weights of three decoding steps over five words, before training. All
    of them lie between {low} and {high}: the network looks everywhere.
    """
    torch.manual_seed(0)
    decoder = AttentionDecoder(
        vocabulary=10, embedding_size=8, hidden_size=16, key_size=16
    )
    encoder_outputs = torch.randn(1, 5, 16)
    state = torch.zeros(1, 16)
    word = torch.tensor([0])
    rows = []
    with torch.no_grad():
        for _ in range(3):
            logits, state, weights = decoder(word, state, encoder_outputs)
            word = logits.argmax(dim=1)
            rows.append(weights[0].tolist())
    figure = new_figure(1.6)
    axes = figure.subplots()
    steps = [f"step {i + 1}" for i in range(3)]
    heat_map(axes, rows, steps, [f"word {j + 1}" for j in range(5)])
    low, high = min(map(min, rows)), max(map(max, rows))
    return figure, {"low": f"{low:.2f}", "high": f"{high:.2f}"}
