"""The figures of What It Costs: each kind has the line of its own counts."""

from types import SimpleNamespace

import pytest

from snippets.figures import what_it_costs
from tests.figures.checks import near
from tests.support.drawn import read

LENGTHS = what_it_costs.LENGTHS
KINDS = {
    name: number
    for number, name in enumerate(
        (
            "multi-head",
            "heads alone",
            "window",
            "linear",
            "additive",
            "dot",
            "tiles",
        ),
        1,
    )
}


def counted(kind, n):
    """Counts that no two kinds share; all heads cost more than their pairs."""
    factor = {"multi-head": 9000, "heads alone": 500}
    return SimpleNamespace(
        multiplications=factor.get(kind, 10 * KINDS[kind]) * n,
        peak=2**20 * KINDS[kind] * n,
    )


@pytest.fixture(autouse=True)
def _counted(monkeypatch):
    monkeypatch.setattr(what_it_costs, "cost", counted)


def check_lines(panel, expected):
    assert len(panel.lines) == len(expected)
    for label, (role, values) in expected.items():
        line = panel.line(label)
        assert (line.role, line.x, line.y) == (role, LENGTHS, near(values))
        assert panel.text(label).place[0] > LENGTHS[-1]
    assert (panel.x.scale, panel.y.scale) == ("log", "log")
    assert panel.x.ticks == [(f"{n:,}", n) for n in LENGTHS]
    assert panel.x.label == "words, n"


def test_each_kind_has_the_line_of_its_multiplications():
    drawn = read(what_it_costs.operations)
    whole, pairs, window, linear = (
        [counted(kind, n).multiplications for n in LENGTHS]
        for kind in ("multi-head", "heads alone", "window", "linear")
    )
    projections = [a - b for a, b in zip(whole, pairs, strict=True)]
    panel = drawn.panel
    check_lines(
        panel,
        {
            "multi-head": ("weight", whole),
            "its pairs": ("ochre", pairs),
            "its projections": ("slate", projections),
            "window": ("crimson", window),
            "linear": ("ink", linear),
        },
    )
    assert panel.y.label == "multiplications"
    [crossing] = panel.uprights
    assert crossing.x == [1024, 1024]
    assert "cross at 1,024 words" in drawn.alternative
    assert (
        f"for {LENGTHS[-1]:,} words {pairs[-1] / window[-1]:.0f} and "
        f"{pairs[-1] / linear[-1]:.0f} times fewer"
    ) in drawn.alternative


def test_each_kind_has_the_line_of_its_memory():
    drawn = read(what_it_costs.memory)
    mib = {k: [KINDS[k] * n for n in LENGTHS] for k in KINDS}
    check_lines(
        drawn.panel,
        {
            "additive": ("ochre", mib["additive"]),
            "multi-head": ("weight", mib["multi-head"]),
            "dot": ("slate", mib["dot"]),
            "tiles": ("crimson", mib["tiles"]),
            "linear": ("ink", mib["linear"]),
        },
    )
    assert drawn.panel.y.label == "MiB at once"
    last = {kind: f"{values[-1]:,}" for kind, values in mib.items()}
    assert (
        f"highest, {last['additive']} MiB for {LENGTHS[-1]:,} words, then "
        f"multi-head with {last['multi-head']} and dot with {last['dot']} MiB"
    ) in drawn.alternative
    assert (
        f"Tiles, {last['tiles']} MiB, and linear attention, {last['linear']} "
        "MiB"
    ) in drawn.alternative
