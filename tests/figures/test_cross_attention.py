"""The figures of Cross-Attention."""

import pytest
import torch

from snippets.figures import cross_attention
from snippets.results.translator import EXAMPLE
from snippets.translator.number_words import alignment, english, german
from tests.figures.checks import check_cells, check_grid, softmax_weights
from tests.support.drawn import read

WORDS, MORPHEMES = english(EXAMPLE), german(EXAMPLE)
PLACES = {
    (row, place)
    for row, place in enumerate(alignment(EXAMPLE))
    if place is not None
}


def example(wrong: int) -> torch.Tensor:
    """Make weights, all different, with their largest on the right words.

    But for so many rows of them.
    """
    count = len(MORPHEMES) * len(WORDS)
    weights = torch.arange(count).view(len(MORPHEMES), -1) / (4 * count)
    for row, place in sorted(PLACES)[wrong:]:
        weights[row, place] += 0.5
    return weights


@pytest.mark.parametrize("wrong", [0, 2])
def test_queries_ask_on_the_left_and_keys_answer_above(monkeypatch, wrong):
    weights = example(wrong)
    monkeypatch.setattr(
        cross_attention, "example", lambda: (WORDS, MORPHEMES, weights)
    )
    drawn = read(cross_attention.roles)
    panel = drawn.panel
    target, source = weights.shape
    check_cells(panel.cells, MORPHEMES, WORDS, weights, printed=False)
    assert panel.cells.outlined == PLACES
    assert (panel.x.ticks_role, panel.y.ticks_role) == ("key", "query")
    assert panel.x.label.startswith("keys: each English word")
    assert panel.y.label.startswith("queries: each German word")
    assert (panel.x.role, panel.y.role) == ("key", "query")
    arrows = {
        colour: {a.start + a.end for a in panel.arrows if a.role == colour}
        for colour in ("value", "context")
    }
    assert len(panel.arrows) == target + source
    for j in range(source):  # up, from a value to its column
        [up] = [a for a in arrows["value"] if a[0] == j + 0.5]
        assert up[2] == up[0] and up[1] > up[3] > target
    for i in range(target):  # out of a row, to its context
        [out] = [a for a in arrows["context"] if a[1] == i + 0.5]
        assert out[3] == out[1] and source < out[0] < out[2]
    values, contexts = panel.texts[-2:]
    assert values.text.startswith("values: what each English")
    assert contexts.text.startswith("contexts: what each query")
    assert (values.role, contexts.role) == ("value", "context")
    assert values.place[1] > target and contexts.place[0] > source
    right = sum(weights[i].argmax() == j for i, j in PLACES)
    assert f"In {right} of {len(PLACES)} rows" in drawn.alternative
    assert f"from {target} German queries" in drawn.alternative
    assert f"to {source} English keys" in drawn.alternative


def test_the_three_attentions_hide_what_they_must():
    drawn = read(cross_attention.three)
    torch.manual_seed(0)
    words, target = (
        torch.randn(1, 1, 6, 8)[0, 0],
        torch.randn(1, 1, 4, 8)[0, 0],
    )
    seen = torch.tensor([[1, 1, 1, 1, 0, 0]])
    names = {6: ("abcd––", "source"), 4: ("wxyz", "target")}
    expected = {
        "encoder": (words, words, seen.expand(6, 6)),
        "decoder": (target, target, torch.ones(4, 4).tril()),
        "cross": (target, words, seen.expand(4, 6)),
    }
    for panel, (title, (query, key, allowed)) in zip(
        drawn.panels, expected.items(), strict=True
    ):
        assert panel.title == title
        (rows, below), (columns, above) = names[len(query)], names[len(key)]
        weights = softmax_weights(query, key, allowed)
        check_grid(panel, rows, columns, weights, allowed)
        assert (panel.x.label, panel.x.role) == (above, "key")
        assert (panel.y.label, panel.y.role) == (below, "query")
