"""The numbers of the Transformer beside the GRU, of runs made by hand."""

import pytest
import torch

from snippets.results import transformer as results
from snippets.transformer.model import Transformer
from snippets.translator.number_words import english, german
from tests.results.made import (
    columns,
    keep_calls,
    printed,
    reader,
    recorded,
    same,
)

RUNS = {
    "transformer": {"parameters": 71, "exact": 0.9811},
    "attention": {"parameters": 81, "exact": 0.9936},
}


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(results, "measured", reader(RUNS))
    others = [
        {"Transformer": 0.98, "GRU": 0.99},
        {"Transformer": 0.96, "GRU": 0.99},
    ]
    recorded(monkeypatch, transformer_block__exact=others)


def test_multiplications_are_those_of_the_formulas(monkeypatch):
    """Every product of two matrices, counted by hand."""
    number = 83  # two English words; three German morphemes and a start
    monkeypatch.setattr(results, "make_splits", lambda: {"held_out": [number]})
    size, hidden, words = 6, 5, 41
    model = Transformer(
        39, words, features=size, num_heads=2, hidden=hidden, layers=1
    )
    source, target = len(english(number)), len(german(number)) + 1
    square = size * size

    def attended(queries, keys):
        return 2 * queries * keys * size

    encoder = source * (4 * square + 2 * size * hidden)
    encoder += attended(source, source)
    decoder = target * (4 * square + 2 * square + 2 * size * hidden)
    decoder += 2 * source * square  # keys and values of the cross-attention
    decoder += attended(target, target) + attended(target, source)
    expected = encoder + decoder + target * size * words
    assert results.multiplications(model, 1) == expected


def test_multiplications_are_the_mean_of_the_first_sentences(monkeypatch):
    """A model that multiplies each word of the translation once."""
    numbers = [7, 3_021, "not read"]
    monkeypatch.setattr(results, "make_splits", lambda: {"held_out": numbers})
    layer = torch.nn.Linear(1, 1, bias=False)

    def model(source, target):
        layer(target.float().unsqueeze(2))

    # A start, and one morpheme or five: two words and six.
    assert results.multiplications(model, 2) == 4


def test_each_model_is_counted_under_its_name(monkeypatch):
    monkeypatch.setattr(
        results, "transformer", reader({"transformer": 300}, "transformer")
    )
    monkeypatch.setattr(results, "translator", reader({"attention": 200}))
    monkeypatch.setattr(results, "multiplications", lambda model: model + 1)
    same(results.count_sentences(), {"Transformer": 301, "GRU": 201})


def test_sentences_are_counted_once(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.sentence_costs() == "what is kept"
    assert calls == [(results.count_sentences, None, {})]


@pytest.fixture
def costs(monkeypatch):
    known = {"Transformer": 3_000_000, "GRU": 800_000}
    monkeypatch.setattr(results, "sentence_costs", lambda: known)


def test_each_kind_has_its_own_run(made):
    same(results.run("Transformer"), RUNS["transformer"])
    same(results.run("GRU"), RUNS["attention"])
    assert results.exact("Transformer") == "98.1% (96.0 to 98.0)"


def test_both_models_side_by_side(made, costs):
    printed(
        results.comparison(),
        columns(
            {
                "measured": [
                    "parameters",
                    "multiplications each",
                    "training steps",
                    "sentences seen",
                    "multiplications, all",
                    "exact match",
                ],
                "Transformer": [
                    71,
                    3_000_000,
                    1200,
                    1200 * 32,
                    "115 × 10⁹",  # 115.2
                    "98.1% (96.0 to 98.0)",
                ],
                "GRU": [
                    81,
                    800_000,
                    450,
                    450 * 128,
                    "46 × 10⁹",  # 46.08
                    "99.4% (99.0)",
                ],
            }
        ),
    )


def test_the_sizes_of_the_experiment(made, costs, monkeypatch):
    model = Transformer(39, 41, features=12, num_heads=3, hidden=5, layers=1)
    monkeypatch.setattr(
        results, "transformer", reader({"transformer": model}, "transformer")
    )
    numbers = {
        20: 961_707_795_091,
        21: 653_005_204_434_004,
        25: 583_721_464_020_121,
        26: 583_721_464_100_121,
    }
    monkeypatch.setattr(
        results, "make_splits", lambda: {"training": numbers.values()}
    )
    lengths = [len(english(number)) for number in numbers.values()]
    assert lengths == [*numbers]
    printed(
        results.task(),
        {
            "long": 3,
            "longest": 1,
            "steps": 1200,
            "batch": 32,
            "parameters": 71,
            "features": 12,
            "heads": 3,
            "exact": "98.1% (96.0 to 98.0)",
            "gru_exact": "99.4% (99.0)",
            "ratio": "3.8",  # 3.75
        },
    )


def test_the_stream_of_untrained_blocks():
    before, after = results.untrained(True), results.untrained(False)
    assert len(before) == len(after) == 13  # twelve blocks, and what came in
    assert before[0] == after[0] == pytest.approx(1, abs=0.05)
    assert before[-1] > 2
    assert all(size == pytest.approx(1, abs=0.05) for size in after)


def test_the_size_is_the_root_mean_square():
    assert results.size(torch.tensor([[1.0, -7.0]])) == 5
