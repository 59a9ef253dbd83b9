"""The blocks against PyTorch's layers, weight for weight, and by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snippets.multi_head_attention import MultiHeadAttention
from snippets.transformer_block import (
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    Norm,
)
from tests.support.probes import normal
from tests.support.tensors import close

FEATURES, HEADS, HIDDEN, SOURCE, TARGET = 15, 3, 11, 7, 5
both_norms = pytest.mark.parametrize("norm_first", [True, False])


def randomised(module):
    """Norms begin as 1 and 0: move them, so that each one counts."""
    with torch.no_grad():
        for seed, parameter in enumerate(module.parameters()):
            parameter += normal(seed, *parameter.shape) / 3
    return module


def load(block, layer):
    """Give a block the weights of PyTorch's layer."""
    block.self_attention = MultiHeadAttention.from_pytorch(layer.self_attn)
    norms = [layer.norm1, layer.norm2]
    if isinstance(block, DecoderBlock):
        block.cross_attention = MultiHeadAttention.from_pytorch(
            layer.multihead_attn
        )
        norms.append(layer.norm3)
    for number, norm in enumerate(norms, 1):
        own = getattr(block, f"norm_{number}")
        own.load_state_dict(norm.state_dict())
    for own, linear in ((0, layer.linear1), (2, layer.linear2)):
        block.feed_forward[own].load_state_dict(linear.state_dict())
    return block


def layers(kind, norm_first, heads=HEADS, features=FEATURES):
    """Return PyTorch's layer and the block with its weights."""
    torch.manual_seed(0)
    made, own = {
        "encoder": (nn.TransformerEncoderLayer, EncoderBlock),
        "decoder": (nn.TransformerDecoderLayer, DecoderBlock),
    }[kind]
    layer = made(
        features,
        heads,
        HIDDEN,
        dropout=0.0,
        batch_first=True,
        norm_first=norm_first,
        dtype=torch.float64,
    )
    block = own(features, heads, HIDDEN, norm_first=norm_first).double()
    return randomised(layer), load(block, layer)


def padding(batch, source, seed):
    """Return a mask (batch, source), True = a word, one word at least."""
    lengths = 1 + (normal(seed, batch).abs() * source).long() % source
    return torch.arange(source) < lengths.unsqueeze(1)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    norm_first=st.booleans(),
    training=st.booleans(),
    batch=st.integers(1, 3),
    length=st.integers(1, 7),
    heads=st.sampled_from([1, 3, 5]),
    seed=st.integers(0, 99),
)
def test_encoder_block_equals_pytorch(
    norm_first, training, batch, length, heads, seed
):
    layer, block = layers("encoder", norm_first, heads)
    layer.train(training)
    sequence = normal(seed, batch, length, FEATURES)
    words = padding(batch, length, seed)
    expected = layer(sequence, src_key_padding_mask=~words)
    found, weights = block(sequence, mask=words[:, None, None])
    # What PyTorch's fast path leaves at padding is nobody's business.
    close(found[words], expected[words])
    assert weights.shape == (batch, heads, length, length)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    norm_first=st.booleans(),
    batch=st.integers(1, 3),
    target=st.integers(1, 5),
    source=st.integers(1, 7),
    heads=st.sampled_from([1, 3, 5]),
    seed=st.integers(0, 99),
)
def test_decoder_block_equals_pytorch(
    norm_first, batch, target, source, heads, seed
):
    layer, block = layers("decoder", norm_first, heads)
    sequence = normal(seed, batch, target, FEATURES)
    memory = normal(seed + 1, batch, source, FEATURES)
    words = padding(batch, source, seed)
    later = torch.ones(target, target, dtype=torch.bool).triu(1)
    expected = layer(
        sequence, memory, tgt_mask=later, memory_key_padding_mask=~words
    )
    found, weights = block(sequence, memory, memory_mask=words[:, None, None])
    close(found, expected)
    assert weights.shape == (batch, heads, target, source)


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_gradients_equal_those_of_pytorch(kind):
    for norm_first in (True, False):
        layer, block = layers(kind, norm_first)
        sequence = normal(0, 2, TARGET, FEATURES).requires_grad_()
        memory = [normal(1, 2, SOURCE, FEATURES)] * (kind == "decoder")
        causal = {
            "tgt_mask": torch.ones(TARGET, TARGET, dtype=torch.bool).triu(1)
        }
        given = causal if memory else {}
        results = layer(sequence, *memory, **given), block(sequence, *memory)
        direction = normal(2, 2, TARGET, FEATURES)
        expected, found = (
            torch.autograd.grad((result * direction).sum(), sequence)
            for result in (results[0], results[1][0])
        )
        close(found, expected)


@both_norms
def test_the_block_is_the_formula(norm_first):
    """Attention and feed-forward by themselves, put together by hand."""
    _, block = layers("encoder", norm_first)
    attend, feed = block.self_attention, block.feed_forward
    first, second = block.norm_1, block.norm_2
    x = normal(0, 2, SOURCE, FEATURES)
    if norm_first:
        x = x + attend(first(x))[0]
        expected = x + feed(second(x))
    else:
        x = first(x + attend(x)[0])
        expected = second(x + feed(x))
    close(block(normal(0, 2, SOURCE, FEATURES))[0], expected)


def test_the_two_orders_differ():
    _, before = layers("encoder", True)
    _, after = layers("encoder", False)
    after.load_state_dict(before.state_dict())
    sequence = normal(0, 2, SOURCE, FEATURES)
    assert (before(sequence)[0] - after(sequence)[0]).abs().max() > 0.1


