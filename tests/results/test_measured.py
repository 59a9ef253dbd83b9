"""What is measured of a model that translates: which one, on which numbers."""

from snippets.results import measured as results
from snippets.transformer.training import train_transformer
from snippets.translator.training import train_translator
from tests.results.made import keep_calls, measure_by_hand, same

TRANSLATOR = {"attention": "additive", "steps": 450, "rate": 0.01}
TRANSFORMER = {"steps": 1200, "rate": 0.008}


def test_measurements_are_of_this_translator_on_its_own_numbers(monkeypatch):
    expected, calls = measure_by_hand(results, "load_translator", monkeypatch)
    same(results.measure(report=print, **TRANSLATOR, seed=7), expected)
    assert calls == [(train_translator, print, TRANSLATOR | {"seed": 7})]


def test_measurements_are_of_this_transformer_on_its_own_numbers(monkeypatch):
    expected, calls = measure_by_hand(results, "load_transformer", monkeypatch)
    found = results.measure_transformer(report=print, **TRANSFORMER, seed=7)
    same(found, expected)
    assert calls == [(train_transformer, print, TRANSFORMER | {"seed": 7})]


def test_without_attention_there_is_no_alignment(monkeypatch):
    expected, _ = measure_by_hand(results, "load_translator", monkeypatch)
    found = results.measure(attention="none", seed=7)
    same(found, expected | {"alignment": {}})


def test_a_name_and_a_random_start_say_which_translator(monkeypatch):
    """Its measurements and the model are of the same training."""
    calls = keep_calls(results, monkeypatch)
    loaded = {"what is kept": "a model"}
    monkeypatch.setattr(results, "load_translator", loaded.__getitem__)
    assert results.measured("attention", 2) == "what is kept"
    assert results.translator("attention", 2) == "a model"
    assert results.measured("attention") == "what is kept"
    assert results.translator("attention") == "a model"
    assert calls == [
        (results.measure, None, TRANSLATOR | {"seed": 2}),
        (train_translator, None, TRANSLATOR | {"seed": 2}),
        (results.measure, None, TRANSLATOR | {"seed": 0}),
        (train_translator, None, TRANSLATOR | {"seed": 0}),
    ]


def test_a_name_and_a_random_start_say_which_transformer(monkeypatch):
    """Its measurements and the model are of the same training."""
    calls = keep_calls(results, monkeypatch)
    loaded = {"what is kept": "a model"}
    monkeypatch.setattr(results, "load_transformer", loaded.__getitem__)
    assert results.measured("transformer", 2) == "what is kept"
    assert results.transformer("transformer", 2) == "a model"
    assert results.measured("transformer") == "what is kept"
    assert results.transformer() == "a model"
    assert calls == [
        (results.measure_transformer, None, TRANSFORMER | {"seed": 2}),
        (train_transformer, None, TRANSFORMER | {"seed": 2}),
        (results.measure_transformer, None, TRANSFORMER | {"seed": 0}),
        (train_transformer, None, TRANSFORMER | {"seed": 0}),
    ]


def test_each_name_has_its_own_settings(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    results.measured("fixed vector", 3)
    fixed = {"attention": "none", "steps": 650, "rate": 0.02, "seed": 3}
    assert calls == [(results.measure, None, fixed)]
