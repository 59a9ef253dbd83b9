"""The figures of the scores by hand: each number, and each arrow."""

import math

from snippets.figures import scores
from snippets.scores_by_hand import (
    WORDS,
    additive_parameters,
    example,
    other_language,
)
from tests.figures.checks import near
from tests.support.drawn import read

OUTPUTS, STATE = (tensor.tolist() for tensor in example())


def written(number, digits=0):
    text = f"{number:.{digits}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "\N{MINUS SIGN}")


def product(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_each_row_leads_to_the_additive_score():
    """Every number worked out again, in plain Python."""
    W_q, W_k, b, v = (tensor.tolist() for tensor in additive_parameters())
    asks = [product(row, STATE) for row in W_q]
    added = [
        [
            q + product(row, h) + bias
            for q, row, bias in zip(asks, W_k, b, strict=True)
        ]
        for h in OUTPUTS
    ]
    bent = [[math.tanh(number) for number in row] for row in added]
    score = [product(row, v) for row in bent]
    drawn = read(scores.additive)
    panel = drawn.panel
    rows = {
        "encoder\noutput": ("key", "key", OUTPUTS, 0),
        "decoder\nstate": ("query", "query", [STATE] * len(WORDS), 0),
        "added": ("ink", "faint", added, 0),
        "tanh": ("ink", "faint", bent, 1),
        "score": ("ink", "faint", [[e] for e in score], 1),
    }
    for label, (role, edge, numbers, digits) in rows.items():
        text = panel.text(label)
        boxes = [b for b in panel.boxes if b.middle[1] == near(text.place[1])]
        assert (text.role, {box.edge for box in boxes}) == (role, {edge})
        shown = [
            [panel.inside(b) for b in boxes if abs(b.middle[0] - j) < 0.5]
            for j in range(len(WORDS))
        ]
        assert shown == [[written(n, digits) for n in row] for row in numbers]
    words = {t.text: t.place for t in panel.texts if t.place[1] == 0}
    assert words == {word: (j, 0) for j, word in enumerate(WORDS)}
    said = ", ".join(written(e, 1) for e in score)
    assert f"and the score: {said}." in drawn.alternative
    assert max(score) == score[WORDS.index("cat")]


def test_arrows_end_at_the_vectors_and_the_scores_are_said():
    state, W = (tensor.tolist() for tensor in other_language())
    turned = [product(column, state) for column in zip(*W, strict=True)]
    drawn = read(scores.languages)
    titles = ["one language", "another one", "turned by W"]
    assert [panel.title for panel in drawn.panels] == titles
    for panel, asks in zip(drawn.panels, (STATE, state, turned), strict=True):
        ends = {arrow.end: arrow.role for arrow in panel.arrows}
        expected = {tuple(h): "key" for h in OUTPUTS[1:]}
        assert ends == expected | {tuple(asks): "query"}
        assert {arrow.start for arrow in panel.arrows} == {(0, 0)}
        vectors = dict(zip(WORDS, OUTPUTS, strict=True)) | {"state": asks}
        for text in panel.texts:
            if text.text in vectors:
                x, y = vectors[text.text]
                assert text.place[0] == x and abs(text.place[1] - y) < 0.5
                role = "query" if text.text == "state" else "key"
                assert text.role == role
    said = ", ".join(map(written, STATE))
    assert f"the state ({said}) points" in drawn.alternative
    for asks, word in (
        (STATE, "dot scores are {}."),
        (state, "way of slept: {}."),
        (turned, "general scores are {}."),
    ):
        said = ", ".join(written(product(h, asks)) for h in OUTPUTS)
        assert word.format(said) in drawn.alternative
