"""What a smaller cache costs in quality, of models made by hand."""

import pytest

from snippets.results import sharing as results
from snippets.results.trainings import ONE_TEXT
from snippets.transformer.one_text import train_one_text
from tests.results.made import (
    keep_calls,
    printed,
    reader,
    recorded,
    table,
)

KNOWN = {
    "4 key heads": {
        "numbers": 192,
        "parameters": 401,
        "loss": 0.05449,
        "exact": 0.9126,
    },
    "2 key heads": {
        "numbers": 96,
        "parameters": 302,
        "loss": 0.06251,
        "exact": 0.8984,
    },
    "1 key head": {
        "numbers": 48,
        "parameters": 203,
        "loss": 0.1306,
        "exact": 0.8,
    },
    "latent": {
        "numbers": 24,
        "parameters": 504,
        "loss": 0.0718,
        "exact": 0.8517,
    },
}


def test_a_model_is_known_by_its_settings_and_random_start(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.measured("2 key heads", 3) == "what is kept"
    results.measured("latent")
    two_heads, latent = ONE_TEXT["2 key heads"], ONE_TEXT["latent"]
    assert calls == [
        (train_one_text, None, two_heads | {"seed": 3}),
        (train_one_text, None, latent | {"seed": 0}),
    ]


def test_a_number_takes_two_bytes(monkeypatch):
    monkeypatch.setattr(results, "measured", reader(KNOWN))
    assert results.cached_bytes("2 key heads") == 192


def test_the_sizes_of_the_comparison():
    printed(results.task(), {"steps": 500, "latent": 24, "models": 4})


OTHERS = [
    {
        f"{name}, {what}": number
        for name, loss, exact in zip(KNOWN, losses, shares, strict=True)
        for what, number in (("loss", loss), ("exact", exact))
    }
    for losses, shares in (
        ((0.04, 0.03, 0.03, 0.08), (0.9, 0.7, 0.6, 0.5)),
        ((0.01, 0.02, 0.06, 0.04), (0.8, 0.7, 0.6, 0.5)),
    )
]


def test_spreads_are_by_start_and_by_cache(monkeypatch):
    recorded(monkeypatch, grouped_query_attention__quality=OTHERS)
    found = results.spreads()
    assert found == {
        # of each cache 0.03, 0.01, 0.03, 0.04; of each start twice 0.05
        "starts": pytest.approx(0.0275),
        "caches": pytest.approx(0.05),
    }


def test_each_cache_has_its_own_quality(monkeypatch):
    monkeypatch.setattr(results, "measured", reader(KNOWN))
    recorded(monkeypatch, grouped_query_attention__quality=OTHERS)
    names = "cache", "bytes per position", "parameters", "loss", "exact match"
    rows = [
        (
            "4 key heads",
            384,
            401,
            "0.054 (0.010 to 0.040)",
            "91.3% (80.0 to 90.0)",
        ),
        ("2 key heads", 192, 302, "0.063 (0.020 to 0.030)", "89.8% (70.0)"),
        ("1 key head", 96, 203, "0.131 (0.030 to 0.060)", "80.0% (60.0)"),
        ("latent", 48, 504, "0.072 (0.040 to 0.080)", "85.2% (50.0)"),
    ]
    printed(results.quality(), table(names, rows))
