"""The figures of the translator: each model's numbers under its own name."""

import math

import pytest
import torch

from snippets.figures import share, translator
from snippets.results import translator as results
from snippets.results.translator import EXAMPLE, LONGER
from snippets.translator.number_words import (
    LENGTH_BINS,
    alignment,
    english,
    german,
)
from tests.figures.checks import check_cells, near
from tests.results.made import recorded
from tests.support.drawn import Panel, read

BINS = [f"{low}–{high}" for low, high in LENGTH_BINS]
LONG = 234_567_891
STARTS = {
    "attention": 0.95,
    "fixed vector": 0.5,
    "attention, at most 16 words": 0.85,
    "fixed vector, at most 16 words": 0.4,
}


def measured(name, seed=0):
    """Measurements of which no two models or random starts have the same."""
    start = STARTS[name] - 0.1 * seed**0.5
    return {
        "exact": start,
        "by_length": {
            key: start - 0.03 * i for i, key in enumerate(LENGTH_BINS)
        },
        "losses": [
            math.exp(-step / (100 * start)) + 0.1 * start
            for step in range(400)
        ],
    }


def measured_from(name, seed):
    """The same in the mean of the three starts of what is compared."""
    run = measured(name)
    if name not in ("attention", "fixed vector"):
        assert seed == 0
        return run
    more = (0.03, -0.02, -0.01)[seed]
    shares = {key: share + more for key, share in run["by_length"].items()}
    return run | {"by_length": shares}


def spans(model):
    """Ranges of other starts of which no two models have the same."""
    start = STARTS[model]
    return [(start - 0.04 * i, start + 0.02 - 0.03 * i) for i in range(6)]


def longer(i):
    """Exact match with four times the steps, the mean of other starts."""
    return 0.7 - 0.05 * i


def weights_of(number):
    """Make weights, all different; half are on the right word."""
    rows, columns = len(german(number)), len(english(number))
    weights = torch.arange(rows * columns).view(rows, columns) / (
        2.0 * rows * columns
    )
    for row, place in enumerate(alignment(number)):
        if place is not None and row % 2:
            weights[row, place] += 0.5
    return weights


@pytest.fixture(autouse=True)
def _trained(monkeypatch):
    def translate(model, numbers):
        assert model == ("attention", 0)
        return [(german(n), weights_of(n)) for n in numbers]

    for name, fake in {
        "measured": measured,
        "translator": lambda name, seed=0: (name, seed),
        "translate": translate,
        "garbled_number": lambda: LONG,
    }.items():
        monkeypatch.setattr(translator, name, fake)
        monkeypatch.setattr(share, name, fake, raising=False)
    monkeypatch.setattr(results, "measured", measured_from)
    rows = [
        {
            f"{model}, {low} to {high}": spans(model)[i][end]
            for i, (low, high) in enumerate(LENGTH_BINS)
            for model in ("attention", "fixed vector")
        }
        | {
            f"{LONGER}, {low} to {high}": longer(i) + 0.1 * (-1) ** end
            for i, (low, high) in enumerate(LENGTH_BINS)
        }
        for end in (0, 1)
    ]
    recorded(monkeypatch, why__translators=rows)


def percents(run):
    return [100 * run["by_length"][key] for key in LENGTH_BINS]


def listed(shares):
    return ", ".join(f"{share:.0f}" for share in shares)


def check_shares(panel: Panel, expected) -> None:
    """Compare lines over the lengths by label, on an axis from 0 to 100 %."""
    for label, (role, values) in expected.items():
        line = panel.line(label)
        assert (line.role, line.x) == (role, [*range(len(BINS))])
        assert line.y == near(values)
    assert len(panel.lines) == len(expected)
    assert panel.x.labels == BINS
    assert panel.x.label == "English words in the number"
    assert panel.y.label.endswith(", %")
    assert panel.y.limits[0] <= 0 and panel.y.limits[1] >= 100


def test_each_model_has_the_line_of_its_exact_matches():
    drawn = read(translator.accuracy)
    attention, fixed = (
        percents(measured(kind)) for kind in ("attention", "fixed vector")
    )
    more = [100 * longer(i) for i in range(len(BINS))]
    check_shares(
        drawn.panel,
        {
            "attention": ("weight", attention),
            "fixed vector,\nequal time": ("ochre", fixed),
            "fixed vector,\nfour times\nthe steps": ("ochre", more),
        },
    )
    bands = {band.role: band for band in drawn.panel.bands}
    for kind, role in (("attention", "weight"), ("fixed vector", "ochre")):
        low, high = zip(*spans(kind), strict=True)
        assert bands[role].low == near([100 * share for share in low])
        assert bands[role].high == near([100 * share for share in high])
    assert len(drawn.panel.bands) == 2
    for sentence in (
        f"With attention: {listed(attention)} percent.",
        f"equal training time: {listed(fixed)} percent.",
        f"in the mean of other starts: {listed(more)} percent.",
    ):
        assert sentence in drawn.alternative


