"""The scores worked out by hand, and the modules that they stand for."""

import math

import pytest
import torch

from snippets import five_steps
from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import DotScore, GeneralScore
from snippets.scores_by_hand import (
    WORDS,
    additive_parameters,
    additive_score,
    dot_score,
    example,
    general_score,
    other_language,
)

ANSWER = math.tanh(1)


def test_the_words_are_those_of_how_attention_works():
    outputs, state = example()
    its_state, its_outputs, _ = five_steps.example()
    assert WORDS == five_steps.SOURCE
    torch.testing.assert_close((state, outputs), (its_state, its_outputs))


def test_additive_scores_are_those_of_the_page():
    """Sums: the (-1, 1), black (0, 1), cat (1, 0), slept (0, -1)."""
    outputs, state = example()
    score = additive_score(state, outputs, *additive_parameters())
    expected = [-ANSWER, ANSWER, 2 * ANSWER, -ANSWER]
    assert score.tolist() == pytest.approx(expected, abs=1e-6)


def test_dot_scores_are_those_of_the_page():
    outputs, state = example()
    assert dot_score(state, outputs).tolist() == [0, 2, 3, 0]


def test_the_matrix_turns_the_other_language_back():
    outputs, _ = example()
    state, W = other_language()
    assert dot_score(state, outputs).tolist() == [0, -1, 0, 3]
    assert general_score(state, outputs, W).tolist() == [0, 2, 3, 0]


@pytest.fixture
def drawn():
    """Return random query (2), outputs (5, 3): no two sizes alike."""
    torch.manual_seed(0)
    return torch.randn(2), torch.randn(5, 3)


def test_the_module_has_the_additive_score(drawn):
    state, outputs = drawn
    module = AdditiveAttention(2, 3, 7)
    query, key = module.query_projection, module.key_projection
    score = additive_score(
        state,
        outputs,
        query.weight,
        key.weight,
        key.bias,
        module.score_vector.weight[0],
    )
    _, weights = module(state.view(1, 1, 2), outputs.unsqueeze(0))
    torch.testing.assert_close(weights[0, 0], score.softmax(0))


def test_the_modules_have_the_dot_and_the_general_score(drawn):
    state, outputs = drawn
    module = GeneralScore(2, 3)
    W = module.key_projection.weight
    batched = module(state.view(1, 1, 2), outputs.unsqueeze(0))[0, 0]
    torch.testing.assert_close(general_score(state, outputs, W), batched)
    other = torch.randn(5, 2)
    batched = DotScore()(state.view(1, 1, 2), other.unsqueeze(0))[0, 0]
    torch.testing.assert_close(dot_score(state, other), batched)
