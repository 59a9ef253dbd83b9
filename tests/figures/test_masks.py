"""The figures of Masks and Padding against masks written by hand."""

import pytest
import torch

from snippets.figures import masks
from tests.figures.checks import (
    check_cells,
    check_grid,
    near,
    softmax_weights,
)
from tests.support.drawn import read

SIZE = 6
PLACES = [(i, j) for i in range(SIZE) for j in range(SIZE)]
CAUSAL = [j <= i for i, j in PLACES]
KINDS = {
    "padding": ("abcd––", [j < 4 for _, j in PLACES]),
    "causal": ("abcdef", CAUSAL),
    "documents": ("abcxyz", [(i < 3) == (j < 3) for i, j in PLACES]),
    "prefix": ("abcdef", [j <= i or j < 3 for i, j in PLACES]),
}


def square(cells):
    return torch.tensor(cells).view(SIZE, SIZE)


def random_vectors():
    """The vectors that the figures take."""
    torch.manual_seed(0)
    return torch.randn(2, 1, 1, SIZE, 8)[:, 0, 0]


def test_each_mask_stands_over_the_weights_that_it_leaves():
    panels = read(masks.kinds).panels
    query, key = random_vectors()
    assert [panel.title for panel in panels[:4]] == [*KINDS]
    tops, bottoms = panels[:4], panels[4:]
    for top, bottom, (words, cells) in zip(
        tops, bottoms, KINDS.values(), strict=True
    ):
        allowed = square(cells)
        check_grid(top, words, words, 0.45 * allowed, allowed)
        weights = softmax_weights(query, key, allowed)
        check_grid(bottom, words, words, weights, allowed)
        assert (bottom.x.label, bottom.x.role) == ("key", "key")
    assert [p.words() for p in panels] == [
        *(["mask"], [], [], []),
        *(["weights"], [], [], []),
    ]
    for panel in (tops[0], bottoms[0]):
        assert (panel.y.label, panel.y.role) == ("query", "query")


def test_only_weights_masked_before_the_softmax_sum_to_one():
    drawn = read(masks.after_softmax)
    torch.manual_seed(0)
    exponentials = torch.randn(4, 4).exp()
    causal = torch.ones(4, 4).tril()
    all_of_row = exponentials.sum(dim=1, keepdim=True)
    seen_of_row = (exponentials * causal).sum(dim=1, keepdim=True)
    said = {}
    totals = {"after": all_of_row, "before": seen_of_row}
    for panel, (name, total) in zip(drawn.panels, totals.items(), strict=True):
        weights = exponentials * causal / total
        check_cells(panel.cells, "1234", "1234", weights)
        assert panel.title == f"masked {name}"
        assert (panel.x.label, panel.x.role) == ("key", "key")
        assert (panel.y.label, panel.y.role) == ("query", "query")
        beside = {t.place[1]: t.text for t in panel.texts if t.place[0] > 4}
        sums = [f"{row:.2f}" for row in weights.sum(dim=1).tolist()]
        assert beside == {
            -0.5: "sum",
            **{i + 0.5: s for i, s in enumerate(sums)},
        }
        said[name] = sums
    assert {"1.00"} == set(said["before"]) < set(said["after"])
    assert (
        f"after the softmax, the rows sum to {', '.join(said['after'])}."
        in (drawn.alternative)
    )
    assert "before it, every row sums to 1.00." in drawn.alternative


def test_rows_that_differ_are_all_told():
    facts = {"before": "1.00, 0.90"}
    assert masks.before_text(facts) == "1.00, 0.90"


def test_a_mask_the_wrong_way_round_lets_the_future_in():
    drawn = read(masks.polarity)
    query, key = random_vectors()
    causal = square(CAUSAL)
    expected = {
        "right": softmax_weights(query, key, causal),
        "inverted": softmax_weights(query, key, ~causal),
        "0 and 1, added": softmax_weights(query, key, added=1.0 * causal),
    }
    stairs = [(i + 1, i + down) for i in range(SIZE) for down in (0, 1)]
    for panel, (title, weights) in zip(
        drawn.panels, expected.items(), strict=True
    ):
        assert panel.title == title
        check_grid(panel, "abcdef", "abcdef", weights, weights > 0)
        [edge] = [line for line in panel.lines if line.joined]
        assert edge.points == stairs
        assert edge.role == "weight"
        assert (panel.x.label, panel.x.role) == ("key", "key")
        assert (panel.y.label, panel.y.role) == ("query", "query")
    leaked = 1 - expected["0 and 1, added"][0, 0].item()
    assert f"Added: {leaked:.0%} of" in drawn.alternative
    assert expected["inverted"].sum(dim=1).tolist() == near([1] * 5 + [0])


@pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
def test_a_grid_has_a_box_or_a_dot_in_each_cell(shape):
    allowed = torch.rand(shape) > 0.5

    def figure():
        """Drawn here."""
        drawn = masks.new_figure(2)
        masks.grid(drawn.subplots(), 0.5 * allowed, allowed)
        return drawn

    panel = read(figure).panel
    blank = [""] * shape[0], [""] * shape[1]
    check_grid(panel, *blank, 0.5 * allowed, allowed)
