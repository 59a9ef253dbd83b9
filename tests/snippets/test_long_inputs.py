"""Windows, sinks, rolling caches and soft caps: what Long Inputs claims."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.attention import attention
from snippets.long_inputs import (
    RollingCache,
    add_zero_key,
    window_with_sinks,
)
from tests.support.probes import TOLERANCE, normal

BATCH, HEADS, LENGTH, HEAD_DIM, VALUE_DIM = 2, 3, 11, 5, 7
EXACT = dict(rtol=0, atol=1e-12)


def inputs(length=LENGTH, seed=0, key_heads=HEADS, value_dim=VALUE_DIM):
    return (
        normal(seed, BATCH, HEADS, length, HEAD_DIM),
        normal(seed + 1, BATCH, key_heads, length, HEAD_DIM),
        normal(seed + 2, BATCH, key_heads, length, value_dim),
    )


def pairs(target, source, holds):
    """Return a mask from a rule for query i and key j."""
    return torch.tensor(
        [[holds(i, j) for j in range(source)] for i in range(target)]
    )


# Windows.


@pytest.mark.parametrize("left", [0, 1, 3, LENGTH - 2])
def test_a_causal_window_is_a_band(left):
    tensors = inputs()
    context, weights = attention(*tensors, is_causal=True, window=(left, 0))
    band = pairs(LENGTH, LENGTH, lambda i, j: i - left <= j <= i)
    assert torch.equal(weights[0, 0] > 0, band)
    expected = F.scaled_dot_product_attention(*tensors, attn_mask=band)
    torch.testing.assert_close(context, expected, **EXACT)


def test_a_window_as_long_as_the_text_is_none():
    tensors = inputs()
    whole = attention(*tensors, is_causal=True)
    for left in (LENGTH - 1, LENGTH, 10 * LENGTH):
        window = attention(*tensors, is_causal=True, window=(left, 0))
        torch.testing.assert_close(window, whole, rtol=0, atol=0)
    narrow = attention(*tensors, is_causal=True, window=(LENGTH - 2, 0))
    assert not torch.equal(narrow[0], whole[0])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    target=st.integers(1, 7),
    source=st.integers(1, 9),
    left=st.integers(0, 9),
    sinks=st.integers(0, 4),
    offset=st.integers(0, 5),
)
def test_the_mask_with_sinks_is_the_union(target, source, left, sinks, offset):
    mask = window_with_sinks(
        target, source, left=left, sinks=sinks, offset=offset
    )

    def holds(i, j):
        near = i + offset - left <= j
        return (near or j < sinks) and j <= i + offset

    assert torch.equal(mask, pairs(target, source, holds))


def test_the_mask_without_sinks_is_the_window_of_attention():
    tensors = inputs()
    mask = window_with_sinks(LENGTH, LENGTH, left=3, sinks=0)
    torch.testing.assert_close(
        attention(*tensors, mask=mask),
        attention(*tensors, is_causal=True, window=(3, 0)),
        rtol=0,
        atol=0,
    )


@pytest.mark.parametrize("name", ["target", "source", "left", "sinks"])
def test_a_wrong_size_of_the_mask_is_named(name):
    sizes = dict(target=2, source=3, left=1, sinks=1) | {name: -1}
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        window_with_sinks(**sizes)


# The rolling cache.


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    length=st.integers(1, 13),
    window=st.integers(1, 6),
    sinks=st.integers(0, 3),
    key_heads=st.sampled_from([1, 3]),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
)
def test_a_rolling_cache_is_the_windowed_pass(
    length, window, sinks, key_heads, dtype
):
    tensors = inputs(length, key_heads=key_heads, value_dim=HEAD_DIM)
    query, key, value = (tensor.to(dtype) for tensor in tensors)
    mask = window_with_sinks(length, length, left=window - 1, sinks=sinks)
    expected, _ = attention(query, key, value, mask=mask)
    cache = RollingCache(
        BATCH, key_heads, window, HEAD_DIM, sinks=sinks, dtype=dtype
    )
    for i in range(length):
        now = slice(i, i + 1)
        kept = cache.append(key[:, :, now], value[:, :, now])
        # A sink inside the window is one position, not two.
        assert kept[0].size(2) == int(mask[i].sum())
        context, _ = attention(query[:, :, now], *kept)
        torch.testing.assert_close(
            context, expected[:, :, now], rtol=0, atol=TOLERANCE[dtype]
        )


def test_the_cache_does_not_grow():
    cache = RollingCache(BATCH, HEADS, 3, HEAD_DIM, sinks=1)
    before, address = cache.nbytes(), cache.key.data_ptr()
    assert before == 2 * BATCH * HEADS * (3 + 1) * HEAD_DIM * 4
    for _ in range(9):
        cache.append(*torch.ones(2, BATCH, HEADS, 1, HEAD_DIM).unbind())
    assert (cache.nbytes(), cache.key.data_ptr()) == (before, address)
    assert cache.length == 9


def test_no_gradient_flows_into_the_cache():
    cache = RollingCache(BATCH, HEADS, 3, HEAD_DIM)
    new = torch.ones(BATCH, HEADS, 1, HEAD_DIM, requires_grad=True)
    key, value = cache.append(new, new)
    assert not key.requires_grad and not value.requires_grad


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (dict(key=torch.ones(2, 3, 2, 5)), "key"),
        (dict(key=torch.ones(2, 1, 1, 5)), "key"),
        (dict(value=torch.ones(2, 3, 1, 7)), "value"),
        (dict(value=torch.ones(2, 3, 1, 5).half()), "value"),
        (
            dict.fromkeys(("key", "value"), torch.ones(2, 3, 1, 5).half()),
            "key",
        ),
    ],
)
def test_what_does_not_fit_the_cache_is_named(change, name):
    cache = RollingCache(2, 3, 4, 5)
    fitting = torch.ones(2, 3, 1, 5)
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        cache.append(**(dict(key=fitting, value=fitting) | change))
    assert cache.length == 0


@pytest.mark.parametrize(
    "name", ["batch", "key_heads", "window", "head_dim", "sinks"]
)
def test_a_wrong_size_of_the_cache_is_named(name):
    sizes = dict(batch=2, key_heads=3, window=4, head_dim=5, sinks=0)
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        RollingCache(**(sizes | {name: -1}))


# A key of zeros.


def test_a_zero_key_adds_one_to_the_sum():
    query, key, value = inputs()
    context, weights = attention(query, *add_zero_key(key, value))
    power = torch.exp(query @ key.mT / HEAD_DIM**0.5)
    expected = power / (1 + power.sum(dim=-1, keepdim=True))
    torch.testing.assert_close(weights[..., 1:], expected, **EXACT)
    torch.testing.assert_close(context, expected @ value, **EXACT)


@pytest.mark.parametrize("name", ["key", "value"])
def test_a_wrong_input_of_the_zero_key_is_named(name):
    fitting = torch.ones(2, 3, 5, 7)
    wrong = dict(key=fitting, value=fitting) | {name: torch.ones(3, 5, 7)}
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        add_zero_key(**wrong)


# Soft caps.


@pytest.mark.parametrize("softcap", [0.5, 5.0])
def test_a_soft_cap_bounds_scores_and_keeps_their_order(softcap):
    query, key, value = inputs()
    _, plain = attention(query, key, value, scale=1.0)
    _, weights = attention(query, key, value, scale=1.0, softcap=softcap)
    # Logarithms of weights are scores, shifted.
    spread = weights.log().amax(dim=-1) - weights.log().amin(dim=-1)
    assert (spread < 2 * softcap).all()
    assert (spread > 0).all()
    assert torch.equal(weights.argsort(dim=-1), plain.argsort(dim=-1))
    score = softcap * torch.tanh(query @ key.mT / softcap)
    torch.testing.assert_close(weights, score.softmax(dim=-1), **EXACT)


def test_a_large_soft_cap_changes_little_and_a_small_one_levels():
    tensors = inputs()
    _, plain = attention(*tensors)
    _, large = attention(*tensors, softcap=1e6)
    _, small = attention(*tensors, softcap=1e-6)
    torch.testing.assert_close(large, plain, rtol=0, atol=1e-9)
    even = torch.full_like(plain, 1 / LENGTH)
    torch.testing.assert_close(small, even, rtol=0, atol=1e-5)


def test_the_slope_is_one_at_zero_and_shrinks_beyond_the_cap():
    score = torch.tensor([0.0, 5.0, 20.0], requires_grad=True)
    (5 * torch.tanh(score / 5)).sum().backward()
    assert score.grad[0] == 1
    assert score.grad[1].item() == pytest.approx(1 - math.tanh(1) ** 2)
    assert 0 < score.grad[2] < 0.002


def test_the_cap_comes_before_the_mask():
    query, key, value = inputs()
    mask = torch.zeros(LENGTH, LENGTH, dtype=torch.float64)
    mask[:, 3] = -math.inf
    _, weights = attention(query, key, value, mask=mask, softcap=5.0)
    assert (weights[..., 3] == 0).all()
    score = query @ key.mT / HEAD_DIM**0.5 + mask
    wrong = (5 * torch.tanh(score / 5)).softmax(dim=-1)
    assert (wrong[..., 3] > 0).all()
