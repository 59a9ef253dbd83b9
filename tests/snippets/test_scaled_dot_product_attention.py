"""attention against explicit loops and F.scaled_dot_product_attention."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.scaled_dot_product_attention import attention
from tests.support.probes import DEVICES, TOLERANCE, masks, normal

BATCH, HEADS, TARGET, SOURCE, HEAD_DIM, VALUE_DIM = 2, 3, 5, 7, 11, 13


def inputs(
    batch=BATCH,
    heads=HEADS,
    target=TARGET,
    source=SOURCE,
    head_dim=HEAD_DIM,
    value_dim=VALUE_DIM,
    seed=0,
):
    return (
        normal(seed, batch, heads, target, head_dim),
        normal(seed + 1, batch, heads, source, head_dim),
        normal(seed + 2, batch, heads, source, value_dim),
    )


def attend_by_hand(query, key, value, allowed, scale):
    """Attend in one head, from lists of plain floats."""
    contexts, weights = [], []
    for i, state in enumerate(query):
        powers = []
        for j, other in enumerate(key):
            score = sum(a * b for a, b in zip(state, other, strict=True))
            powers.append(math.exp(score * scale) if allowed[i][j] else 0.0)
        row = [power / (sum(powers) or 1.0) for power in powers]
        weights.append(row)
        contexts.append(
            [
                sum(row[j] * value[j][m] for j in range(len(value)))
                for m in range(len(value[0]))
            ]
        )
    return contexts, weights


def test_small_numbers_by_hand():
    query = torch.tensor([[[[2.0, 0.0, 0.0, 0.0]]]])
    key = torch.tensor([[[[math.log(3), 5, 0, 0], [0.0, 7, 0, 0]]]])
    value = torch.tensor([[[[4.0], [8.0]]]])
    context, weights = attention(query, key, value)
    # The scores are 2 log 3 / sqrt(4) = log 3 and 0, so the shares are 3 : 1.
    assert weights.flatten().tolist() == pytest.approx([0.75, 0.25])
    assert context.item() == pytest.approx(0.75 * 4 + 0.25 * 8)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    data=st.data(),
    batch=st.integers(1, 2),
    heads=st.integers(1, 3),
    target=st.integers(1, 4),
    source=st.integers(1, 4),
    is_causal=st.booleans(),
    scale=st.sampled_from([None, 0.5, -1.0]),
)
def test_equals_the_loops(
    data, batch, heads, target, source, is_causal, scale
):
    seed = data.draw(st.integers(0, 99))
    tensors = inputs(batch, heads, target, source, seed=seed)
    mask = data.draw(st.none() | masks(batch, heads, target, source))
    context, weights = attention(
        *tensors, mask=mask, is_causal=is_causal, scale=scale
    )
    allowed = torch.ones(batch, heads, target, source, dtype=torch.bool)
    allowed = (allowed if mask is None else mask.expand_as(allowed)).tolist()
    query, key, value = (tensor.tolist() for tensor in tensors)
    factor = HEAD_DIM**-0.5 if scale is None else scale
    for item in range(batch):
        for head in range(heads):
            both = [
                [
                    may and (j <= i or not is_causal)
                    for j, may in enumerate(row)
                ]
                for i, row in enumerate(allowed[item][head])
            ]
            expected = attend_by_hand(
                query[item][head],
                key[item][head],
                value[item][head],
                both,
                factor,
            )
            for result, hand in zip((context, weights), expected, strict=True):
                torch.testing.assert_close(
                    result[item, head],
                    torch.tensor(hand, dtype=torch.float64),
                    rtol=0,
                    atol=TOLERANCE[torch.float64],
                )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    data=st.data(),
    target=st.integers(1, 7),
    source=st.integers(1, 7),
    value_dim=st.sampled_from([1, HEAD_DIM, VALUE_DIM]),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
    is_causal=st.booleans(),
    scale=st.sampled_from([None, 0.5]),
)
def test_equals_pytorch(
    data, target, source, value_dim, dtype, is_causal, scale
):
    seed = data.draw(st.integers(0, 99))
    tensors = [
        tensor.to(dtype)
        for tensor in inputs(
            target=target, source=source, value_dim=value_dim, seed=seed
        )
    ]
    # PyTorch takes a mask or is_causal, not both.
    mask = None
    if not is_causal:
        mask = data.draw(st.none() | masks(BATCH, HEADS, target, source))
    context, weights = attention(
        *tensors, mask=mask, is_causal=is_causal, scale=scale
    )
    expected = F.scaled_dot_product_attention(
        *tensors, attn_mask=mask, is_causal=is_causal, scale=scale
    )
    assert context.dtype == weights.dtype == dtype
    torch.testing.assert_close(
        context, expected, rtol=0, atol=TOLERANCE[dtype]
    )


@pytest.mark.parametrize("device", DEVICES)
def test_causal_combines_with_a_mask(device):
    query, key, value = (tensor.to(device) for tensor in inputs())
    mask = (normal(5, BATCH, 1, TARGET, SOURCE) > 0).to(device)
    causal = torch.tensor(
        [[j <= i for j in range(SOURCE)] for i in range(TARGET)],
        device=device,
    )
    result = attention(query, key, value, mask=mask, is_causal=True)
    both = attention(query, key, value, mask=mask & causal)
    torch.testing.assert_close(result, both, rtol=0, atol=0)
    expected = F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask & causal
    )
    torch.testing.assert_close(result[0], expected, rtol=0, atol=1e-10)


def test_causal_weights_are_a_triangle():
    query, key, value = inputs(target=TARGET, source=TARGET)
    _, weights = attention(query, key, value, is_causal=True)
    for i in range(TARGET):
        for j in range(TARGET):
            assert ((weights[:, :, i, j] > 0) == (j <= i)).all()


def test_default_scale_keeps_the_spread_of_the_scores():
    spreads = []
    for head_dim in (13, 1009):
        query, key, value = inputs(
            target=31, source=31, head_dim=head_dim, value_dim=1
        )
        _, weights = attention(query, key, value)
        spreads.append(weights.max(dim=-1).values.mean().item())
    assert spreads[1] == pytest.approx(spreads[0], rel=0.1)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    tensors = [
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    ]
    mask = torch.ones(BATCH, 1, TARGET, SOURCE, dtype=torch.bool)
    mask[0, :, 1] = False
    mask[1, :, :, 3:] = False
    mask = mask.to(device)
    context, weights = attention(*tensors, mask=mask, is_causal=True)
    expected = attention(
        *(tensor.double() for tensor in tensors), mask=mask, is_causal=True
    )
    assert context.dtype == weights.dtype == dtype
    assert context.device.type == device
    torch.testing.assert_close(
        (context.double(), weights.double()),
        expected,
        rtol=0,
        atol=TOLERANCE[dtype],
    )
    (context.sum() + weights[..., 0].sum()).backward()
    for tensor in tensors:
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


def test_fully_masked_row_is_zero():
    mask = torch.ones(BATCH, HEADS, TARGET, SOURCE, dtype=torch.bool)
    mask[1, 2, 3] = False
    context, weights = attention(*inputs(), mask=mask)
    assert (context[1, 2, 3] == 0).all()
    assert (weights[1, 2, 3] == 0).all()
    assert (weights.sum(dim=-1) > 0.9).sum() == BATCH * HEADS * TARGET - 1


@pytest.mark.parametrize("is_causal", [False, True])
def test_gradient_equals_finite_differences(is_causal):
    tensors = inputs(1, 2, 2, 3, 5, 2)
    mask = torch.tensor([[True, False, True], [False, False, False]])

    def attend(query, key, value):
        return attention(query, key, value, mask=mask, is_causal=is_causal)

    arguments = tuple(tensor.requires_grad_() for tensor in tensors)
    assert torch.autograd.gradcheck(attend, arguments)
