"""The softmax of every attention here: it never gives NaN for a mask."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_mask, check_shapes


# --8<-- [start:module]
def masked_softmax(score: Tensor, mask: Tensor | None = None) -> Tensor:
    """Turn scores into weights: a softmax over the keys not masked.

    score: (..., target, source).
    mask: boolean, broadcastable to score, True = may be attended to.
    Returns weights, (..., target, source): exactly 0 where the mask is False;
        each row sums to 1, or is all 0 where it may attend to nothing.
    Raises ValueError for a score or mask of a wrong kind, shape or device.
    """
    check_shapes(score=(score, "... target source"))
    # Half precision is too coarse for a sum over many keys.
    wide = score.to(torch.promote_types(score.dtype, torch.float32))
    if mask is None:
        return torch.softmax(wide, dim=-1).to(score.dtype)

    check_mask(mask, score.shape, score.device)
    # -inf would give NaN for a row that is masked altogether. The lowest
    # finite number does not; what it leaves in such a row is cleared after.
    lowest = torch.finfo(wide.dtype).min
    wide = wide.masked_fill(~mask, lowest)
    weights = torch.softmax(wide, dim=-1).masked_fill(~mask, 0.0)
    return weights.to(score.dtype)


# --8<-- [end:module]
