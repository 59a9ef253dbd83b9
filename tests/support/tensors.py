"""How tests compare tensors, models and error messages."""

import re
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

EXACT = 1e-10  # of sums in float64, in whatever order


def close(found, expected, atol: float = EXACT) -> None:
    """Fail unless tensors, or tuples of them, differ by no more than this."""
    __tracebackhide__ = True
    torch.testing.assert_close(found, expected, rtol=0, atol=atol)


def alike(left: Tensor, right: Tensor) -> bool:
    """Tell whether two tensors are equal but for rounding."""
    return torch.allclose(left, right, rtol=EXACT, atol=EXACT)


def identical(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> bool:
    """Tell whether two sets of named weights are equal to the last bit."""
    return left.keys() == right.keys() and all(
        torch.equal(left[name], right[name]) for name in left
    )


def fails(message: str):
    """Expect a ValueError with exactly this message."""
    return pytest.raises(ValueError, match=f"^{re.escape(message)}$")
