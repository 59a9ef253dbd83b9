"""The figures of the step-by-step pages."""

import torch

from snippets.attention_decoder import AttentionDecoder
from snippets.figures import step_by_step
from tests.figures.checks import check_cells, grids
from tests.support.drawn import read


def test_batch_first_makes_one_matrix_of_five_slices():
    panel = read(step_by_step.batch_first).panel
    shapes = [
        (colour, rows, columns)
        for colour, _, _, rows, columns in grids(panel.boxes)
    ]
    # Eight of the sixteen numbers are drawn.
    assert shapes == [("key", 1, 8)] * 5 + [("key", 5, 8)]
    lefts = [left for _, left, *_ in grids(panel.boxes)]
    assert max(lefts[:5]) < lefts[5]
    assert panel.words("ink") == panel.words()
    titles = {t.text: t.place[0] for t in panel.texts if "first" in t.text}
    assert titles == {
        "time first (5, 1, 16)": lefts[0],
        "batch first (1, 5, 16)": lefts[5],
    }


def test_only_the_fixed_product_has_a_partner_for_each_matrix():
    panel = read(step_by_step.bmm).panel
    found = grids(panel.boxes)
    assert panel.words("ink") == panel.words()
    line = panel.text("fixed: (1, 1, 16) × (1, 16, 5)").place[1]
    assert panel.text("published: (1, 1, 16) × (5, 16, 1)").place[1] < line
    parts = {
        half: [
            (colour, rows, columns)
            for colour, _, top, rows, columns in found
            if (top > line) == (half == "fixed")
        ]
        for half in ("published", "fixed")
    }
    assert parts == {
        "published": [
            ("ink", 1, 8),
            ("slate", 8, 1),
            *[("faint", 8, 1)] * 4,
        ],
        "fixed": [("ink", 1, 8), ("slate", 8, 5), ("weight", 1, 5)],
    }
    [scores] = [grid for grid in found if grid[0] == "weight"]
    label = panel.text("5 scores").place
    assert scores[1] < label[0] < scores[1] + 5 * 0.2
    alone = panel.text("four without a partner").place
    assert min(top for _, _, top, *_ in found) < alone[1] < line


def test_before_training_three_steps_look_everywhere():
    drawn = read(step_by_step.decoding)
    torch.manual_seed(0)
    decoder = AttentionDecoder(10, 8, 16, 16)
    outputs, state = torch.randn(1, 5, 16), torch.zeros(1, 16)
    word, rows = torch.tensor([0]), []
    with torch.no_grad():
        for _ in range(3):
            logits, state, weights = decoder(word, state, outputs)
            word = logits.argmax(dim=1)
            rows.append(weights[0])
    steps = [f"step {i}" for i in range(1, 4)]
    words = [f"word {j}" for j in range(1, 6)]
    weights = torch.stack(rows)
    check_cells(drawn.panel.cells, steps, words, weights)
    low, high = weights.min().item(), weights.max().item()
    assert f"between {low:.2f} and {high:.2f}:" in drawn.alternative
