"""Scaled dot-product attention, the one inside every Transformer."""

# --8<-- [start:imports]
import math

import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_mask, check_shapes
from snippets.masked_softmax import masked_softmax


# --8<-- [start:module]
def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Tensor | None = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Compute softmax(query key^T * scale) value for each head.

    query: (batch, heads, target, head_dim).
    key: (batch, heads, source, head_dim).
    value: (batch, heads, source, value_dim).
    mask: boolean, broadcastable to (batch, heads, target, source), True = may
        be attended to.
    is_causal: query i attends to key j only if j <= i, and the mask allows it.
    scale: 1 / sqrt(head_dim) if not given.
    Returns context, (batch, heads, target, value_dim), and weights, (batch,
        heads, target, source).
    Raises ValueError for an input of a wrong kind, shape or device.
    Source: Vaswani et al. (2017), section 3.2.1.
    """
    sizes = check_shapes(
        query=(query, "batch heads target head_dim"),
        key=(key, "batch heads source head_dim"),
        value=(value, "batch heads source value_dim"),
    )
    # Without the scale, the softmax of long vectors is close to 0 and 1 only.
    if scale is None:
        scale = 1 / math.sqrt(sizes["head_dim"])
    transposed = key.transpose(-2, -1)  # (batch, heads, head_dim, source)
    score = query @ transposed * scale  # (batch, heads, target, source)
    if mask is not None:
        check_mask(mask, score.shape, score.device)
    if is_causal:
        causal = torch.ones_like(score[0, 0]).tril() > 0  # (target, source)
        mask = causal if mask is None else causal & mask
    weights = masked_softmax(score, mask)
    context = weights @ value  # (batch, heads, target, value_dim)
    return context, weights


# --8<-- [end:module]
