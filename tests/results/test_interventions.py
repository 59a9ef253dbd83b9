"""Other weights, counted: what stays the same, and what one row decides."""

import pytest
import torch

from snippets.interventions import CHANGES
from snippets.results import interventions as results
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    encode,
    english,
    german,
)
from tests.results.made import printed, recorded

GERMAN = {"three": "drei", "five": "fünf"}


@pytest.fixture
def model(monkeypatch):
    """A translator that nothing trained, from any start."""
    torch.manual_seed(0)
    made = Translator(len(ENGLISH_WORDS), len(GERMAN_MORPHEMES)).eval()

    def translator(name, seed=0):
        assert name == "attention"
        return made

    monkeypatch.setattr(results, "translator", translator)
    return made


def test_each_change_has_a_model(model):
    found = results.models(0)
    assert [*found] == ["its own", *CHANGES]
    assert found.pop("its own") is model
    for name, changed in found.items():
        assert changed.decoder.attention.change is CHANGES[name]


@pytest.fixture
def said(monkeypatch):
    """What is written with each change, for two of four numbers."""
    numbers = [21, 32, 43, 54]
    monkeypatch.setattr(results, "NUMBERS", 2)
    monkeypatch.setattr(results, "make_splits", lambda: {"held_out": numbers})
    names = ["its own", *CHANGES]
    monkeypatch.setattr(results, "models", lambda _: {n: n for n in names})
    by_name = {
        "its own": ["ein und zwanzig", "zwei und dreißig"],
        "sharper": ["ein und zwanzig", "zwei und dreißig"],
        "flatter": ["ein und zwanzig", "zwei"],
    }

    def translate(model, given):
        texts = by_name.get(model, ["und", "zwei"])
        asked = [numbers.index(n) if n in numbers else 0 for n in given]
        return [(texts[i].split(), None) for i in asked]

    monkeypatch.setattr(results, "translate", translate)


def test_a_translation_is_the_same_word_for_word(said):
    shares = dict.fromkeys(CHANGES, 0.0) | {"sharper": 1.0, "flatter": 0.5}
    printed(results.unchanged(), shares)


def test_rates_have_the_range_of_other_starts(said, monkeypatch):
    monkeypatch.setattr(results, "kept", lambda function: function())
    rows = [dict.fromkeys(CHANGES, 0.25), dict.fromkeys(CHANGES, 0.75)]
    recorded(monkeypatch, interventions__same=rows)
    found = results.rates()
    assert [row["weights"] for row in found] == [*CHANGES]
    assert [row["same translation"] for row in found[:3]] == [
        "100% (25 to 75)",
        "50% (25 to 75)",
        "0% (25 to 75)",
    ]


def test_examples_are_of_one_number(said):
    found = results.examples()
    assert [row["weights"] for row in found] == ["its own", *CHANGES]
    assert found[0]["what it writes"] == "ein und zwanzig"
    assert found[4]["what it writes"] == "und"
    facts = {"numbers": 2, "example": 83_000_021}
    printed(results.facts(), facts)


def test_one_row_has_one_word():
    change = results.OneRow([1, 0], [2, 0])
    weights = torch.full((2, 1, 3), 0.3)
    first, second = change(weights, weights), change(weights, weights)
    own = [pytest.approx([0.3] * 3)]
    assert (first[0].tolist(), first[1].tolist()) == (own, [[1, 0, 0]])
    assert (second[0].tolist(), second[1].tolist()) == ([[0, 0, 1]], own)


def test_after_reads_the_row_that_was_changed(model):
    numbers, rows = [21, 83_000_021], [0, 3]
    change = results.OneRow(rows, [1, 2])
    found = results.after(model, numbers, change)
    source = encode([english(n) for n in numbers], ENGLISH_WORDS)
    again = results.OneRow(rows, [1, 2])
    words, _ = results.write(results.with_change(model, again), source)
    assert found == [
        GERMAN_MORPHEMES[words[i, row]] for i, row in enumerate(rows)
    ]


def test_a_row_after_the_end_is_empty(model, monkeypatch):
    words = torch.tensor([[3, 4], [5, 6]])
    monkeypatch.setattr(results, "write", lambda *_: (words, None))
    change = results.OneRow([0, 2], [0, 0])
    found = results.after(model, [1, 2], change)
    assert found == [GERMAN_MORPHEMES[3], ""]


def test_pointed_asks_for_another_unit_and_for_und(model, monkeypatch):
    """A network that writes what it looks at, and never und otherwise."""
    numbers = [23_045, 100, 67]
    monkeypatch.setattr(results, "make_splits", lambda: {"held_out": numbers})
    asked = []

    def after(given, chosen, change):
        assert given is model
        rows, places = change.rows.tolist(), change.places.tolist()
        asked.append((chosen, rows, places))
        words = [english(n)[j] for n, j in zip(chosen, places, strict=True)]
        return [GERMAN.get(word, word) for word in words]

    monkeypatch.setattr(results, "after", after)
    found = results.pointed()
    (units, rows, places), (ands, at, _) = asked
    assert units == [23_045] and ands == [23_045, 67]
    said = german(23_045)
    assert said[rows[0]] in ("drei", "fünf")
    other = {"drei": "five", "fünf": "three"}[said[rows[0]]]
    assert english(23_045)[places[0]] == other
    assert [german(n)[i] for n, i in zip(ands, at, strict=True)] == ["und"] * 2
    assert found == {"units": 1, "und": 0}


def test_decided_has_the_range_of_other_starts(monkeypatch):
    monkeypatch.setattr(results, "kept", lambda function: {"units": 0.5})
    rows = [{"units": 0.25}, {"units": 0.75}]
    recorded(monkeypatch, interventions__by_one_row=rows)
    printed(results.decided(), {"units": "50% (25 to 75)"})
