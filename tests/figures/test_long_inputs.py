"""The figures of Long Inputs."""

import math

import torch

from snippets.figures import long_inputs
from snippets.results import long_inputs as results
from tests.figures.checks import check_cells, near
from tests.support.drawn import read


def test_cells_are_filled_where_attention_is_allowed():
    drawn = read(long_inputs.bands)
    size, left = 12, 3
    i, j = torch.arange(size).unsqueeze(1), torch.arange(size)
    causal = j <= i
    window = causal & (j >= i - left)
    expected = {
        "causal": causal,
        "window": window,
        "window and sink": window | (causal & (j == 0)),
    }
    blank = [""] * size
    for panel, (title, cells) in zip(
        drawn.panels, expected.items(), strict=True
    ):
        assert panel.title == title
        check_cells(panel.cells, blank, blank, cells.float(), printed=False)
        assert (panel.x.label, panel.x.role) == ("keys", "key")
        assert panel.y.limits[0] > panel.y.limits[1]
    first = drawn.panels[0].y
    assert (first.label, first.role) == ("queries", "query")
    counts = [int(cells.sum()) for cells in expected.values()]
    said = drawn.alternative
    assert f"{size} queries by {size} keys" in said
    assert f"lower left half, {counts[0]} cells" in said
    assert f"band of {left} earlier keys" in said
    assert f"along the diagonal, {counts[1]} cells" in said
    assert f"beside it, {counts[2]} cells" in said


def test_the_filled_part_ends_where_the_layers_no_longer_reach(monkeypatch):
    def reach(layers, left, length):
        row = torch.arange(1.0, length + 1) * 10**-layers
        row[: max(0, length - 1 - layers * left)] = 0
        return row

    monkeypatch.setattr(results, "reach", reach)
    drawn = read(long_inputs.reach)
    cells, length, left = drawn.panel.cells, 16, results.READERS_LEFT
    assert cells.rows == ["1 layer", "2 layers", "3 layers"]
    assert cells.columns == [str(length - 1 - j) for j in range(length)]
    for layers, shares in enumerate(cells.shares, 1):
        row = reach(layers, left, length)
        shown = (torch.tensor(shares) / max(shares)) ** 4
        assert shown.tolist() == near((row / row.max()).tolist())
    ends = [left * layers for layers in (1, 2, 3)]
    assert [line.points for line in drawn.panel.lines] == [
        [(length - 1 - end, i), (length - 1 - end, i + 1)]
        for i, end in enumerate(ends)
    ]
    assert drawn.panel.x.label == "words before the last one"
    assert f"a window of {left} earlier" in drawn.alternative
    assert f"ends exactly {', '.join(map(str, ends))} words back" in (
        drawn.alternative
    )


def test_each_reader_has_the_line_of_its_answers(monkeypatch):
    farthest = 19
    curves = {
        name: [
            0.9 - 0.01 * i if i < reaches else 0.1 + 0.01 * number
            for i in range(farthest)
        ]
        for number, (name, reaches) in enumerate(
            zip(results.READERS, (farthest, 7, 11), strict=True)
        )
    }
    monkeypatch.setattr(results, "recall", curves.__getitem__)
    drawn = read(long_inputs.recall)
    panel = drawn.panel
    labels = {
        "2 layers, all words": ("all words", "ink"),
        "2 layers, window 4": ("window,\n2 layers", "weight"),
        "3 layers, window 4": ("window,\n3 layers", "ochre"),
    }
    assert [*labels] == [*results.READERS]
    for name, (label, role) in labels.items():
        line = panel.line(label)
        assert line.role == role
        assert (line.x, line.y) == ([*range(1, farthest + 1)], curves[name])
    chance = 1 / long_inputs.FACTS
    [guessing] = panel.levels
    assert guessing.y == [chance, chance] and guessing.dashed
    assert abs(panel.text("guessing").place[1] - chance) < 0.05
    assert panel.y.ticks == [("0", 0), ("50 %", 0.5), ("100 %", 1)]
    assert panel.y.limits[0] == 0
    assert panel.x.label == "words from the question back to the fact"
    assert panel.y.label == "right answers"
    least = f"{curves['2 layers, all words'][-1]:.0%}"
    for sentence in (
        f"at every distance, {least} at the least.",
        f"With a window of {results.READERS_LEFT}, two layers are right up "
        "to 7 words back and three layers up to 11;",
        f"level of guessing, {chance:.0%}.",
    ):
        assert sentence in drawn.alternative


def test_each_way_to_stream_has_the_line_of_its_errors(monkeypatch):
    lengths = [*results.STREAM]
    errors = {
        "trained without a first key": [0.03 + 0.001 * n for n in lengths],
        "window and first key": [0.01 + 0.0001 * n for n in lengths],
        "window": [0.05 + 0.002 * n for n in lengths],
    }
    monkeypatch.setattr(results, "stream", lambda: errors)
    drawn = read(long_inputs.stream)
    panel = drawn.panel
    roles = ("ink", "weight", "ochre")
    for (label, values), role in zip(errors.items(), roles, strict=True):
        line = panel.line(label)
        assert (line.role, line.x, line.y) == (role, lengths, values)
        assert 0 < panel.text(label).place[1] - values[-1] < 0.01
    assert len(panel.lines) == 3
    assert panel.x.ticks == [(str(n), n) for n in lengths[::2]]
    assert panel.y.limits[0] == 0
    assert panel.x.label == "names in the list"
    assert panel.y.label == "error, name not there"
    none, kept, window = errors.values()
    for sentence in (
        f"At {lengths[0]} names the window still holds the start, and the "
        f"error is {window[0]:.3f}.",
        f"From {lengths[1]} names on it does not, and the error is "
        f"{window[1]:.3f}.",
        f"With the first key kept it stays at {kept[-1]:.3f}.",
        f"without a first key stays at {none[-1]:.3f}.",
    ):
        assert sentence in drawn.alternative


def test_a_cap_bends_the_score_and_flattens_its_slope():
    drawn = read(long_inputs.softcap)
    left, right = drawn.panels
    cap = 5.0
    [curve] = [line for line in left.lines if line.role == "weight"]
    [diagonal] = [line for line in left.lines if line.role == "faint"]
    assert (min(curve.x), max(curve.x)) == (-20, 20)
    assert curve.y == near([cap * math.tanh(x / cap) for x in curve.x])
    assert diagonal.x == diagonal.y and diagonal.dashed
    assert [line.y for line in left.levels] == [[-cap, -cap], [cap, cap]]
    [slope] = right.lines
    assert slope.x == curve.x
    assert slope.y == near([1 - math.tanh(x / cap) ** 2 for x in slope.x])
    for axis in (left.x, left.y, right.x, right.y):
        labels = [float(label.replace("−", "-")) for label in axis.labels]
        assert labels == axis.places
    assert left.x.label == right.x.label == "score before"
    assert (left.y.label, right.y.label) == ("score after", "slope")
    at = {x: 1 - math.tanh(x / cap) ** 2 for x in (0, cap, 20)}
    assert at[0] == 1
    assert f"with a cap of {cap:.0f}." in drawn.alternative
    assert f"along plus or minus {cap:.0f}." in drawn.alternative
    assert f"{at[cap]:.2f} at {cap:.0f} and {at[20]:.4f} at 20." in (
        drawn.alternative
    )
