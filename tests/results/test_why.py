"""What the record holds of the translators."""

from snippets.claims import why as claims
from snippets.results.measured import measure
from snippets.translator.number_words import LENGTH_BINS
from tests.results.made import keep_calls, same


def shares(start):
    """Made shares that are right, together and by length."""
    lengths = {key: start + i / 100 for i, key in enumerate(LENGTH_BINS)}
    return {"exact": start, "by_length": lengths}


def test_each_translator_has_its_own_shares_at_other_starts(monkeypatch):
    """The larger one is trained for the record only, by its own settings."""
    larger = "fixed vector, twice the numbers"
    names = [*claims.MEASURED, larger]
    known = {(name, 103): shares(i) for i, name in enumerate(names[:-1])}
    monkeypatch.setattr(claims, "measured", lambda *key: known[key])
    calls = keep_calls(claims, monkeypatch, shares(len(names) - 1))
    expected = {}
    for i, name in enumerate(names):
        expected[name] = i
        for j, (low, high) in enumerate(LENGTH_BINS):
            expected[f"{name}, {low} to {high}"] = i + j / 100
    same(claims.translators(103), expected)
    settings = {"attention": "none", "steps": 650, "rate": 0.02, "times": 2}
    assert calls == [(measure, None, settings | {"seed": 103})]
