"""The figures of How Attention Works against numbers worked out by hand."""

import math

import pytest

from snippets.figures import five_steps
from snippets.five_steps import SOURCE, TARGET, example, next_state
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


def written(number, digits=0):
    """Write a number as the figures do: a real minus, and none of zero."""
    text = f"{number:.{digits}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "\N{MINUS SIGN}")


def whole(rows):
    return [[written(number) for number in row] for row in rows]


GIVEN = [
    [written(w * number, 2) for number in row]
    for w, row in zip(WEIGHTS, OUTPUTS, strict=True)
]
SHARES = [[f"{w:.2f}"] for w in WEIGHTS]
# Label: its role, the edge of its boxes, each word's numbers.
ROWS = {
    "encoder\noutput": ("key", {"key"}, whole(OUTPUTS)),
    "× decoder\nstate": ("query", {"query"}, whole([STATE] * len(SOURCE))),
    "1 compare": ("ink", {"faint"}, whole(COMPARED)),
    "2 score": ("ink", {"faint"}, whole([score] for score in SCORES)),
    "3 softmax": ("ink", {"none", "faint"}, [2 * share for share in SHARES]),
    "× encoder\noutput": ("value", {"value"}, whole(OUTPUTS)),
    "= share": ("ink", {"value"}, GIVEN),
}
FIGURES = {
    five_steps.compare: ("encoder\noutput", "× decoder\nstate", "1 compare"),
    five_steps.score: ("1 compare", "2 score"),
    five_steps.softmax: ("2 score", "3 softmax"),
    five_steps.context: ("3 softmax", "× encoder\noutput", "= share"),
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
    assert shown == {label: ROWS[label] for label in FIGURES[figure]}


def test_the_first_two_say_the_numbers_that_they_show():
    products = [f"({', '.join(row)})" for row in whole(COMPARED)]
    said = read(five_steps.compare).alternative
    assert f"{', '.join(products[:-1])} and {products[-1]}." in said
    assert f"state ({', '.join(*whole([STATE]))})" in said
    [*first, last] = [written(score) for score in SCORES]
    said = read(five_steps.score).alternative
    assert f"scores are {', '.join(first)} and {last}; cat has" in said
    assert SOURCE[SCORES.index(max(SCORES))] == "cat"


def filled(panel: Panel) -> list:
    return [box for box in panel.boxes if box.fill == "fill"]


def test_the_fuller_a_cell_the_larger_its_weight():
    drawn = read(five_steps.softmax)
    cells = filled(drawn.panel)
    assert [box.middle[0] for box in cells] == near([*range(len(SOURCE))])
    assert [box.alpha for box in cells] == near([w**0.7 for w in WEIGHTS])
    said = ", ".join(f"{weight:.2f}" for weight in WEIGHTS)
    assert f"The weights are {said};" in drawn.alternative


def test_lines_run_from_what_each_word_gives_to_the_context():
    drawn = read(five_steps.context)
    panel = drawn.panel
    label = panel.text("4 context")
    boxes = [b for b in panel.boxes if b.middle[1] == near(label.place[1])]
    shown = [panel.inside(box) for box in boxes]
    assert {label.role, *(box.edge for box in boxes)} == {"context"}
    assert shown == [f"{number:.2f}" for number in CONTEXT]
    assert f"vector ({', '.join(shown)})" in drawn.alternative
    middle = sum(box.middle[0] for box in boxes) / len(boxes)
    assert [line.x for line in panel.lines] == [
        [j, near(middle)] for j in range(len(SOURCE))
    ]
    above = panel.text("= share").place[1]
    for line in panel.lines:
        assert above < line.y[0] < line.y[1] < label.place[1]
    assert {line.role for line in panel.lines} == {"value"}
    widths = [line.width for line in panel.lines]
    assert stretched(widths) == near(stretched(WEIGHTS))
    assert min(widths) < 1 < max(widths)


def chances(state):
    """Return logits and probabilities of the target words, by hand."""
    scores = [
        sum(a * b for a, b in zip(state, row, strict=True)) for row in OUTPUTS
    ]
    total = sum(map(math.exp, scores))
    weights = [math.exp(score) / total for score in scores]
    context = [
        sum(w * row[i] for w, row in zip(weights, OUTPUTS, strict=True))
        for i in range(len(state))
    ]
    logits = [
        sum(a * b for a, b in zip(row, [*state, *context], strict=True))
        for row in LAYER
    ]
    total = sum(map(math.exp, logits))
    return weights, logits, [math.exp(logit) / total for logit in logits]


def test_bars_are_the_probabilities_of_the_target_words():
    drawn = read(five_steps.combine)
    top, bottom = drawn.panels
    _, logits, expected = chances(STATE)
    shown = [written(logit, 2) for logit in logits]
    pairs = [*zip(TARGET, shown, strict=True)]
    assert [bar.label for bar in bottom.bars] == [*map("\n".join, pairs)]
    assert ", ".join(map(" ".join, pairs)) in drawn.alternative
    assert [bar.height for bar in bottom.bars] == near(expected)
    assert [text.place for text in bottom.texts] == [
        (i, near(chance + 0.03)) for i, chance in enumerate(expected)
    ]
    printed = [f"{chance:.2f}" for chance in expected]
    assert bottom.words() == printed
    assert bottom.x.label == "word and its logit"
    assert bottom.y.label == "probability"
    pairs = [*zip(TARGET, printed, strict=True)]
    assert ", ".join(map(" ".join, pairs)) in drawn.alternative
    for name, role, numbers in (
        ("decoder state", "query", [written(number) for number in STATE]),
        ("context", "context", [written(number, 2) for number in CONTEXT]),
    ):
        label = top.text(name)
        boxes = [box for box in top.boxes if box.edge == role]
        assert label.role == role
        assert [top.inside(box) for box in boxes] == numbers
        left, right = (box.middle[0] for box in boxes)
        assert left < label.place[0] < right


def test_another_state_looks_at_another_word_and_writes_the_next():
    drawn = read(five_steps.again)
    panel = drawn.panel
    rows = sorted({box.middle[1] for box in filled(panel)})
    states = (STATE, next_state().tolist())
    for y, state, looked, place in zip(
        rows, states, ("cat", "slept"), (2, 3), strict=True
    ):
        weights, _, said = chances(state)
        cells = [box for box in filled(panel) if box.middle[1] == near(y)]
        assert [box.middle[0] for box in cells] == near([0, 1, 2, 3])
        assert [box.alpha for box in cells] == near([w**0.7 for w in weights])
        shown = [f"{weight:.2f}" for weight in weights]
        assert [panel.inside(box) for box in cells] == shown
        asks = [
            b
            for b in panel.boxes
            if b.edge == "query" and b.middle[1] == near(y)
        ]
        assert [panel.inside(box) for box in asks] == [*map(written, state)]
        assert SOURCE[weights.index(max(weights))] == looked
        assert said.index(max(said)) == place
        beside = [t.text for t in panel.texts if t.place[1] == near(y)]
        assert f"→ {TARGET[place]}" in beside
        below = [t.text for t in panel.texts if y < t.place[1] < y + 1]
        assert below == [" ".join(TARGET[:place])]
        assert f"state ({', '.join(map(written, state))})" in drawn.alternative
        assert (
            f"{', '.join(shown)}, and the next word is {TARGET[place]}."
            in drawn.alternative.replace("\n", " ")
        )
