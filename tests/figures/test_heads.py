"""The figures of Multi-Head Attention."""

import torch

from snippets.figures import heads
from snippets.results.translator import EXAMPLE
from snippets.translator.number_words import alignment, english, german
from tests.figures.checks import check_cells, near
from tests.support.drawn import read


def test_a_view_without_transpose_gives_a_head_the_wrong_words():
    drawn = read(heads.split)
    expected = {
        "right: split, then transpose": ["1 1 1", "2 2 2", "3 3 3", "4 4 4"],
        "wrong: view alone": ["1 1 1", "1 1 1", "2 2 2", "2 2 2"],
    }
    for panel, (title, rows) in zip(
        drawn.panels, expected.items(), strict=True
    ):
        assert panel.title == title
        assert panel.x.label == "number of head 1"
        assert panel.cells.rows == [f"row {row}" for row in range(1, 5)]
        assert panel.cells.columns == ["1", "2", "3"]
        assert [" ".join(row) for row in panel.cells.printed] == rows
        shades = {
            (number, round(share, 3))
            for numbers, shares in zip(
                panel.cells.printed, panel.cells.shares, strict=True
            )
            for number, share in zip(numbers, shares, strict=True)
        }
        assert shades <= {(str(n), round(n / 5 - 0.1, 3)) for n in range(1, 5)}
    right, wrong = map(", ".join, expected.values())
    assert f"Right: rows {right}. Wrong," in drawn.alternative
    assert f"transpose: rows {wrong}," in drawn.alternative


def test_each_head_of_the_last_cross_attention_has_its_panel(monkeypatch):
    words, rows = english(EXAMPLE), [*german(EXAMPLE), "(end)"]
    size = 4, len(rows), len(words)
    weights = torch.rand(2, *size, generator=torch.Generator().manual_seed(0))

    def weights_of(model, number):
        assert (model, number) == ("the transformer", EXAMPLE)
        return {"cross 1": weights[0], "cross 2": weights[1]}

    monkeypatch.setattr(heads, "transformer", lambda: "the transformer")
    monkeypatch.setattr(heads, "weights_of", weights_of)
    drawn = read(heads.cross)
    places = {
        (row, place)
        for row, place in enumerate(alignment(EXAMPLE))
        if place is not None
    }
    means = []
    for number, panel in enumerate(drawn.panels):
        left, above = number % 2 == 0, number < 2
        check_cells(
            panel.cells,
            rows if left else [""] * len(rows),
            words if above else [""] * len(words),
            weights[1, number],
            printed=False,
        )
        assert panel.x.label == f"head {number + 1}"
        assert panel.cells.outlined == places
        outlined = [panel.cells.shares[i][j] for i, j in places]
        means.append(sum(outlined) / len(outlined))
    found_means = drawn.alternative.rpartition(" is ")[2].split(", ")[:4]
    assert [float(mean) for mean in found_means] == near(
        [round(mean, 2) for mean in means]
    )
    assert f'on "{" ".join(words)}"' in drawn.alternative
