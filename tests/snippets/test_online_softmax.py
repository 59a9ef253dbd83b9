"""Three passes, two and one give the same, against the softmax of PyTorch."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.online_softmax import one_pass, three_passes, two_passes
from tests.support.probes import normal

ALL = [three_passes, two_passes, one_pass]
every_one = pytest.mark.parametrize(
    "attend", ALL, ids=lambda attend: attend.__name__
)


@every_one
@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    source=st.integers(1, 13),
    value_dim=st.integers(1, 5),
    seed=st.integers(0, 99),
    spread=st.sampled_from([0.0, 1.0, 1000.0]),
)
def test_equals_the_softmax(attend, source, value_dim, seed, spread):
    score = spread * normal(seed, source)
    value = normal(seed + 1, source, value_dim)
    expected = torch.softmax(score, dim=0) @ value
    torch.testing.assert_close(
        attend(score, value), expected, rtol=0, atol=1e-12
    )


@every_one
def test_small_numbers_by_hand(attend):
    score = torch.tensor([0.0, math.log(3)])
    value = torch.tensor([[4.0], [8.0]])  # shares 1 : 3
    assert attend(score, value).item() == pytest.approx(7.0)


@every_one
@pytest.mark.parametrize("highest", [1000.0, -1000.0])
def test_scores_that_would_overflow_alone(attend, highest):
    score = highest + torch.tensor([0.0, math.log(3)])
    context = attend(score, torch.tensor([[4.0], [8.0]]))
    assert context.item() == pytest.approx(7.0, rel=1e-3)


@every_one
def test_gradient_equals_finite_differences(attend):
    score = normal(0, 5).requires_grad_()
    value = normal(1, 5, 2).requires_grad_()
    assert torch.autograd.gradcheck(attend, (score, value))


@every_one
def test_dtype_is_kept(attend):
    result = attend(normal(0, 3), normal(1, 3, 2))
    assert result.dtype == torch.float64


@every_one
@pytest.mark.parametrize(
    ("score", "value", "name"),
    [
        (torch.ones(3, 1), torch.ones(3, 2), "score"),
        (torch.ones(3), torch.ones(5, 2), "value"),
        (torch.ones(3), torch.ones(3, 2, dtype=torch.float64), "value"),
        (torch.ones(0), torch.ones(0, 2), "score"),
        ([1.0], torch.ones(1, 2), "score"),
    ],
)
def test_wrong_input_is_named(attend, score, value, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        attend(score, value)
