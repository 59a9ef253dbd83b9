"""Linear attention: brackets, weights, and what a trained state recalls."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from snippets.figures.style import (
    CONTEXT,
    CRIMSON,
    FAINT,
    INK,
    KEY,
    OCHRE,
    QUERY,
    SLATE,
    VALUE,
    WEIGHT,
    arrow,
    heat_map,
    new_figure,
    spread,
)
from snippets.linear_attention import unit_length
from snippets.parallel_linear_attention import parallel_linear_attention
from snippets.results.linear_attention import accuracy_of, others
from snippets.results.trainings import RECALL_KINDS
from snippets.tasks.recall_training import PAIRS

LONG, SHORT = 9, 2.8  # sides of the matrices in the drawing


def _matrix(
    axes: Axes,
    x: float,
    y: float,
    shape: tuple[float, float],
    colour: str,
    name: str,
) -> float:
    """Draw a matrix, centred at the height y; return where it ends."""
    rows, columns = shape
    axes.text(x + columns / 2, y, name, ha="center", va="center")
    axes.add_patch(
        Rectangle(
            (x, y - rows / 2),
            columns,
            rows,
            facecolor=colour,
            edgecolor=colour,
            alpha=0.35,
        )
    )
    axes.add_patch(
        Rectangle(
            (x, y - rows / 2),
            columns,
            rows,
            fill=False,
            edgecolor=colour,
            linewidth=1.4,
        )
    )
    return x + columns


def _bracket(axes: Axes, x: float, y: float, opens: bool) -> None:
    """Draw one round bracket as high as the matrices."""
    depth = 0.9 if opens else -0.9
    axes.add_patch(
        FancyArrowPatch(
            (x, y + LONG / 2 + 0.6),
            (x, y - LONG / 2 - 0.6),
            connectionstyle=f"arc3,rad={depth / 5}",
            arrowstyle="-",
            color=INK,
            linewidth=1.2,
        )
    )


def brackets() -> Figure:
    """The same three matrices twice, drawn to scale: features of the queries,
    n rows of d numbers, of the keys, turned on their side, and the values.
    With the brackets around queries and keys the product inside is a large
    square, n by n. With the brackets around keys and values it is a small one,
    d by d.
    """
    figure = new_figure(3.0)
    axes = figure.subplots()
    for y, left in ((11.2, True), (0, False)):
        x = 1.4 if left else 0.2
        if left:
            _bracket(axes, x - 0.4, y, True)
        end = _matrix(axes, x, y, (LONG, SHORT), QUERY, "φ(Q)")
        x = end + (0.8 if left else 2.0)
        if not left:
            _bracket(axes, x - 0.4, y, True)
        end = _matrix(axes, x, y, (SHORT, LONG), KEY, "φ(K)ᵀ")
        if left:
            _bracket(axes, end + 0.4, y, False)
        end = _matrix(
            axes, end + (2.0 if left else 0.8), y, (LONG, SHORT), VALUE, "V"
        )
        if not left:
            _bracket(axes, end + 0.4, y, False)
        arrow(axes, (20.6, y), (23.2, y), FAINT)
        if left:
            _matrix(axes, 24, y, (LONG, LONG), WEIGHT, "n × n\nweights")
        else:
            end = _matrix(axes, 24, y, (SHORT, SHORT), CONTEXT, "")
            axes.text(end + 0.6, y, "d × d\nstate", va="center")
    axes.set_xlim(0, 33.2)
    axes.set_ylim(-5.4, 16.6)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure


WRITES, QUESTIONS = "ABACB", "ABC"
DECAY = 0.8


def _final_weights(
    decay: float | None, beta: float | None
) -> list[list[float]]:
    """Return the weights of the questions, one each key, over the writes."""
    names = torch.eye(len(QUESTIONS))
    written = torch.stack([names[QUESTIONS.index(w)] for w in WRITES])
    # A question writes nothing, and nothing is asked while writing.
    key = torch.cat((written, torch.zeros_like(names)))[None, None]
    query = torch.cat((torch.zeros_like(written), names))[None, None]
    steps = torch.ones(1, 1, key.size(2))
    fading = torch.ones_like(steps)
    fading[..., : len(WRITES)] = DECAY if decay is None else decay
    _, weights = parallel_linear_attention(
        query,
        key,
        key,
        decay=None if decay is None else fading,
        beta=None if beta is None else beta * steps,
        feature_map=unit_length,
        normalise=False,
    )
    return weights[0, 0, len(WRITES) :, : len(WRITES)].tolist()


def overwriting() -> tuple[Figure, dict[str, str]]:
    """Weights of three questions, for the keys A, B and C, over five writes
    under A, B, A, C and B. Plain sum: each write under the key has weight 1,
    old ones too. Decay: every weight shrinks with age, that of C, written
    once, to {once}. Delta rule: the last write under each key has weight 1,
    the ones before it 0.
    """
    figure = new_figure(3.8)
    rows = [f"asks {name}" for name in QUESTIONS]
    parts = {
        "plain sum": (None, None),
        f"decay {DECAY}": (DECAY, None),
        "delta rule, beta 1": (None, 1.0),
    }
    facts = {}
    for axes, (title, gates) in zip(
        figure.subplots(3, 1), parts.items(), strict=True
    ):
        weights = _final_weights(*gates)
        heat_map(axes, weights, rows, list(WRITES))
        axes.set_title(title, loc="left", pad=8)
        if gates[0]:
            facts["once"] = f"{weights[2][3]:.2f}"
    return figure, facts


def recall() -> tuple[Figure, dict[str, str]]:
    """Share of right answers against the number of pairs, {fewest} to
    {most}, for four trained attentions. Each key written once: all are right
    nearly always for few pairs; at {most} softmax still is, {once_softmax},
    while linear falls to {once_linear}, the delta rule to {once_delta} and
    gated to {once_gated}. Each key written twice: with {fewest} pairs the
    delta rule has {start_delta}, softmax {start_softmax}, gated {start_gated}
    and linear {start_linear}; with {most} pairs softmax has {twice_softmax},
    the delta rule {twice_delta}, gated {twice_gated}, linear {twice_linear}.
    """
    figure = new_figure(4.0)
    styles = {
        "softmax": ("softmax", WEIGHT, "o"),
        "linear": ("linear", OCHRE, "s"),
        "gated": ("gated", SLATE, "^"),
        "delta": ("delta rule", CRIMSON, "D"),
    }
    facts = {"fewest": str(PAIRS[0]), "most": str(PAIRS[-1])}
    panels = zip(
        figure.subplots(2, 1, sharex=True),
        (("once", 1), ("twice", 2)),
        strict=True,
    )
    for axes, (word, times) in panels:
        shares = {}
        for kind in RECALL_KINDS:
            _, colour, marker = styles[kind]
            low, high = zip(*others(kind, times).values(), strict=True)
            axes.fill_between(
                PAIRS, low, high, color=colour, alpha=0.25, linewidth=0
            )
            shares[kind] = [*accuracy_of(kind, times).values()]
            axes.plot(
                PAIRS, shares[kind], color=colour, marker=marker, markersize=4
            )
            facts[f"{word}_{kind}"] = f"{shares[kind][-1]:.0%}"
            if word == "twice":
                facts[f"start_{kind}"] = f"{shares[kind][0]:.0%}"
        heights = spread([shares[kind][-1] for kind in RECALL_KINDS], 0.1)
        for kind, height in zip(RECALL_KINDS, heights, strict=True):
            name, colour, _ = styles[kind]
            axes.text(
                PAIRS[-1] * 1.12, height, name, color=colour, va="center"
            )
        axes.set_title(f"each key written {word}", loc="left")
        axes.set_xscale("log", base=2)
        axes.set_xticks(PAIRS, [str(pairs) for pairs in PAIRS])
        axes.minorticks_off()
        axes.set_xlim(1.8, 75)
        axes.set_ylim(0, 1.06)
        axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        axes.set_ylabel("right answers")
    axes.set_xlabel("pairs in the sequence")
    return figure, facts
