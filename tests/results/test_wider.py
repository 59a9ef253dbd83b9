"""A fixed vector of four times the numbers is one, and is trained alike."""

from snippets import translator_training
from snippets.results import wider as results
from snippets.results.trainings import FIXED
from tests.results.made import keep_calls, same


def count(model):
    """Numbers in the fixed vector, and in a state of the decoder."""
    first = model.first_state
    return first.in_features, first.out_features


def test_both_sides_have_four_times_the_size():
    settings = {"attention": "none", "order": "bahdanau", "mask": True}
    usual = translator_training.new_translator(
        settings | {"hidden_size": None}
    )
    numbers, state = count(usual)
    assert count(results.new_translator(settings)) == (4 * numbers, 4 * state)


def test_the_wider_model_is_trained_and_measured(monkeypatch):
    """The loop of the pages trains it, and makes the usual one again."""
    usual = translator_training.new_translator
    seen = []

    def exact_match(model, numbers):
        seen.append((count(model), len(numbers)))
        return 0.5

    monkeypatch.setattr(results, "exact_match", exact_match)
    monkeypatch.setattr(results, "exact_match_by_length", exact_match)
    found = results.measure(**FIXED | {"steps": 2}, seed=3)
    assert found == {"exact": 0.5, "by_length": 0.5}
    assert seen == [((384, 224), 2000), ((384, 224), 600)]
    assert translator_training.new_translator is usual


def test_what_is_measured_is_kept(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.measured(3) == "what is kept"
    same(calls, [(results.measure, None, FIXED | {"seed": 3})])