def test_models_trained_on_short_numbers_have_their_own_lines():
    drawn = read(translator.too_long)
    attention, fixed = (
        percents(measured(f"{kind}, at most 16 words"))
        for kind in ("attention", "fixed vector")
    )
    panel = drawn.panel
    check_shares(
        panel,
        {"attention": ("weight", attention), "fixed vector": ("ochre", fixed)},
    )
    [border] = panel.uprights
    seen = sum(high <= 16 for _, high in LENGTH_BINS)
    assert seen - 1 < border.x[0] < seen
    assert panel.text("longer than\nany seen").place[0] > border.x[0]
    assert "at most 16 words." in drawn.alternative
    assert (
        f"With attention: {listed(attention)} percent; with a fixed vector: "
        f"{listed(fixed)} percent."
    ) in drawn.alternative


@pytest.mark.parametrize(
    ("figure", "number", "said"),
    [
        (translator.crossing, EXAMPLE, 'translates "{}" into "{}".'),
        (translator.long_alignment, LONG, 'for a long number, "{}".'),
    ],
    ids=["crossing", "long_alignment"],
)
def test_each_german_word_has_the_weights_of_its_step(figure, number, said):
    drawn = read(figure)
    cells, weights = drawn.panel.cells, weights_of(number)
    words, morphemes = english(number), german(number)
    check_cells(cells, morphemes, words, weights, printed=False)
    places = {
        (row, place)
        for row, place in enumerate(alignment(number))
        if place is not None
    }
    assert cells.outlined == places
    right = sum(weights[row].argmax() == place for row, place in places)
    assert 0 < right < len(places)
    assert f"In {right} of {len(places)} rows" in drawn.alternative
    sentence = said.format(" ".join(words), " ".join(morphemes))
    assert sentence in drawn.alternative


def check_lines(panel: Panel, least: float) -> None:
    """Compare the lines from words to morphemes, as wide as their weights."""
    weights = weights_of(EXAMPLE)
    words, morphemes = english(EXAMPLE), german(EXAMPLE)
    lines = [text for text in panel.texts if text.place[0] >= 0]
    above = [text for text in lines if text.place[1] > 1]
    below = [text for text in lines if text.place[1] < 0]
    assert [(text.text, text.role) for text in above] == [
        (morpheme, "query") for morpheme in morphemes
    ]
    assert [(text.text, text.role) for text in below] == [
        (word, "key") for word in words
    ]
    ways = {
        (
            [text.place[0] for text in below].index(line.x[0]),
            [text.place[0] for text in above].index(line.x[1]),
        ): line.width
        for line in panel.lines
    }
    assert {line.role for line in panel.lines} == {"weight"}
    assert {(*line.y,) for line in panel.lines} == {(0, 1)}
    thick = {
        (j, i): weights[i, j].item()
        for i in range(len(morphemes))
        for j in range(len(words))
        if weights[i, j] > least
    }
    assert ways.keys() == thick.keys()
    scale = max(ways.values()) / max(thick.values())
    assert [ways[way] / scale for way in thick] == near([*thick.values()])


def test_lines_join_each_morpheme_with_the_words_it_attends():
    drawn = read(translator.introduction)
    check_lines(drawn.panel, 0.08)
    sides = {"it reads": english(EXAMPLE)[0], "it writes": german(EXAMPLE)[0]}
    for side, first in sides.items():
        label, word = drawn.panel.text(side), drawn.panel.text(first)
        assert label.place[0] < word.place[0]
        assert label.place[1] == word.place[1]
    words, morphemes = english(EXAMPLE), german(EXAMPLE)
    assert f'"{" ".join(words)}" becomes "{" ".join(morphemes)}".' in (
        drawn.alternative
    )


def test_the_card_of_a_shared_link_shows_the_same_lines(monkeypatch):
    drawn = []
    monkeypatch.setattr(share, "encode", drawn.append)
    alternative = share.card("A title")["alt"]
    [figure] = drawn
    figure.canvas.draw()
    [axes] = figure.axes
    check_lines(Panel(axes), share.LEAST)
    assert "A title" in {text.get_text() for text in figure.texts}
    words, morphemes = english(EXAMPLE), german(EXAMPLE)
    assert f'"{" ".join(words)}" to "{" ".join(morphemes)}"' in alternative


def test_each_model_has_the_lines_of_its_losses():
    drawn = read(translator.learning)
    panel = drawn.panel
    said = {}
    for kind, role in (("fixed vector", "ochre"), ("attention", "weight")):
        losses = measured(kind)["losses"]
        smooth = [sum(losses[i : i + 10]) / 10 for i in range(0, 391, 5)]
        [line] = [line for line in panel.lines if line.role == role]
        assert line.y == near(smooth)
        assert line.x == [*range(10, 401, 5)]
        label = panel.text(kind)
        assert label.role == role and label.place[0] > 400
        assert label.place[1] == near(smooth[-1])
        said[kind] = f"{smooth[-1]:.2g}"
    assert panel.y.scale == "log"
    assert (panel.x.label, panel.y.label) == ("training step", "loss")
    assert (
        f"vector's last loss is {said['fixed vector']}, that with "
        f"attention {said['attention']}."
    ) in drawn.alternative
