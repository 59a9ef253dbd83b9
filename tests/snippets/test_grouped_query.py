"""Shared heads: attention and its module, against PyTorch and repetition."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.attention import attention
from snippets.multi_head_attention import MultiHeadAttention
from tests.support.probes import (
    DEVICES,
    TOLERANCE,
    Attention,
    applicable_probes,
    masks,
    normal,
)
from tests.support.tensors import close

BATCH, HEADS, TARGET, SOURCE, HEAD_DIM, VALUE_DIM = 2, 6, 5, 7, 11, 13
FEATURES = HEADS * HEAD_DIM


def inputs(key_heads, heads=HEADS, seed=0):
    return (
        normal(seed, BATCH, heads, TARGET, HEAD_DIM),
        normal(seed + 1, BATCH, key_heads, SOURCE, HEAD_DIM),
        normal(seed + 2, BATCH, key_heads, SOURCE, VALUE_DIM),
    )


# The function.


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    data=st.data(),
    key_heads=st.integers(1, 4),
    group=st.integers(1, 4),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
)
def test_equals_pytorch(data, key_heads, group, dtype):
    heads = key_heads * group
    tensors = [tensor.to(dtype) for tensor in inputs(key_heads, heads)]
    mask = data.draw(st.none() | masks(BATCH, heads, TARGET, SOURCE))
    context, weights = attention(*tensors, mask=mask)
    expected = F.scaled_dot_product_attention(
        *tensors, attn_mask=mask, enable_gqa=True
    )
    assert weights.shape == (BATCH, heads, TARGET, SOURCE)
    close(context, expected, TOLERANCE[dtype])


@pytest.mark.parametrize("key_heads", [1, 2, 3, 6])
def test_equals_attention_with_repeated_heads(key_heads):
    query, key, value = inputs(key_heads)
    group = HEADS // key_heads
    repeated = [
        tensor.repeat_interleave(group, dim=1) for tensor in (key, value)
    ]
    close(attention(query, key, value), attention(query, *repeated))
    tiled = [tensor.repeat(1, group, 1, 1) for tensor in (key, value)]
    wrong, _ = attention(query, *tiled)
    right, _ = attention(query, key, value)
    assert wrong.shape == right.shape
    error = (wrong - right).abs().max().item()
    # With one key head, or no sharing, both ways are the same.
    assert (error > 1) == (key_heads in (2, 3))


@pytest.mark.parametrize("key_heads", [1, 2, 3, 6])
def test_neighbours_share(key_heads):
    """Each key head has its own number as values."""
    query, key, _ = inputs(key_heads)
    value = torch.arange(key_heads).double().view(1, -1, 1, 1)
    value = value.expand(BATCH, -1, SOURCE, 1)
    context, _ = attention(query, key, value)
    expected = [head * key_heads // HEADS for head in range(HEADS)]
    assert context[0, :, 0, 0].round().tolist() == expected


# The module.


def module(num_key_heads=None, bias=True):
    torch.manual_seed(0)
    return MultiHeadAttention(
        FEATURES, HEADS, num_key_heads=num_key_heads, bias=bias
    ).double()


def test_as_many_key_heads_as_heads_is_multi_head_attention():
    sequence = normal(0, BATCH, SOURCE, FEATURES)
    plain, equal = module(), module(HEADS)
    assert [p.shape for p in plain.parameters()] == [
        p.shape for p in equal.parameters()
    ]
    close(equal(sequence), plain(sequence), 0)


def repeated_weights(shared):
    """Make the multi-head attention that repeats each shared head."""
    state = shared.state_dict()
    for name in state:
        if name.startswith(("key", "value")):
            heads = state[name].unflatten(0, (shared.num_key_heads, -1))
            group = HEADS // shared.num_key_heads
            state[name] = heads.repeat_interleave(group, dim=0).flatten(0, 1)
    plain = module()
    plain.load_state_dict(state)
    return plain


@pytest.mark.parametrize("key_heads", [1, 2, 3])
@pytest.mark.parametrize("is_causal", [False, True])
def test_shared_equals_multi_head_with_copied_weights(key_heads, is_causal):
    shared = module(key_heads)
    plain = repeated_weights(shared)
    sequence = normal(0, BATCH, SOURCE, FEATURES)
    how = dict(is_causal=is_causal)
    close(shared(sequence, **how), plain(sequence, **how))


@pytest.mark.parametrize("key_heads", [1, 2, 3, 6])
@torch.no_grad()
def test_with_a_cache_equals_the_whole(key_heads):
    shared = module(key_heads)
    sequence = normal(0, BATCH, SOURCE, FEATURES)
    whole, _ = shared(sequence, is_causal=True)
    cache = shared.new_cache(BATCH, SOURCE)
    contexts = [
        shared(part, cache=cache, is_causal=True)[0]
        for part in sequence.split([3, 1, 2, 1], dim=1)
    ]
    close(torch.cat(contexts, dim=1), whole)
    assert cache.nbytes() == 8 * 2 * BATCH * key_heads * SOURCE * HEAD_DIM


def described(key_heads: int, is_causal: bool, device: str) -> Attention:
    # Without bias: a context of nothing is then zero.
    shared = module(key_heads, bias=False).to(device)

    def attend(query, memory, mask):
        mask = mask if mask is None else mask.unsqueeze(1)
        return shared(memory, mask=mask, is_causal=is_causal)

    return Attention(
        f"{key_heads} key heads, causal={is_causal}, {device}",
        attend,
        FEATURES,
        FEATURES,
        tuple(shared.parameters()),
        is_self=True,
        is_causal=is_causal,
        device=device,
    )


CASES = [
    (each, probe)
    for key_heads in (1, 2, 3)
    for is_causal in (False, True)
    for device in DEVICES
    for each in [described(key_heads, is_causal, device)]
    for probe in applicable_probes(each)
]


@pytest.mark.parametrize(
    ("each", "probe"),
    CASES,
    ids=lambda case: getattr(case, "__name__", str(case))[:50],
)
def test_passes_the_probe(each, probe):
    probe(each)


@pytest.mark.parametrize("key_heads", [1, 2])
def test_gradient_equals_finite_differences(key_heads):
    query = normal(0, 1, 4, 2, 3).requires_grad_()
    key = normal(1, 1, key_heads, 3, 3).requires_grad_()
    value = normal(2, 1, key_heads, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(attention, (query, key, value))


@pytest.mark.parametrize("key_heads", [4, 5, 7, 12])
def test_a_number_that_does_not_divide_is_named(key_heads):
    message = f"a number of heads that divides 6, got {key_heads}"
    with pytest.raises(ValueError, match=f"^key: expected {message}$"):
        attention(*inputs(key_heads))
    with pytest.raises(ValueError, match=r"^num_key_heads: expected "):
        MultiHeadAttention(FEATURES, HEADS, num_key_heads=key_heads)
