"""The figures of Self-Attention: by hand, of a trained model, its scale."""

import math

import torch

from snippets.figures import self_attention
from snippets.results.agreement import EXAMPLE
from snippets.self_attention_by_hand import WORDS, example
from tests.figures.checks import (
    near,
    softmax_weights,
    stretched,
)
from tests.support.drawn import read


def test_only_without_the_scale_do_the_largest_weights_grow():
    drawn = read(self_attention.scaling)
    generator = torch.Generator().manual_seed(0)
    sizes = [4, 16, 64, 256, 1024]
    largest = {"scaled": [], "unscaled": []}
    for size in sizes:
        query = torch.randn(200, size, generator=generator)
        key = torch.randn(200, 16, size, generator=generator)
        for name, scale in (("scaled", size**-0.5), ("unscaled", 1.0)):
            rows = [
                softmax_weights(q[None], k, scale=scale).max()
                for q, k in zip(query.double(), key.double(), strict=True)
            ]
            largest[name].append(torch.stack(rows).mean().item())
    panel = drawn.panel
    for name, role in (("unscaled", "ochre"), ("scaled", "weight")):
        line = panel.line(name)
        assert (line.role, line.x, line.y) == (
            role,
            sizes,
            near(largest[name]),
        )
        end = panel.text(name).place
        assert end[0] > sizes[-1] and end[1] == line.y[-1]
    assert len(panel.lines) == 2
    assert panel.x.ticks == [(str(size), size) for size in sizes]
    assert panel.x.scale == "log" and panel.y.limits[0] == 0
    assert panel.x.label == "numbers in a vector (head_dim)"
    assert panel.y.label == "largest weight"
    scaled, unscaled = (f"{values[-1]:.2f}" for values in largest.values())
    assert (
        f"the scale it stays near {scaled}; without it climbs to {unscaled}"
        in (drawn.alternative)
    )


def written(number, digits=0):
    text = f"{number:.{digits}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "\N{MINUS SIGN}")


def test_each_word_has_its_vectors_and_slept_finds_the_cat():
    """Every number worked out again, in plain Python."""
    vectors, *maps = (tensor.tolist() for tensor in example())

    def times(matrix, x):
        return [
            sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix
        ]

    query, key, value = ([times(W, x) for x in vectors] for W in maps)
    asks = query[WORDS.index("slept")]
    score = [sum(a * b for a, b in zip(asks, k, strict=True)) for k in key]
    shares = [math.exp(e / math.sqrt(2)) for e in score]
    weights = [share / sum(shares) for share in shares]
    given = [[w * n for n in v] for w, v in zip(weights, value, strict=True)]
    context = [sum(column) for column in zip(*given, strict=True)]

    drawn = read(self_attention.by_hand)
    panel = drawn.panel
    rows = {
        "word vector": ("ink", "ink", vectors, 0),
        "query": ("query", "query", query, 0),
        "key": ("key", "key", key, 0),
        "value": ("value", "value", value, 0),
        "score of slept": ("ink", "faint", [[e] for e in score], 0),
        "softmax": ("ink", "faint", [[w] for w in weights], 2),
        "× value": ("value", "value", given, 2),
    }
    for label, (role, edge, numbers, digits) in rows.items():
        text = panel.text(label)
        boxes = [
            box
            for box in panel.boxes
            if box.middle[1] == near(text.place[1]) and box.edge != "none"
        ]
        assert text.role == role and {box.edge for box in boxes} == {edge}
        shown = [
            [
                panel.inside(box)
                for box in boxes
                if abs(box.middle[0] - j) < 0.5
            ]
            for j in range(len(WORDS))
        ]
        assert shown == [[written(n, digits) for n in row] for row in numbers]
    words = {t.text: t.place for t in panel.texts if t.place[1] == 0}
    assert words == {word: (j, 0) for j, word in enumerate(WORDS)}
    cells = [box for box in panel.boxes if box.fill == "fill"]
    assert [box.alpha for box in cells] == near([w**0.7 for w in weights])
    made = [box for box in panel.boxes if box.edge == "context"]
    shown = [panel.inside(box) for box in made]
    assert shown == [written(number, 2) for number in context]
    widths = [line.width for line in panel.lines]
    assert stretched(widths) == near(stretched(weights))
    assert f"query ({', '.join(map(written, asks))})" in drawn.alternative
    said = ", ".join(map(written, score))
    assert f"gives the scores {said};" in drawn.alternative
    said = ", ".join(written(w, 2) for w in weights)
    assert f"makes them the weights {said};" in drawn.alternative
    assert f"context ({', '.join(shown)})." in drawn.alternative


def test_the_grid_has_the_weights_below_the_diagonal(monkeypatch):
    count = len(EXAMPLE)
    grid = [
        [(i + j) / 20 if j <= i else 0.0 for j in range(count)]
        for i in range(count)
    ]
    grid[-1] = [0.1, 0.05, 0.3, 0.2, 0.25, 0.15]
    found = {"grid": grid, "after": "quacks"}
    monkeypatch.setattr(self_attention, "measured", lambda: found)
    drawn = read(self_attention.grid)
    cells = drawn.panel.cells
    assert (cells.rows, cells.columns) == (EXAMPLE, EXAMPLE)
    assert cells.shares == [near(row) for row in grid]
    assert cells.outlined == {(count - 1, EXAMPLE.index("cat"))}
    texts = {
        (t.place[0] - 0.5, t.place[1] - 0.5): t.text for t in drawn.panel.texts
    }
    for i, row in enumerate(grid):
        for j, weight in enumerate(row):
            assert texts.get((j, i)) == (f"{weight:.2f}" if j <= i else None)
    assert drawn.panel.text("→ quacks").place[1] == count - 0.5
    assert f'in "{" ".join(EXAMPLE)}", one row' in drawn.alternative
    assert "dogs, has its largest weight, 0.30, on cat" in drawn.alternative
    assert 'goes on with "quacks".' in drawn.alternative
