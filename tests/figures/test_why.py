"""The figures of Why Do We Need Attention?."""

import math

import torch

from snippets.figures import why
from snippets.five_steps import SOURCE, example
from tests.figures.checks import near, stretched
from tests.support.drawn import read


def test_only_with_attention_do_all_states_reach_the_decoder():
    above, below = read(why.bottleneck).panels
    places = [*range(len(SOURCE))]
    last = places[-1]
    for panel, title, kept in (
        (above, "one fixed-size vector", [last]),
        (below, "attention", places),
    ):
        assert panel.text(title)
        words = {t.text: t.place[0] for t in panel.texts if t.text in SOURCE}
        assert words == dict(zip(SOURCE, places, strict=True))
        states = {
            b.middle[0]: b.edge for b in panel.boxes if b.edge != "query"
        }
        assert states == {j: "key" if j in kept else "faint" for j in places}
        [decoder] = [box for box in panel.boxes if box.edge == "query"]
        label = panel.text("decoder")
        assert (label.role, label.place[0]) == ("query", decoder.middle[0])
        within = [a for a in panel.arrows if a.end[1] == a.start[1]]
        assert [
            round(arrow.start[0]) for arrow in within if arrow.role == "faint"
        ] == places[:-1]
    [out] = [arrow for arrow in above.arrows if arrow.role == "key"]
    assert (round(out.start[0]), above.lines) == (last, [])
    assert not [arrow for arrow in below.arrows if arrow.role != "faint"]
    state, outputs, _ = example()
    weights = [math.exp(score) for score in (outputs @ state).tolist()]
    assert [line.x[0] for line in below.lines] == places
    assert {line.role for line in below.lines} == {"context"}
    widths = [line.width for line in below.lines]
    assert stretched(widths) == near(stretched(weights))


def test_influence_is_drawn_for_the_vector_and_for_attention(monkeypatch):
    words = torch.arange(1.0, 21)
    fixed = torch.stack(
        [10 ** (words / 4 - 5 - seed / 9) for seed in range(3)]
    )
    attended = torch.stack([1 + 0.1 * seed + words / 100 for seed in range(3)])
    monkeypatch.setattr(why, "measured", lambda: (fixed, attended))
    drawn = read(why.influence)
    panel = drawn.panel
    labels = ("through the fixed vector", "through attention, weight 1")
    for runs, label, role, band in zip(
        (fixed, attended),
        labels,
        ("ochre", "weight"),
        panel.bands,
        strict=True,
    ):
        line = panel.line(label)
        assert (line.role, line.x) == (role, words.tolist())
        assert line.y == near((runs.sum(dim=0) / 3).tolist())
        assert (band.role, band.x) == (role, words.tolist())
        assert band.low == near(runs.min(dim=0).values.tolist())
        assert band.high == near(runs.max(dim=0).values.tolist())
    assert len(panel.lines) == 2
    assert panel.y.scale == "log"
    assert panel.x.label == "position of the word in the sentence"
    assert panel.y.label == "influence"
    assert [line.y for line in panel.levels] == [[1, 1]]
    assert "each of 20 words" in drawn.alternative
    first = f"{fixed[:, 0].sum() / 3:.0e}"
    assert f"to {first} for the first word" in drawn.alternative
