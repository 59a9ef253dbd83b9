"""What the first pages beyond the article print, against other ways."""

import pytest
import torch

from snippets.figures import beyond as beyond_figures
from snippets.figures import cross_attention as cross_figures
from snippets.figures import masks as mask_figures
from snippets.results import cross_attention
from snippets.results.measured import translator
from snippets.results.translator import EXAMPLE
from snippets.translator_evaluation import translate


def test_steps_are_those_of_the_formulas():
    steps = cross_attention.steps()
    target, source, size = (steps[n] for n in ("target", "source", "size"))
    keys = 2 * source * size * size
    queries = target * (size * size + 2 * source * size)
    assert steps["once"] == keys + queries
    assert steps["anew"] == target * keys + queries
    assert steps["ratio"] == pytest.approx(steps["anew"] / steps["once"])


@torch.no_grad()
def test_the_module_does_what_the_translator_does():
    """Context and weights, for sentences of different lengths."""
    model = translator(cross_attention.TRAINING)
    module = cross_attention.as_cross_attention(model)
    torch.manual_seed(0)
    states = torch.randn(2, 5, module.query_projection.in_features)
    outputs = torch.randn(2, 7, module.key_projection.in_features)
    mask = torch.ones(2, 1, 7, dtype=torch.bool)
    mask[1, :, 3:] = False
    expected = model.decoder.attention(states, outputs, mask=mask)
    torch.testing.assert_close(
        module(states, outputs, mask=mask), expected, rtol=0, atol=1e-5
    )


def test_the_example_is_the_translation():
    words, morphemes, weights = cross_attention.example()
    [(expected, alignment)] = translate(
        translator(cross_attention.TRAINING), [EXAMPLE]
    )
    assert morphemes == expected
    assert weights.shape == (len(morphemes), len(words))
    torch.testing.assert_close(weights, alignment, rtol=0, atol=1e-4)


def test_the_claims_of_the_pages_hold():
    facts = cross_attention.facts()
    assert facts["exact"] > 0.98
    assert facts["words"] > 0.98
    assert facts["target"] != facts["source"]
    _, shown = mask_figures.after_softmax()
    assert shown["before"] == "1.00"
    assert all(float(s) < 0.95 for s in shown["after"].split(", ")[:-1])
    _, shown = mask_figures.polarity()
    assert float(shown["leaked"].rstrip("%")) > 30
    _, shown = beyond_figures.arguments()
    sharp, plain, soft = (float(shown[n]) for n in ("sharp", "plain", "soft"))
    assert sharp > 0.95 > plain > 2 * soft
    _, shown = cross_figures.roles()
    assert shown["right"] == "5 of 5"
