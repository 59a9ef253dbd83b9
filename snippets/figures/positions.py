"""Positions: what attention cannot see, and four ways to show it."""

import math

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch
from torch import Tensor

from snippets.attention import attention
from snippets.figures.style import (
    CONTEXT,
    FAINT,
    INK,
    KEY,
    OCHRE,
    PAPER,
    QUERY,
    VALUE,
    WEIGHT,
    heat_map,
    new_figure,
    outline,
)
from snippets.positions import (
    LearnedPositions,
    alibi_bias,
    alibi_slopes,
    rotary_embedding,
    sinusoidal_positions,
)

SENTENCES = (("dog", "bites", "man"), ("man", "bites", "dog"))
FEATURES = 64
REACH = 60  # distances drawn, to both sides
QUERIES = (100, 300)  # positions of the query


def _weights(words: tuple[str, ...]) -> Tensor:
    """Return the weights of one sentence; a word's vector is always alike."""
    generator = torch.Generator().manual_seed(5)
    names = sorted(SENTENCES[0])
    vectors = torch.randn(3, FEATURES, generator=generator)
    project = torch.randn(2, FEATURES, FEATURES, generator=generator) / 8
    sequence = vectors[[names.index(word) for word in words]]
    query, key = (sequence @ project).view(2, 1, 1, 3, FEATURES)
    return attention(query, key, key)[1][0, 0]


def order() -> tuple[Figure, dict[str, str]]:
    """Two grids of weights: dog bites man on the left, man bites dog on the
    right. The word bites gives dog the weight {dog} in both, and every other
    number stands in both grids, too, moved with its words.
    """
    figure = new_figure(1.9)
    for axes, words in zip(figure.subplots(1, 2), SENTENCES, strict=True):
        weights = _weights(words)
        heat_map(axes, weights.tolist(), words, words)
        place = 1, words.index("dog")
        outline(axes, *place)
        fact = f"{weights[place]:.2f}"
    return figure, {"dog": fact}


def _box(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        color=colour,
        bbox={
            "boxstyle": "round,pad=0.45",
            "facecolor": PAPER,
            "edgecolor": colour,
            "linewidth": 1.2,
        },
    )


def _arrow(axes: Axes, start: tuple, end: tuple) -> None:
    style = {"arrowstyle": "-|>", "color": FAINT, "linewidth": 1}
    style |= {"shrinkA": 11, "shrinkB": 11}
    axes.annotate("", end, start, arrowprops=style)


def _mark(axes: Axes, left: float, right: float, y: float, text: str) -> None:
    """Frame what is at this height, and say on the right what it gets."""
    axes.add_patch(
        FancyBboxPatch(
            (left, y - 0.33),
            right - left,
            0.66,
            boxstyle="round,pad=0.05",
            facecolor="none",
            edgecolor=FAINT,
            linewidth=0.9,
            linestyle=(0, (3, 3)),
        )
    )
    axes.plot([right + 0.05, 4.65], [y, y], color=FAINT, linewidth=0.9)
    axes.text(4.75, y, text, va="center")


def places() -> Figure:
    """A word's way through attention, from top to bottom. Sinusoidal and
    learned positions are added to the word's vector at the top. Below it
    value, query and key are made; RoPE turns query and key, but not the
    value. Query and key make the score; ALiBi subtracts the distance there.
    The weights and the value make the context at the bottom.
    """
    figure = new_figure(2.7)
    axes = figure.subplots()
    word, value, query, key = (1.9, 4), (0, 3), (1.9, 3), (3.8, 3)
    score, weights, context = (2.85, 2), (2.85, 1), (1.9, 0)
    for start, ends in {
        word: (value, query, key),
        query: (score,),
        key: (score,),
        score: (weights,),
        weights: (context,),
        value: (context,),
    }.items():
        for end in ends:
            _arrow(axes, start, end)
    _mark(axes, 0.9, 2.9, 4, "sinusoidal, learned:\na vector is added")
    _mark(axes, 1.3, 4.35, 3, "RoPE: both are\nturned")
    _mark(axes, 2.3, 3.4, 2, "ALiBi: the distance\nis subtracted")
    for (x, y), text, colour in (
        (word, "word's vector", INK),
        (value, "value", VALUE),
        (query, "query", QUERY),
        (key, "key", KEY),
        (score, "score", INK),
        (weights, "weights", WEIGHT),
        (context, "context", CONTEXT),
    ):
        _box(axes, x, y, text, colour)
    axes.set_xlim(-0.6, 7.5)
    axes.set_ylim(-0.35, 4.45)
    axes.set_axis_off()
    return figure


