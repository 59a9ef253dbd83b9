"""What reaches the fixed-size vector, against finite differences."""

import torch
from torch import nn

from snippets.fixed_vector import encode, influence


def small_encoder() -> nn.GRU:
    torch.manual_seed(0)
    return nn.GRU(3, 5, batch_first=True).double()


def test_the_fixed_vector_is_the_last_encoder_output():
    encoder = small_encoder()
    words = torch.randn(2, 7, 3).double()
    encoder_outputs, fixed_vector = encode(encoder, words)
    _, last_state = encoder(words)
    assert encoder_outputs.shape == (2, 7, 5)
    torch.testing.assert_close(fixed_vector, last_state[0])


def test_influence_agrees_with_moving_each_word_a_little():
    encoder = small_encoder()
    words = torch.randn(7, 3).double()
    on_fixed, on_own = influence(encoder, words)
    step = 1e-6
    for word in range(7):
        fixed, own = 0.0, 0.0
        for feature in range(3):
            moved = words.clone()
            moved[word, feature] += step
            before, _ = encode(encoder, words[None])
            after, _ = encode(encoder, moved[None])
            change = (after - before)[0] / step
            fixed += change[-1].square().sum().item()
            own += change[word].square().sum().item()
        assert abs(on_fixed[word].item() - fixed**0.5) < 1e-5
        assert abs(on_own[word].item() - own**0.5) < 1e-5


def test_the_last_word_has_the_same_influence_both_ways():
    on_fixed, on_own = influence(small_encoder(), torch.randn(7, 3).double())
    torch.testing.assert_close(on_fixed[-1], on_own[-1])
