"""The figures of Exact Attention in Tiles."""

import math
from itertools import accumulate

from snippets.figures import flash_attention
from tests.figures.checks import near
from tests.support.drawn import read


def test_the_running_sum_is_corrected_where_the_maximum_rises():
    drawn = read(flash_attention.running)
    above, below = drawn.panels
    scores = flash_attention.SCORES
    places = [*range(1, len(scores) + 1)]
    maxima = [*accumulate(scores, max)]
    sums = [
        sum(math.exp(score - maxima[j]) for score in scores[: j + 1])
        for j in range(len(scores))
    ]
    rises = [j for j in places[1:] if maxima[j - 1] > maxima[j - 2]]
    factors = [f"{math.exp(maxima[j - 2] - maxima[j - 1]):.2f}" for j in rises]

    maximum, dots = above.line("maximum\nso far"), above.line("score")
    assert (maximum.role, maximum.x, maximum.y) == (
        "weight",
        places,
        near(maxima),
    )
    assert maximum.artist.get_drawstyle() == "steps-mid"
    assert (dots.role, dots.x, dots.y) == ("ink", places, [*scores])
    assert (maximum.joined, dots.joined) == (True, False)
    assert above.y.label == "score"

    assert [bar.label for bar in below.bars] == [str(j) for j in places]
    assert [bar.height for bar in below.bars] == near(sums)
    assert (below.x.label, below.y.label) == ("key", "sum so far")
    notes = [text for text in below.texts if "×" in text.text]
    assert [(note.text, *note.place) for note in notes] == [
        (f"× {factor}", j, near(sums[j - 1]))
        for j, factor in zip(rises, factors, strict=True)
    ]
    total = below.text(f"{sums[-1]:.2f}")
    assert total.place[1] == near(sums[-1])
    said = drawn.alternative
    assert f"over {len(scores)} keys" in said
    steps = ", ".join(map(str, rises))
    assert f"steps up at the keys {steps}. " in said
    assert (
        f"at the keys {steps} it is first multiplied by {', '.join(factors)}."
        in said
    )
    assert f"ends at {total.text}," in said


def test_tiles_are_numbered_row_by_row_without_those_above_the_diagonal():
    drawn = read(flash_attention.order)
    panel, count = drawn.panel, 4
    wanted = [(i, j) for i in range(count) for j in range(i + 1)]
    numbers = {
        text.text: (int(text.place[1]), int(text.place[0]))
        for text in panel.texts
        if text.text.isdigit()
    }
    assert numbers == {str(n): tile for n, tile in enumerate(wanted, 1)}
    fills = {(int(box.y), int(box.x)): box.fill for box in panel.boxes}
    assert fills == {(i, j): "fill" if j < i else "none" for i, j in wanted}
    assert panel.polygons == [
        [(i, i), (i, i + 1), (i + 1, i + 1), (i, i)] for i in range(count)
    ]
    [left_out] = [t for t in panel.texts if t.text == "left out"]
    assert left_out.place[0] > left_out.place[1]
    ticks = [(str(128 * i), i) for i in range(count + 1)]
    assert panel.x.ticks == panel.y.ticks == ticks
    assert panel.y.limits[0] > panel.y.limits[1]
    assert (panel.x.label, panel.x.role) == ("keys", "key")
    assert (panel.y.label, panel.y.role) == ("queries", "query")
    said = drawn.alternative
    assert f"cut into {count**2} tiles" in said
    assert f"The {len(wanted)} tiles there are numbered" in said
    assert f"the {count**2 - len(wanted)} tiles above it are left" in said


def test_each_way_needs_the_bytes_that_were_counted(monkeypatch):
    mib = 2**20
    lengths = flash_attention.LENGTHS
    found = {
        "one piece": [2 * mib * 4**i for i in range(len(lengths))],
        "tiles": [mib * 2**i for i in range(len(lengths))],
        "PyTorch": [mib * 2**i // 2 for i in range(len(lengths))],
    }
    monkeypatch.setattr(flash_attention, "largest_by_length", lambda: found)
    drawn = read(flash_attention.memory)
    panel = drawn.panel
    for label, name, role in (
        ("in one piece: the scores", "one piece", "weight"),
        ("in tiles: the context", "tiles", "context"),
        ("○ PyTorch's kernel", "PyTorch", "ink"),
    ):
        line = panel.line(label)
        assert (line.role, line.x) == (role, [*lengths])
        assert line.y == [size / mib for size in found[name]]
        assert line.joined == (name != "PyTorch")
    assert len(panel.lines) == 3
    assert (panel.x.scale, panel.y.scale) == ("log", "log")
    assert (panel.x.label, panel.y.label) == ("words", "largest tensor, MiB")
    assert panel.x.ticks == [(f"{n:,}", n) for n in lengths]
    assert panel.y.ticks == [(f"{m:g}", m) for m in (0.5, 2, 8, 32, 128, 512)]
    assert (
        f"the scores: 2 MiB at {lengths[0]} words and {2 * 4**4} MiB at "
        f"{lengths[-1]:,}, four times as much for twice the words."
    ) in drawn.alternative
    assert f"the context: {2**4} MiB at {lengths[-1]:,} words" in (
        drawn.alternative
    )
