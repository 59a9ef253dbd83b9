"""The figures of Linear Attention."""

from snippets.figures import linear_attention, style
from tests.figures.checks import check_cells, near
from tests.support.drawn import read

LONG, SHORT = 9, 2.8


def test_the_brackets_decide_how_large_the_product_is():
    panel = read(linear_attention.brackets).panel
    filled = [box for box in panel.boxes if box.fill != "none"]
    assert {box.alpha for box in filled} == {0.35}
    middle = sum(panel.y.limits) / 2
    rows = [
        [box for box in filled if (box.middle[1] > middle) == above]
        for above in (True, False)
    ]
    shapes = [
        [(b.edge, near(b.height), near(b.width), panel.inside(b)) for b in row]
        for row in rows
    ]
    three = [
        ("query", LONG, SHORT, "φ(Q)"),
        ("key", SHORT, LONG, "φ(K)ᵀ"),
        ("value", LONG, SHORT, "V"),
    ]
    assert shapes == [
        [*three, ("weight", LONG, LONG, "n × n\nweights")],
        [*three, ("context", SHORT, SHORT, "")],
    ]
    beside = panel.text("d × d\nstate").place
    assert beside[0] > rows[1][-1].x and beside[1] == rows[1][-1].middle[1]
    for row, first, second in (
        (rows[0], "query", "key"),
        (rows[1], "key", "value"),
    ):
        height = row[0].middle[1]
        opens, closes = sorted(
            arrow.start[0]
            for arrow in panel.arrows
            if arrow.role == "ink" and arrow.end[1] < height < arrow.start[1]
        )
        inside = [b.edge for b in row if opens < b.middle[0] < closes]
        assert inside == [first, second]
        [way] = [
            arrow
            for arrow in panel.arrows
            if arrow.role == "faint" and arrow.start[1] == height
        ]
        assert row[-2].middle[0] < way.start[0] < way.end[0] < row[-1].x


def test_only_the_delta_rule_keeps_the_last_write_and_no_other():
    drawn = read(linear_attention.overwriting)
    writes = "ABACB"
    plain = [[float(asked == w) for w in writes] for asked in "ABC"]
    fading = [
        [w * 0.8 ** (len(writes) - 1 - i) for i, w in enumerate(row)]
        for row in plain
    ]
    last = [
        [float(writes.rindex(asked) == i) for i in range(len(writes))]
        for asked in "ABC"
    ]
    rows = ["asks A", "asks B", "asks C"]
    starts = ("plain sum", "decay", "delta rule")
    for panel, start, weights in zip(
        drawn.panels, starts, (plain, fading, last), strict=True
    ):
        assert panel.title.startswith(start)
        check_cells(panel.cells, rows, writes, weights)
    assert f"C, written once, to {0.8:.2f}." in drawn.alternative
    assert str(linear_attention.DECAY) in drawn.panels[1].title


KINDS = {
    "softmax": ("softmax", "weight"),
    "linear": ("linear", "ochre"),
    "gated": ("gated", "slate"),
    "delta": ("delta rule", "crimson"),
}


def accuracy_of(kind, times):
    """A run by pairs; no two kinds have the same."""
    start = 0.95 - 0.2 * [*KINDS].index(kind) - 0.02 * times
    return {
        pairs: start - i * 0.01
        for i, pairs in enumerate(linear_attention.PAIRS)
    }


def others(kind, times):
    """A range by pairs, not about the middle of the run."""
    return {
        pairs: (share - 0.07, share + 0.03)
        for pairs, share in accuracy_of(kind, times).items()
    }


def test_each_kind_recalls_what_was_measured_of_it(monkeypatch):
    monkeypatch.setattr(linear_attention, "accuracy_of", accuracy_of)
    monkeypatch.setattr(linear_attention, "others", others)
    drawn = read(linear_attention.recall)
    pairs = [*linear_attention.PAIRS]
    said = {}
    for panel, (word, times) in zip(
        drawn.panels, {"once": 1, "twice": 2}.items(), strict=True
    ):
        assert panel.title == f"each key written {word}"
        bands = {band.role: band for band in panel.bands}
        for kind, (label, role) in KINDS.items():
            shares = [*accuracy_of(kind, times).values()]
            low, high = zip(*others(kind, times).values(), strict=True)
            line, band = panel.line(label), bands[role]
            assert (line.role, line.x, line.y) == (role, pairs, near(shares))
            assert band.x == pairs
            assert (band.low, band.high) == (near(low), near(high))
            assert abs(panel.text(label).place[1] - shares[-1]) < 0.1
            said[word, kind] = [f"{shares[i]:.0%}" for i in (0, -1)]
        assert len(panel.lines) == len(panel.bands) == len(KINDS)
        assert panel.y.ticks == [("0 %", 0), ("50 %", 0.5), ("100 %", 1)]
        assert panel.y.limits[0] == 0
        assert panel.y.label == "right answers"
        assert panel.x.scale == "log"
    below = drawn.panels[1].x
    assert below.ticks == [(str(n), n) for n in pairs]
    assert below.label == "pairs in the sequence"
    few, most = ({key: ends[i] for key, ends in said.items()} for i in (0, 1))
    for sentence in (
        f"pairs, {pairs[0]} to {pairs[-1]}, for",
        f"at {pairs[-1]} softmax still is, {most['once', 'softmax']}, while "
        f"linear falls to {most['once', 'linear']}, the delta rule to "
        f"{most['once', 'delta']} and gated to {most['once', 'gated']}.",
        f"with {pairs[0]} pairs the delta rule has {few['twice', 'delta']}, "
        f"softmax {few['twice', 'softmax']}, gated {few['twice', 'gated']} "
        f"and linear {few['twice', 'linear']};",
        f"with {pairs[-1]} pairs softmax has {most['twice', 'softmax']}, the "
        f"delta rule {most['twice', 'delta']}, gated {most['twice', 'gated']},"
        f" linear {most['twice', 'linear']}.",
    ):
        assert sentence in drawn.alternative


def test_labels_that_touch_move_apart_in_their_order():
    heights = style.spread([0.5, 0.52, 0.1, 0.51], 0.1)
    first, third, alone, second = heights
    assert (round(second - first, 6), round(third - second, 6)) == (0.1, 0.1)
    assert alone == 0.1
