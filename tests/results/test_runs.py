"""How many runs a page speaks of: those that a build makes of its models."""

import pytest

from snippets.results import runs
from tests.results.made import printed

MODELS = {
    "translator": ["attention", "fixed vector"],
    "short": ["attention, at most 16 words", "fixed vector, at most 16 words"],
    "unmasked": ["attention, no mask"],
    "scores": [
        "concat",
        "dot",
        "general",
        "scaled",
        "scaled, Luong's order",
    ],
    "partners": [
        "dot",
        "general",
        "concat",
        "local-p",
        "additive",
        "self-attention",
    ],
    "recall": ["softmax", "linear", "gated", "delta"],
    "transformer": ["transformer"],
    "one_text": ["4 key heads", "2 key heads", "1 key head", "latent"],
    "readers": [
        "2 layers, all words",
        "2 layers, window 4",
        "3 layers, window 4",
    ],
    "sinks": ["start", "zero", "none"],
}


def test_each_name_means_its_own_models(monkeypatch):
    """Each model is trained as often as its name has a place here."""
    places = {name: place for place, name in enumerate(MODELS, 1)}
    counts = {
        model: places[name]
        for name, models in MODELS.items()
        if name not in ("partners", "scores")  # some have the same names
        for model in models
    }
    shared = {
        model for name in ("partners", "scores") for model in MODELS[name]
    }
    counts |= dict.fromkeys(shared, 5)
    monkeypatch.setattr(runs, "seeds", lambda model: (0,) * counts[model])
    printed(
        runs.of(),
        {
            "translator": "one run",
            "short": "two runs",
            "unmasked": "three runs",
            "scores": "five runs",
            "partners": "five runs",
            "recall": "six runs",
            "transformer": "seven runs",
            "one_text": "eight runs",
            "readers": "nine runs",
            "sinks": "ten runs",
        },
    )


def test_models_of_different_counts_have_no_common_one():
    assert runs.said({1}) == "one run"
    assert runs.said({3}) == "three runs"
    with pytest.raises(ValueError, match=r"as many runs each: \{1, 3\}$"):
        runs.said({1, 3})
