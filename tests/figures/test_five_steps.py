"""The figures of How Attention Works against numbers worked out by hand."""

import math

import pytest

from snippets.figures import five_steps
from snippets.five_steps import SOURCE, TARGET, example
from tests.figures.checks import near, stretched
from tests.support.drawn import Panel, read

STATE, OUTPUTS, LAYER = (tensor.tolist() for tensor in example())
COMPARED = [
    [s * o for s, o in zip(STATE, row, strict=True)] for row in OUTPUTS
]
SCORES = [sum(row) for row in COMPARED]
TOTAL = sum(map(math.exp, SCORES))
WEIGHTS = [math.exp(score) / TOTAL for score in SCORES]
CONTEXT = [
    sum(w * row[i] for w, row in zip(WEIGHTS, OUTPUTS, strict=True))
    for i in range(len(STATE))
]


def whole(rows):
    return [[f"{number:.0f}" for number in row] for row in rows]


ROWS = {
    "encoder\noutputs": ("key", "key", whole(OUTPUTS)),
    "1 compare:\n× state (1, 1)": ("query", "faint", whole(COMPARED)),
    "2 score": ("ink", "faint", whole([score] for score in SCORES)),
    "3 softmax": ("ink", "none", [[f"{w:.2f}"] for w in WEIGHTS]),
}
FIGURES = {
    five_steps.compare: 2,
    five_steps.score: 3,
    five_steps.softmax: 4,
    five_steps.context: 4,
}


def row_at(panel: Panel, y: float) -> tuple[set[str], list[list[str]]]:
    """Return the colours of the boxes at a height, and each word's numbers."""
    boxes = [box for box in panel.boxes if box.middle[1] == near(y)]
    numbers = [
        [panel.inside(b) for b in boxes if abs(b.middle[0] - j) < 0.5]
        for j in range(len(SOURCE))
    ]
    return {box.edge for box in boxes}, numbers


@pytest.mark.parametrize("figure", FIGURES)
def test_each_row_has_its_numbers_under_the_words(figure):
    panel = read(figure).panel
    words = {t.text: t.place for t in panel.texts if t.place[1] == 0}
    assert words == {word: (j, 0) for j, word in enumerate(SOURCE)}
    labels = [t for t in panel.texts if t.place[0] < -1]
    shown = {t.text: (t.role, *row_at(panel, t.place[1])) for t in labels}
    shown.pop("4 context", None)
    assert shown == {
        label: (role, {edge}, numbers)
        for label, (role, edge, numbers) in [*ROWS.items()][: FIGURES[figure]]
    }


def test_the_first_two_say_the_numbers_that_they_show():
    products = [f"({', '.join(row)})" for row in whole(COMPARED)]
    said = read(five_steps.compare).alternative
    assert f"{', '.join(products[:-1])} and {products[-1]}." in said
    assert f"state ({', '.join(*whole([STATE]))})" in said
    [*first, last] = [f"{score:.0f}" for score in SCORES]
    said = read(five_steps.score).alternative
    assert f"scores are {', '.join(first)} and {last}; cat has" in said
    assert SOURCE[SCORES.index(max(SCORES))] == "cat"


def test_the_fuller_a_cell_the_larger_its_weight():
    drawn = read(five_steps.softmax)
    cells = [box for box in drawn.panel.boxes if box.fill == "fill"]
    assert [box.middle[0] for box in cells] == near([*range(len(SOURCE))])
    assert [box.alpha for box in cells] == near(WEIGHTS)
    said = ", ".join(f"{weight:.2f}" for weight in WEIGHTS)
    assert f"The weights are {said};" in drawn.alternative


def test_lines_run_from_each_weight_to_the_context():
    drawn = read(five_steps.context)
    panel = drawn.panel
    label = panel.text("4 context")
    boxes = [b for b in panel.boxes if b.middle[1] == near(label.place[1])]
    shown = [panel.inside(box) for box in boxes]
    assert {label.role, *(box.edge for box in boxes)} == {"context"}
    assert shown == [f"{number:.1f}" for number in CONTEXT]
    assert f"context vector ({', '.join(shown)})" in drawn.alternative
    middle = sum(box.middle[0] for box in boxes) / len(boxes)
    assert [line.x for line in panel.lines] == [
        [j, near(middle)] for j in range(len(SOURCE))
    ]
    assert {line.role for line in panel.lines} == {"context"}
    widths = [line.width for line in panel.lines]
    assert stretched(widths) == near(stretched(WEIGHTS))
    assert min(widths) < 1 < max(widths)


def test_bars_are_the_probabilities_of_the_target_words():
    drawn = read(five_steps.combine)
    top, bottom = drawn.panels
    logits = [
        sum(a * b for a, b in zip(row, [*STATE, *CONTEXT], strict=True))
        for row in LAYER
    ]
    total = sum(map(math.exp, logits))
    chances = [math.exp(logit) / total for logit in logits]
    assert [bar.label for bar in bottom.bars] == [*TARGET]
    assert [bar.height for bar in bottom.bars] == near(chances)
    assert [text.place for text in bottom.texts] == [
        (i, near(chance + 0.03)) for i, chance in enumerate(chances)
    ]
    printed = [f"{chance:.2f}" for chance in chances]
    assert bottom.words() == printed
    assert bottom.y.label == "probability"
    pairs = zip(TARGET, printed, strict=True)
    assert ", ".join(map(" ".join, pairs)) in drawn.alternative
    for name, role, numbers in (
        ("decoder state", "query", STATE),
        ("context", "context", CONTEXT),
    ):
        label = top.text(name)
        boxes = [box for box in top.boxes if box.edge == role]
        assert label.role == role
        assert [top.inside(box) for box in boxes] == [
            f"{number:.1f}" for number in numbers
        ]
        left, right = (box.middle[0] for box in boxes)
        assert left < label.place[0] < right
