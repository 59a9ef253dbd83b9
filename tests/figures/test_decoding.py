"""The figures of Decoding with a KV Cache."""

import torch

from snippets.figures import decoding
from tests.figures.checks import check_cells, softmax_weights
from tests.support.drawn import read


def test_only_without_a_cache_are_keys_computed_again():
    drawn = read(decoding.repeated)
    steps = 5
    triangle = {(i, j) for i in range(steps) for j in range(i + 1)}
    computed = {
        "without a cache": triangle,
        "with a cache": {(i, i) for i in range(steps)},
    }
    assert [panel.title for panel in drawn.panels] == [*computed]
    for panel, filled in zip(drawn.panels, computed.values(), strict=True):
        shown = {
            colour: {
                (int(box.y), int(box.x))
                for box in panel.boxes
                if (box.fill, box.edge) == colour
            }
            for colour in (("key", "key"), ("none", "faint"))
        }
        assert [*shown.values()] == [filled, triangle - filled]
        assert len(panel.boxes) == len(triangle)
        numbers = [(str(i + 1), i + 0.5) for i in range(steps)]
        assert panel.x.ticks == panel.y.ticks == numbers
        assert panel.x.label == "position"
    assert drawn.panels[0].y.label == "step"
    without, cached = map(len, computed.values())
    assert f"each of {steps} steps" in drawn.alternative
    assert f"Without a cache every square is filled: {without} keys" in (
        drawn.alternative
    )
    assert f"each row is filled, {cached} in all" in drawn.alternative


def test_the_last_query_sees_all_keys_only_with_the_offset():
    drawn = read(decoding.alignment)
    generator = torch.Generator().manual_seed(5)
    query = torch.randn(2, 8, generator=generator)
    key = torch.randn(5, 8, generator=generator)
    for panel, (title, offset) in zip(
        drawn.panels,
        {"PyTorch's is_causal=True": 0, "is_causal=True, offset=3": 3}.items(),
        strict=True,
    ):
        allowed = torch.ones(2, 5).tril(offset)
        weights = softmax_weights(query, key, allowed)
        assert panel.title == title
        rows = ["query 4", "query 5"]
        columns = [f"key {j}" for j in range(1, 6)]
        check_cells(panel.cells, rows, columns, weights)
    last = drawn.panels[1].cells.printed[1][4]
    assert f"the last key gets {last} of it" in drawn.alternative


def test_a_step_costs_what_was_counted(monkeypatch):
    def counted(position, cached):
        return 10**6 + position if cached else 10**6 * position

    monkeypatch.setattr(decoding, "multiplications", counted)
    drawn = read(decoding.cost)
    panel, last = drawn.panel, decoding.LAST
    for name, role, cached in (
        ("without a cache", "ochre", False),
        ("with a cache", "weight", True),
    ):
        line = panel.line(name)
        assert (line.role, line.x[0], line.x[-1]) == (role, 1, last)
        assert line.y == [counted(position, cached) for position in line.x]
    assert len(panel.lines) == 2
    assert panel.y.scale == "log"
    assert panel.y.label == "multiplications"
    assert panel.x.label == "position that is written"
    assert panel.x.ticks == [(str(n), n) for n in (0, 256, 512, 768, 1024)]
    assert (
        f"without a cache they climb to {counted(last, False):,} at position "
        f"{last:,}, with one they stay near the {counted(1, True):,} of the "
        f"first position and end at {counted(last, True):,}."
    ) in drawn.alternative