def test_the_norm_is_on_one_side():
    sequence = normal(0, 2, SOURCE, FEATURES)
    for norm_first in (True, False):
        norm = randomised(Norm(FEATURES, norm_first=norm_first).double())
        normed = nn.functional.layer_norm(
            sequence, (FEATURES,), norm.weight, norm.bias
        )
        sides = norm.before(sequence), norm.after(sequence)
        close(sides[not norm_first], normed)
        close(sides[norm_first], sequence)


def test_post_norm_gives_each_position_the_same_size():
    block = EncoderBlock(FEATURES, HEADS, HIDDEN, norm_first=False).double()
    found, _ = block(100 * normal(0, 2, SOURCE, FEATURES))
    close(found.mean(dim=2), torch.zeros(2, SOURCE).double())
    assert ((found.var(dim=2, correction=0) - 1).abs() < 1e-3).all()


def test_pre_norm_without_changes_is_the_identity():
    block = EncoderBlock(FEATURES, HEADS, HIDDEN).double()
    for layer in (
        block.self_attention.output_projection,
        block.feed_forward[2],
    ):
        nn.init.zeros_(layer.weight), nn.init.zeros_(layer.bias)
    sequence = normal(0, 2, SOURCE, FEATURES)
    assert torch.equal(block(sequence)[0], sequence)


def test_feed_forward_works_on_each_position_alone():
    feed = FeedForward(FEATURES, HIDDEN).double()
    sequence = normal(0, 2, SOURCE, FEATURES)
    whole = feed(sequence)
    for place in range(SOURCE):
        close(feed(sequence[:, place]), whole[:, place])
    assert sum(p.numel() for p in feed.parameters()) == (
        FEATURES * HIDDEN + HIDDEN + HIDDEN * FEATURES + FEATURES
    )


@both_norms
def test_decoder_block_sees_no_later_word_and_all_of_the_memory(norm_first):
    _, block = layers("decoder", norm_first)
    sequence = normal(0, 2, TARGET, FEATURES).requires_grad_()
    memory = normal(1, 2, SOURCE, FEATURES).requires_grad_()
    found, _ = block(sequence, memory)
    for place in range(TARGET):
        by_word, by_memory = torch.autograd.grad(
            found[:, place].square().sum(),
            (sequence, memory),
            retain_graph=True,
        )
        assert (by_word[:, place + 1 :] == 0).all()
        assert (by_word[:, : place + 1].abs().amax(dim=2) > 1e-9).all()
        assert (by_memory.abs().amax(dim=2) > 1e-9).all()


@both_norms
def test_with_a_cache_word_by_word_is_all_at_once(norm_first):
    _, block = layers("decoder", norm_first)
    sequence = normal(0, 2, TARGET, FEATURES)
    memory = normal(1, 2, SOURCE, FEATURES)
    expected, expected_weights = block(sequence, memory)
    cache = block.self_attention.new_cache(2, TARGET)
    projected = block.cross_attention.project(memory, memory)
    for first, end in ((0, 1), (1, 3), (3, 5)):
        with torch.no_grad():
            found, weights = block(
                sequence[:, first:end], projected=projected, cache=cache
            )
        close(found, expected[:, first:end])
        close(weights, expected_weights[:, :, first:end])


def test_another_self_attention_is_used():
    made = []

    class Twice(nn.Module):
        def __init__(self, features, num_heads):
            super().__init__()
            made.append((features, num_heads))

        def forward(self, query, *, cache=None, is_causal=False):
            assert is_causal
            return 2 * query, None

    block = DecoderBlock(FEATURES, HEADS, HIDDEN, self_attention=Twice)
    assert made == [(FEATURES, HEADS)]
    block = block.double()
    plain = DecoderBlock(FEATURES, HEADS, HIDDEN).double()
    assert type(plain.self_attention) is MultiHeadAttention
    sequence = normal(0, 2, TARGET, FEATURES)
    memory = normal(1, 2, SOURCE, FEATURES)
    x = sequence + 2 * block.norm_1(sequence)
    x = x + block.cross_attention(block.norm_2(x), memory)[0]
    x = x + block.feed_forward(block.norm_3(x))
    close(block(sequence, memory)[0], x)


ENCODER = EncoderBlock(FEATURES, HEADS, HIDDEN).double()
DECODER = DecoderBlock(FEATURES, HEADS, HIDDEN).double()
WORDS, MEMORY = normal(0, 2, TARGET, FEATURES), normal(1, 2, SOURCE, FEATURES)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("sequence", lambda: ENCODER(WORDS[0])),
        ("sequence", lambda: ENCODER(WORDS[:, :0])),
        ("sequence", lambda: ENCODER(WORDS[..., 1:])),
        ("sequence", lambda: ENCODER("words")),
        ("sequence", lambda: ENCODER(WORDS.float())),
        ("mask", lambda: ENCODER(WORDS, mask=torch.ones(2, 2) > 0)),
        ("sequence", lambda: DECODER(WORDS[0], MEMORY)),
        ("memory", lambda: DECODER(WORDS)),
        ("memory", lambda: DECODER(WORDS, MEMORY, projected=(MEMORY, MEMORY))),
        ("key", lambda: DECODER(WORDS, MEMORY[..., 1:])),
        ("key", lambda: DECODER(WORDS, MEMORY[:1])),
        ("num_heads", lambda: EncoderBlock(FEATURES, 2, HIDDEN)),
    ],
)
def test_wrong_input_is_an_error(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
