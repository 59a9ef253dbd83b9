"""The figures of Types of Attention: each shows the kind it names."""

import math

import pytest
import torch

from snippets.dot_product_attention import DotScore, LocalAttention
from snippets.figures import types_of_attention
from tests.figures.checks import check_cells, near
from tests.support.drawn import read

SIZE = types_of_attention.SOURCE
KINDS = {
    "dot": types_of_attention.dot,
    "general": types_of_attention.general,
    "concat": types_of_attention.concat,
    "local-p": types_of_attention.local_p,
    "additive": types_of_attention.additive,
}
RIGHT = dict(zip(KINDS, (0, 1, 2, 3, 4), strict=True))
ASKED = torch.tensor([2, 0, 4, 1, 3])


def trained(kind):
    """A run of which no two kinds have the same.

    So many rows as RIGHT says have their largest weight on the word asked for.
    """
    number = [*KINDS, "self-attention"].index(kind)
    weights = torch.arange(SIZE * SIZE).view(SIZE, SIZE) / (9.0 * SIZE**2)
    for row in range(SIZE):
        right, wrong = ASKED[row], (ASKED[row] + 1) % SIZE
        weights[row, right if row < RIGHT.get(kind, 0) else wrong] += (
            0.2 + number / 10
        )
    losses = [(1 + number) * math.exp(-step / 90) for step in range(400)]
    return {"example": weights, "position": ASKED, "losses": losses}


@pytest.fixture(autouse=True)
def _trained(monkeypatch):
    monkeypatch.setattr(types_of_attention, "trained", trained)


QUERIES = [f"query {i}" for i in range(1, SIZE + 1)]
WORDS = [f"word {j}" for j in range(1, SIZE + 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_its_own_weights(kind):
    drawn = read(KINDS[kind])
    cells = drawn.panel.cells
    check_cells(cells, QUERIES, WORDS, trained(kind)["example"])
    assert cells.outlined == {*enumerate(ASKED.tolist())}
    said = drawn.alternative.lower()
    name = kind.removesuffix("-p")
    assert f"{name} score" in said or f"{name} attention" in said
    assert f"in {RIGHT[kind]} of {SIZE} rows" in said
    low = min(cells.printed[i][j] for i, j in cells.outlined)
    if "smallest of these" in said:
        assert f"smallest of these weights is {low}." in said


def test_each_kind_has_the_line_of_its_losses():
    drawn = read(types_of_attention.learning)
    panel, said, ends = drawn.panel, [], {}
    for kind, role in {
        "additive": "weight",
        "general": "ochre",
        "self-attention": "slate",
        "concat": "crimson",
    }.items():
        losses = trained(kind)["losses"]
        means = [sum(losses[i : i + 20]) / 20 for i in range(0, 381, 5)]
        line = panel.line(kind)
        assert (line.role, line.y) == (role, near(means))
        assert line.x == [*range(20, 401, 5)]
        ends[kind] = means[-1]
        said.append(f"{kind} {means[-1]:.2g}")
    assert len(panel.lines) == len(said)
    labels = {kind: panel.text(kind).place[1] for kind in ends}
    assert sorted(ends, key=ends.get) == sorted(labels, key=labels.get)
    for kind, end in ends.items():
        assert labels[kind] == pytest.approx(end, rel=1)
    assert panel.y.scale == "log"
    assert (panel.x.label, panel.y.label) == ("training step", "loss")
    assert panel.x.ticks == [(str(n), n) for n in range(0, 401, 100)]
    assert f"last losses: {', '.join(said)}." in drawn.alternative


def test_local_weights_are_zero_outside_their_window():
    drawn = read(types_of_attention.local)
    panel = drawn.panel
    torch.manual_seed(3)
    attention = LocalAttention(DotScore(), 8, 8, window=3)
    query, outputs = torch.randn(1, 1, 8), torch.randn(1, 14, 8)
    with torch.no_grad():
        _, weights = attention(query, outputs)
        centre = attention.predict_position(query, 14).item()
    assert [bar.place for bar in panel.bars] == [*range(14)]
    assert [bar.height for bar in panel.bars] == near(weights[0, 0].tolist())
    assert {bar.role for bar in panel.bars} == {"weight"}
    for bar in panel.bars:
        assert (bar.height == 0) == (abs(bar.place - centre) > 3)
    [bell] = panel.lines
    assert bell.y == near(
        [math.exp(-((x - centre) ** 2) / (2 * 1.5**2)) for x in bell.x]
    )
    middle, *edges = panel.uprights
    assert middle.x == near([centre] * 2)
    assert {bell.role, middle.role} == {"query"}
    assert [edge.x[0] for edge in edges] == near([centre - 3, centre + 3])
    for edge, label in zip(edges, ("p − D", "p + D"), strict=True):
        assert abs(panel.text(label).place[0] - edge.x[0]) < 0.3
    peak = panel.text(f"p = {centre:.1f}")
    assert (peak.role, round(peak.place[0] - centre, 2)) == ("query", 0.25)
    assert (panel.x.label, panel.y.label) == ("source position", "weight")
    assert f"predicted position {centre:.1f}," in drawn.alternative