def clocks() -> tuple[Figure, dict[str, str]]:
    """Four clocks, the pairs of eight features, with the hand of each at
    positions {first} to {last}. From one position to the next the hands move
    by {speeds} radians: the first goes nearly all the way round, the last two
    hardly move.
    """
    positions, features = range(7), 8
    figure = new_figure(1.35)
    table = sinusoidal_positions(len(positions), features)
    pairs = table.unflatten(1, (-1, 2))  # sine and cosine of each
    speeds = [10000 ** (-2 * m / features) for m in range(features // 2)]
    for m, axes in enumerate(figure.subplots(1, 4)):
        axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=FAINT))
        for position in positions:
            y, x = pairs[position, m].tolist()
            final = position == positions[-1]
            colour = WEIGHT if final else FAINT
            axes.plot([0, x], [0, y], color=colour, linewidth=0.5 + final)
            axes.plot([x], [y], color=colour, marker="o", markersize=4)
        axes.set_title(f"{speeds[m]:g} rad", y=-0.24)
        axes.set_xlim(-1.15, 1.15)
        axes.set_ylim(-1.15, 1.15)
        axes.set_aspect("equal")
        axes.set_axis_off()
    shown = ", ".join(f"{speed:g}" for speed in speeds)
    return figure, {
        "first": str(positions[0]),
        "last": str(positions[-1]),
        "speeds": shown,
    }


def _profile(scores, query: int) -> tuple[list[int], list[float]]:
    """Return distances and the scores of the keys at them."""
    distances = [*range(-REACH, REACH + 1)]
    return distances, [scores(query, query + step) for step in distances]


def _draw(axes: Axes, scores, colour: str) -> None:
    """Draw a line for the first query, dots for the second."""
    line, dots = (_profile(scores, query) for query in QUERIES)
    axes.plot(*line, color=colour, linewidth=1.2)
    thinned = [part[::10] for part in dots]
    axes.plot(*thinned, color=INK, marker="o", markersize=3, linewidth=0)


def distance() -> tuple[Figure, dict[str, str]]:
    """Score against distance, four kinds of positions. A line is for a query
    at position {first}, dots for one at {second}. Sinusoidal: a peak at 0,
    ripples to both sides; the dots lie on the line. Learned, before
    training: noise, the dots are elsewhere. RoPE: a peak at distance 0 for
    one query, at {shift} for another that looks back; the dots lie on both
    lines. ALiBi: straight slopes down from 0 to both sides, steeper for one
    head than for another.
    """
    figure = new_figure(3.7)
    (sine, learned), (rope, alibi) = figure.subplots(2, 2, sharex=True)
    length, root = max(QUERIES) + REACH + 1, math.sqrt(FEATURES)

    table = sinusoidal_positions(length, FEATURES)
    products = (table @ table.T / root).tolist()
    _draw(sine, lambda i, j: products[i][j], WEIGHT)
    sine.set_title("sinusoidal, added")

    torch.manual_seed(0)
    table = LearnedPositions(length, FEATURES)(length).detach()
    noise = (table @ table.T / root).tolist()
    _draw(learned, lambda i, j: noise[i][j], WEIGHT)
    learned.set_title("learned, untrained")
    learned.set_ylim(-5, 13)

    shift = -30
    vector = torch.randn(1, 1, 1, FEATURES)
    keys = rotary_embedding(
        vector.expand(1, 1, length, -1), torch.arange(length)
    )
    for colour, start in ((WEIGHT, 0), (OCHRE, shift)):
        query = rotary_embedding(
            vector.expand(1, 1, length, -1), torch.arange(length) + start
        )
        turned = (query @ keys.mT)[0, 0].div(root).tolist()
        _draw(rope, lambda i, j, turned=turned: turned[i][j], colour)
    rope.set_title("RoPE, two queries")

    bias = alibi_bias(8, length, length).tolist()
    slopes = alibi_slopes(8)
    for head, colour in ((1, WEIGHT), (3, OCHRE)):
        rows = bias[head]
        _draw(alibi, lambda i, j, rows=rows: rows[i][j], colour)
        name = f"1/{round(1 / slopes[head])}"
        alibi.text(36, rows[0][36] + 0.8, name, color=colour, va="bottom")
    alibi.set_title("ALiBi, two heads")
    for axes in (rope, alibi):
        axes.set_xlabel("distance")
        axes.set_xticks([-REACH, -30, 0, 30, REACH])
    for axes in (sine, rope):
        axes.set_ylabel("score")
    return figure, {
        "first": str(QUERIES[0]),
        "second": str(QUERIES[1]),
        "shift": str(shift),
    }
