"""The softmax of every attention here: it never gives NaN for a mask."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_mask, check_shapes


# --8<-- [start:module]
def masked_softmax(score: Tensor, mask: Tensor | None = None) -> Tensor:
    """Turn scores into weights: a softmax over the keys that may be attended.

    score: (..., target, source).
    mask: boolean, broadcastable to score, True = may be attended.
    Returns weights, (..., target, source): exactly 0 where the mask is False;
        each row sums to 1, or is all 0 where it may attend nothing.
    Raises ValueError for a score or mask of a wrong kind, shape or device.
    """
    check_shapes(score=(score, "... target source"))
    # Half precision is too coarse for a sum over many keys.
    wide = score.to(torch.promote_types(score.dtype, torch.float32))
    if mask is None:
        return torch.softmax(wide, dim=-1).to(score.dtype)

    check_mask(mask, score.shape, score.device)
    mask = mask.expand_as(score)  # (..., target, source)
    wide = wide.masked_fill(~mask, -torch.inf)
    # The softmax of a row of -inf alone is NaN, and so is its gradient: make
    # it a row of 0, and clear its weights after the softmax.
    empty_row = ~mask.any(dim=-1, keepdim=True)  # (..., target, 1)
    wide = wide.masked_fill(empty_row, 0.0)
    weights = torch.softmax(wide, dim=-1).masked_fill(~mask, 0.0)
    return weights.to(score.dtype)


# --8<-- [end:module]
