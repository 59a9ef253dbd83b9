"""Masks: which query may attend to which key, True = it may."""

# --8<-- [start:imports]
import math

import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_integers, check_sizes, expect


# --8<-- [start:padding]
def padding_mask(lengths: Tensor, length: int) -> Tensor:
    """Let every query attend to the first positions of its sequence only.

    lengths: (batch), int64, positions that are no padding, 0 to length.
    length: of all sequences with their padding.
    Returns a mask (batch, 1, 1, length).
    Raises ValueError for lengths of a wrong kind, shape or size.
    """
    check_integers("lengths", lengths, "batch")
    low, high = lengths.min().item(), lengths.max().item()
    fits = 0 <= low and high <= length
    expect(fits, "lengths", f"0 to {length}", f"{low} to {high}")
    position = torch.arange(length, device=lengths.device)  # (length)
    mask = position < lengths.unsqueeze(1)  # (batch, length)
    return mask.view(-1, 1, 1, length)  # (batch, 1, 1, length)


# --8<-- [end:padding]


# --8<-- [start:causal]
def causal_mask(length: int) -> Tensor:
    """Let every position attend to itself and those before it.

    Returns a mask (length, length).
    Raises ValueError for a length below 1.
    """
    check_sizes(length=length)
    position = torch.arange(length)  # (length)
    return position <= position.unsqueeze(1)  # (length, length)


# --8<-- [end:causal]


# --8<-- [start:block]
def block_mask(documents: Tensor) -> Tensor:
    """Let every position attend to those of its own document.

    documents: (batch, length), int64, the number of each position's document.
    Returns a mask (batch, 1, length, length).
    Raises ValueError for documents of a wrong kind or shape.
    """
    check_integers("documents", documents, "batch", "length")
    asking = documents.unsqueeze(2)  # (batch, length, 1)
    asked = documents.unsqueeze(1)  # (batch, 1, length)
    mask = asking == asked  # (batch, length, length)
    return mask.unsqueeze(1)  # (batch, 1, length, length)


# --8<-- [end:block]


# --8<-- [start:prefix]
def prefix_mask(prefixes: Tensor, length: int) -> Tensor:
    """Let every position attend to the prefix, and those up to itself.

    prefixes: (batch), int64, how many positions are the prefix.
    Returns a mask (batch, 1, length, length).
    Raises ValueError for prefixes of a wrong kind, shape or size.
    """
    in_prefix = padding_mask(prefixes, length)  # (batch, 1, 1, length)
    before = causal_mask(length).to(prefixes.device)  # (length, length)
    return in_prefix | before  # (batch, 1, length, length)


# --8<-- [end:prefix]


# --8<-- [start:additive]
def additive_mask(mask: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Write a boolean mask as one that is added: 0 and -inf.

    mask: boolean, of any shape, True = may be attended to.
    Returns a mask of the same shape and of this dtype.
    Raises ValueError for a mask that is not boolean.
    """
    expect(mask.dtype == torch.bool, "mask", torch.bool, mask.dtype)
    zeros = torch.zeros_like(mask, dtype=dtype)
    return zeros.masked_fill(~mask, -math.inf)


# --8<-- [end:additive]
