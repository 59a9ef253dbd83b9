"""The numbers of *Cross-Attention*, with translators that learnt nothing."""

import pytest
import torch

from snippets.results import cross_attention as results
from snippets.results.translator import EXAMPLE
from snippets.translator.evaluation import translate
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    english,
)
from tests.results.made import printed, reader, recorded

TRAINING = "scaled, Luong's order"


@pytest.fixture
def untrained(monkeypatch):
    torch.manual_seed(0)
    model = Translator(
        len(ENGLISH_WORDS),
        len(GERMAN_MORPHEMES),
        attention="scaled",
        order="luong",
    ).eval()
    monkeypatch.setattr(results, "translator", reader({TRAINING: model}))
    return model


@torch.no_grad()
def test_the_module_does_what_the_translator_does(untrained):
    """Context and weights, for sentences of different lengths."""
    module = results.as_cross_attention(untrained)
    states = torch.randn(2, 5, module.query_projection.in_features)
    outputs = torch.randn(2, 7, module.key_projection.in_features)
    mask = torch.ones(2, 1, 7, dtype=torch.bool)
    mask[1, :, 3:] = False
    expected = untrained.decoder.attention(states, outputs, mask=mask)
    torch.testing.assert_close(
        module(states, outputs, mask=mask), expected, rtol=0, atol=1e-5
    )


def test_the_example_is_the_translation(untrained):
    words, morphemes, weights = results.example()
    [(expected, alignment)] = translate(untrained, [EXAMPLE])
    assert words == english(EXAMPLE)
    assert morphemes == expected
    assert weights.shape == (len(morphemes), len(words))
    torch.testing.assert_close(weights, alignment, rtol=0, atol=1e-4)


def test_weights_that_are_not_the_translator_s_are_refused(
    untrained, monkeypatch
):
    def other(model, numbers):
        [(morphemes, weights)] = translate(model, numbers)
        return [(morphemes, weights.flip(1))]

    monkeypatch.setattr(results, "translate", other)
    with pytest.raises(AssertionError):
        results.example()


def test_facts_are_those_of_this_translator(monkeypatch):
    example = ["one"] * 6, ["ein"] * 7, None
    monkeypatch.setattr(results, "example", lambda: example)
    known = {"exact": 0.75, "alignment": {"words": 0.5, "weight": 0.25}}
    monkeypatch.setattr(results, "measured", reader({TRAINING: known}))
    rows = [{"exact": 0.7, "words": 0.4}, {"exact": 0.8, "words": 0.45}]
    recorded(monkeypatch, cross_attention__translator=rows)
    printed(
        results.facts(),
        {
            "source": 6,
            "target": 7,
            "exact": "75.0% (70.0 to 80.0)",
            "words": "50.0% (40.0 to 45.0)",
        },
    )


def test_steps_are_those_of_the_formulas():
    keys = 2 * 30 * 512**2  # key and value of 30 words
    queries = 20 * (512**2 + 2 * 30 * 512)
    once, anew = keys + queries, 20 * keys + queries
    printed(
        results.steps(),
        {
            "target": 20,
            "source": 30,
            "size": 512,
            "ratio": anew / once,
            "anew": anew,
            "once": once,
        },
    )
