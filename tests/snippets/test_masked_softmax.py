"""masked_softmax against sums of math.exp, and at its edges."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.masked_softmax import masked_softmax
from tests.support.probes import DEVICES, TOLERANCE, masks, normal


def softmax_by_hand(row, allowed):
    """Compute one row of weights from plain floats."""
    highest = max(
        (x for x, ok in zip(row, allowed, strict=True) if ok), default=0
    )
    powers = [
        math.exp(x - highest) if ok else 0.0
        for x, ok in zip(row, allowed, strict=True)
    ]
    total = sum(powers)
    return [power / total if total else 0.0 for power in powers]


def test_weights_are_the_shares_of_the_exponentials():
    score = torch.tensor([[0.0, math.log(2), math.log(5)]])
    weights = masked_softmax(score)
    torch.testing.assert_close(weights, torch.tensor([[1 / 8, 2 / 8, 5 / 8]]))


def test_masked_keys_take_no_share():
    score = torch.tensor([[0.0, math.log(2), math.log(5)]])
    weights = masked_softmax(score, torch.tensor([[True, True, False]]))
    torch.testing.assert_close(weights, torch.tensor([[1 / 3, 2 / 3, 0.0]]))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    data=st.data(),
    shape=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
    scale=st.sampled_from([0.1, 1.0, 100.0]),
)
def test_equals_the_sum_by_hand(data, shape, dtype, scale):
    score = (normal(data.draw(st.integers(0, 99)), *shape) * scale).to(dtype)
    mask = data.draw(st.none() | masks(*shape))
    weights = masked_softmax(score, mask)
    assert weights.dtype == dtype
    assert weights.shape == score.shape

    allowed = torch.ones_like(score, dtype=torch.bool)
    allowed = allowed if mask is None else mask.expand_as(score)
    expected = [
        softmax_by_hand(row, ok)
        for row, ok in zip(
            score.double().flatten(0, -2).tolist(),
            allowed.flatten(0, -2).tolist(),
            strict=True,
        )
    ]
    torch.testing.assert_close(
        weights.double().flatten(0, -2),
        torch.tensor(expected, dtype=torch.float64),
        rtol=0,
        atol=TOLERANCE[dtype],
    )
    assert (weights[~allowed] == 0).all()


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_fully_masked_row_is_zero_forward_and_backward(device, dtype):
    score = normal(0, 2, 3, 5).to(device, dtype).requires_grad_()
    mask = torch.ones(2, 3, 5, dtype=torch.bool, device=device)
    mask[0, 1] = False
    direction = normal(1, 2, 3, 5).to(device, dtype)
    # Anomaly detection raises for a NaN anywhere in the backward pass, also
    # for one that a later step hides.
    with torch.autograd.detect_anomaly(check_nan=True):
        weights = masked_softmax(score, mask)
        (weights * direction).sum().backward()
    assert weights.device.type == device
    assert (weights[0, 1] == 0).all()
    assert (score.grad[0, 1] == 0).all()
    assert (score.grad[1].abs() > 0).any()
    assert score.grad.isfinite().all()
    sums = weights.detach().double().sum(dim=-1)
    assert abs(sums[1] - 1).max() < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_masked_keys_do_not_matter_however_large(dtype):
    largest = torch.finfo(dtype).max
    score = torch.tensor([[1.0, 1.0, largest, -largest]], dtype=dtype)
    mask = torch.tensor([[True, True, False, False]])
    weights = masked_softmax(score, mask)
    assert weights.tolist() == [[0.5, 0.5, 0, 0]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_types_are_computed_in_float32(dtype):
    lowest = torch.finfo(torch.float16).min  # a score that float16 can hold
    score = torch.tensor([[lowest, lowest, 0.0, 0.0]], dtype=dtype)
    mask = torch.tensor([[True, True, False, False]])
    assert masked_softmax(score, mask).tolist() == [[0.5, 0.5, 0, 0]]

    score = normal(0, 7, 501).to(dtype)
    mask = normal(1, 7, 501) > 0
    expected = masked_softmax(score.float(), mask).to(dtype)
    assert torch.equal(masked_softmax(score, mask), expected)


def test_large_scores_do_not_overflow():
    score = torch.tensor([[1e30, 1e30, 0.0]])
    assert masked_softmax(score).tolist() == [[0.5, 0.5, 0]]


def test_inputs_are_not_modified():
    score, mask = normal(0, 2, 3, 5), normal(1, 2, 3, 5) > 0
    score_before, mask_before = score.clone(), mask.clone()
    masked_softmax(score, mask)
    assert torch.equal(score, score_before)
    assert torch.equal(mask, mask_before)


def test_gradient_equals_finite_differences():
    score = normal(0, 2, 3, 5).requires_grad_()
    mask = normal(1, 2, 3, 5) > 0
    mask[1, 2] = False
    assert torch.autograd.gradcheck(masked_softmax, (score,))
    assert torch.autograd.gradcheck(masked_softmax, (score, mask))
