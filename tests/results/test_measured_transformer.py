"""What is measured of a Transformer: which model, on which numbers."""

from snippets.results import measured_transformer as results
from snippets.transformer.training import train_transformer
from tests.results.made import keep_calls, measure_by_hand, same

SETTINGS = {"steps": 1200, "rate": 0.008}


def test_every_measurement_is_of_this_model_on_its_own_numbers(monkeypatch):
    expected, calls = measure_by_hand(results, "load_transformer", monkeypatch)
    same(results.measure(report=print, **SETTINGS, seed=7), expected)
    assert calls == [(train_transformer, print, SETTINGS | {"seed": 7})]


def test_measurements_and_model_are_of_the_same_training(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    loaded = {"what is kept": "a model"}
    monkeypatch.setattr(results, "load_transformer", loaded.__getitem__)
    assert results.measured("transformer", 2) == "what is kept"
    assert results.transformer("transformer", 2) == "a model"
    assert results.measured() == "what is kept"
    assert results.transformer() == "a model"
    assert calls == [
        (results.measure, None, SETTINGS | {"seed": 2}),
        (train_transformer, None, SETTINGS | {"seed": 2}),
        (results.measure, None, SETTINGS | {"seed": 0}),
        (train_transformer, None, SETTINGS | {"seed": 0}),
    ]
