"""Short numbers alone and beside a long one, of models that know them."""

import pytest

from snippets.results import batch_mates as results
from snippets.translator.number_words import german
from tests.results.made import keep_calls, reader, same

SHORTER, LONG = 516_626_000_830, 583_721_464_121_777


@pytest.fixture
def speakers(monkeypatch):
    """Only one heeds the mask; none knows what is after the 300th."""

    def translate(model, numbers):
        [number, *mate] = numbers
        assert mate in ([], [LONG])
        said = german(number)
        if number > 300:
            said = ["after the three hundredth"]
        elif model == "masked" and number <= 30:
            said = ["wrong, alone or not"]
        elif model == "unmasked" and number <= 60:
            said = ["wrong", *map(str, mate)]
        elif model == "unmasked" and number <= 240 and mate:
            said = ["wrong beside it only"]
        return [(said, None)]

    models = {
        ("attention", 7): "masked",
        ("attention, no mask", 7): "unmasked",
    }
    splits = {"held_out": [SHORTER, *range(1, 401), LONG]}
    monkeypatch.setattr(results, "make_splits", lambda: splits)
    monkeypatch.setattr(results, "translator", reader(models))
    monkeypatch.setattr(results, "translate", translate)


def test_mates_are_300_short_numbers_and_the_longest(speakers):
    assert results.mates() == ([*range(1, 301)], LONG)


def test_both_models_are_compared_with_being_alone(speakers):
    unmasked = {"alone": 0.8, "beside": 0.2, "changed": pytest.approx(0.8)}
    assert results.compared("unmasked") == unmasked
    masked = {"alone": 0.9, "beside": 0.9, "changed": 0.0}
    found = results.measure(seed=7)
    assert found == {"with mask": masked, "without": unmasked}


def test_what_is_measured_is_kept(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.measured() == results.measured(3) == "what is kept"
    same(
        calls,
        [(results.measure, None, {"seed": seed}) for seed in (0, 3)],
    )
