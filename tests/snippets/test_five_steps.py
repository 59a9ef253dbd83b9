"""The worked example: every number by hand, then the batched form."""

import math

import pytest
import torch

from snippets.five_steps import (
    SOURCE,
    TARGET,
    attend,
    example,
    five_steps,
    next_state,
)

SCORES = [0.0, 2.0, 3.0, 0.0]
SUM = sum(math.exp(score) for score in SCORES)
WEIGHTS = [math.exp(score) / SUM for score in SCORES]
# Only black (1, 0), cat (2, 1) and slept (1, 2) have anything to give.
CONTEXT = [
    WEIGHTS[1] + 2 * WEIGHTS[2] + WEIGHTS[3],
    WEIGHTS[2] + 2 * WEIGHTS[3],
]
# die: 0; schwarze: s1; Katze: s1 + 2 c1 - c2; schlief: s2 - c1 + 2 c2.
LOGITS = [
    0.0,
    2.0,
    2 + 2 * CONTEXT[0] - CONTEXT[1],
    -1 - CONTEXT[0] + 2 * CONTEXT[1],
]


def test_each_step_is_what_the_page_works_out_by_hand():
    steps = five_steps(*example())
    assert steps.compared.tolist() == [[0, 0], [2, 0], [4, -1], [2, -2]]
    assert steps.score.tolist() == SCORES
    assert steps.weights.tolist() == pytest.approx(WEIGHTS, abs=1e-6)
    assert steps.context.tolist() == pytest.approx(CONTEXT, abs=1e-6)
    assert steps.combined.tolist() == pytest.approx(
        [2, -1, *CONTEXT], abs=1e-6
    )
    assert steps.logits.tolist() == pytest.approx(LOGITS, abs=1e-5)
    total = sum(math.exp(logit) for logit in LOGITS)
    expected = [math.exp(logit) / total for logit in LOGITS]
    assert steps.probabilities.tolist() == pytest.approx(expected, abs=1e-6)


def test_the_example_says_katze_and_looks_at_cat():
    steps = five_steps(*example())
    assert SOURCE[steps.weights.argmax()] == "cat"
    assert TARGET[steps.probabilities.argmax()] == "Katze"


def test_the_next_state_says_schlief_and_looks_at_slept():
    _, encoder_outputs, output_layer = example()
    steps = five_steps(next_state(), encoder_outputs, output_layer)
    assert steps.score.tolist() == [0, -1, 0, 3]
    assert SOURCE[steps.weights.argmax()] == "slept"
    assert TARGET[steps.probabilities.argmax()] == "schlief"


def test_the_batched_form_does_each_sentence_by_itself():
    torch.manual_seed(0)
    decoder_state = torch.randn(3, 5)
    encoder_outputs = torch.randn(3, 7, 5)
    context, weights = attend(decoder_state, encoder_outputs)
    for sentence in range(3):
        steps = five_steps(
            decoder_state[sentence],
            encoder_outputs[sentence],
            torch.zeros(2, 10),
        )
        torch.testing.assert_close(context[sentence], steps.context)
        torch.testing.assert_close(weights[sentence], steps.weights)
