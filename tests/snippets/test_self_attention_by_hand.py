"""Self-attention worked out by hand, and the module that it stands for."""

import math

import pytest
import torch

from snippets import five_steps
from snippets.self_attention import SelfAttention
from snippets.self_attention_by_hand import WORDS, example, self_attention

# Products of each query, its numbers swapped, with each key.
QUERIES = [[0, 0], [0, 1], [1, 2], [2, 1]]
KEYS = [[0, 0], [1, 0], [2, -1], [1, -2]]
VALUES = [[0.0, 0.0], [1.0, 1.0], [2.0, 3.0], [1.0, 3.0]]


def softmax(scores):
    total = sum(map(math.exp, scores))
    return [math.exp(score) / total for score in scores]


def test_the_words_are_those_of_how_attention_works():
    _, outputs, _ = five_steps.example()
    assert WORDS == five_steps.SOURCE
    torch.testing.assert_close(example()[0], outputs)


def test_every_number_by_hand():
    context, weights = self_attention(*example())
    for row, query in enumerate(QUERIES):
        expected = softmax(
            [(query[0] * k[0] + query[1] * k[1]) / math.sqrt(2) for k in KEYS]
        )
        summed = [
            sum(
                w * value[i] for w, value in zip(expected, VALUES, strict=True)
            )
            for i in range(2)
        ]
        assert weights[row].tolist() == pytest.approx(expected, abs=1e-6)
        assert context[row].tolist() == pytest.approx(summed, abs=1e-5)


def test_the_module_does_the_same():
    torch.manual_seed(0)
    module = SelfAttention(5, head_dim=3)
    vectors = torch.randn(7, 5)
    maps = (
        module.query_projection.weight,
        module.key_projection.weight,
        module.value_projection.weight,
    )
    context, weights = self_attention(vectors, *maps)
    expected = module(vectors.unsqueeze(0))
    torch.testing.assert_close(
        (context, weights), tuple(e[0] for e in expected)
    )
