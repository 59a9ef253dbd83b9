"""The task of *Types of Attention* is what its page says it is."""

import torch

from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    LuongAttention,
)
from snippets.tasks.lookup import found, make_batch, make_rotation, train


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_rotation_keeps_lengths_and_angles():
    rotation = make_rotation(7, seeded())
    torch.testing.assert_close(
        rotation @ rotation.T, torch.eye(7), atol=1e-5, rtol=0
    )


def test_each_query_is_its_word_rotated_with_a_little_noise():
    rotation = make_rotation(7, seeded())
    query, encoder_outputs, position = make_batch(11, 5, rotation, seeded(1))
    for sentence in range(11):
        assert sorted(position[sentence].tolist()) == [0, 1, 2, 3, 4]
        for i, j in enumerate(position[sentence].tolist()):
            noise = (
                query[sentence, i] - encoder_outputs[sentence, j] @ rotation
            )
            assert 0 < noise.abs().max() < 0.6  # six standard deviations


def test_batches_repeat_with_their_seed_and_differ_without():
    rotation = make_rotation(7, seeded())
    first, *_ = make_batch(3, 5, rotation, seeded(1))
    again, *_ = make_batch(3, 5, rotation, seeded(1))
    other, *_ = make_batch(3, 5, rotation, seeded(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_found_counts_the_largest_weights_on_the_partner():
    weights = torch.tensor([[[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]]])
    assert found(weights, torch.tensor([[0, 2]])) == 1.0
    assert found(weights, torch.tensor([[0, 1]])) == 0.5


def test_training_lets_additive_attention_find_the_partners():
    torch.manual_seed(0)
    attention = AdditiveAttention(8, 8, 32)
    generator = seeded(1)
    rotation = make_rotation(8, generator)
    losses = train(
        attention, lambda: make_batch(64, 5, rotation, generator), steps=200
    )
    query, encoder_outputs, position = make_batch(500, 5, rotation, seeded(2))
    _, weights = attention(query, encoder_outputs)
    assert losses[-1] < 0.05 < losses[0]
    assert found(weights, position) > 0.97


def test_an_attention_without_parameters_is_left_alone():
    rotation = make_rotation(8, seeded())
    losses = train(
        LuongAttention(DotScore()),
        lambda: make_batch(4, 5, rotation, seeded(1)),
    )
    assert len(losses) == 1


def test_a_score_without_bias_is_odd():
    """Why concat fails here: both signs turned, the score turns too."""
    torch.manual_seed(0)
    score = ConcatScore(3, 5, 7)
    query, key = torch.randn(2, 3, 3), torch.randn(2, 4, 5)
    torch.testing.assert_close(score(-query, -key), -score(query, key))


def test_train_moves_every_parameter():
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 3, 5)
    before = [parameter.clone() for parameter in attention.parameters()]
    rotation = make_rotation(3, seeded())
    train(attention, lambda: make_batch(8, 5, rotation, seeded(1)), steps=2)
    for old, new in zip(before, attention.parameters(), strict=True):
        assert not torch.equal(old, new)
