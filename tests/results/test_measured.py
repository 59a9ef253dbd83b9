"""What is measured of a translator: which model, on which numbers."""

from snippets.results import measured as results
from snippets.translator.training import train_translator
from tests.results.made import keep_calls, measure_by_hand, same

SETTINGS = {"attention": "additive", "steps": 450, "rate": 0.01}


def test_every_measurement_is_of_this_model_on_its_own_numbers(monkeypatch):
    expected, calls = measure_by_hand(results, "load_translator", monkeypatch)
    same(results.measure(report=print, **SETTINGS, seed=7), expected)
    assert calls == [(train_translator, print, SETTINGS | {"seed": 7})]


def test_without_attention_there_is_no_alignment(monkeypatch):
    expected, _ = measure_by_hand(results, "load_translator", monkeypatch)
    found = results.measure(attention="none", seed=7)
    same(found, expected | {"alignment": {}})


def test_a_name_and_a_random_start_say_what_is_trained():
    same(
        results.settings("fixed vector", 3),
        {"attention": "none", "steps": 650, "rate": 0.02, "seed": 3},
    )


def test_measurements_and_model_are_of_the_same_training(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    loaded = {"what is kept": "a model"}
    monkeypatch.setattr(results, "load_translator", loaded.__getitem__)
    assert results.measured("attention", 2) == "what is kept"
    assert results.translator("attention", 2) == "a model"
    assert results.measured("attention") == "what is kept"
    assert results.translator("attention") == "a model"
    assert calls == [
        (results.measure, None, SETTINGS | {"seed": 2}),
        (train_translator, None, SETTINGS | {"seed": 2}),
        (results.measure, None, SETTINGS | {"seed": 0}),
        (train_translator, None, SETTINGS | {"seed": 0}),
    ]
