"""Exact attention in tiles: no tensor is as large as target times source."""

# --8<-- [start:imports]
import math
from collections.abc import Iterable

import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.attention import is_number, read_mask, visible
from snippets.checks import check_shapes, expect


# --8<-- [start:checks]
def check_arguments(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    block_size: int,
    scale: float | None,
    softcap: float,
) -> Iterable[int]:
    """Return batch, heads, target, head_dim, key_heads, source, value_dim.

    Raises ValueError for an argument of a wrong kind, shape or device.
    """
    sizes = check_shapes(
        query=(query, "batch heads target head_dim"),
        key=(key, "batch key_heads source head_dim"),
        value=(value, "batch key_heads source value_dim"),
    )
    heads, key_heads = sizes["heads"], sizes["key_heads"]
    divides = heads % key_heads == 0
    expect(
        divides, "key", f"a number of heads that divides {heads}", key_heads
    )
    fits = type(block_size) is int and block_size >= 1
    expect(fits, "block_size", "an int, 1 or more", block_size)
    fits = scale is None or is_number(scale)
    expect(fits, "scale", "a finite number", scale)
    capped = is_number(softcap) and softcap >= 0
    expect(capped, "softcap", "a finite number, 0 or more", softcap)
    return sizes.values()


def full_view(mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the mask as seen by each pair, without copying it.

    shape: (batch, heads, target, source).
    Raises ValueError for a mask that does not broadcast to it.
    """
    kind = type(mask).__name__
    expect(isinstance(mask, Tensor), "mask", "a tensor", kind)
    pairs = zip(reversed(mask.shape), reversed(shape), strict=False)
    fits = all(size in (1, full) for size, full in pairs)
    fits = fits and 2 <= mask.dim() <= 4
    expected = f"2 to 4 axes that broadcast to {shape}"
    expect(fits, "mask", expected, tuple(mask.shape))
    return mask.expand(shape)


# --8<-- [end:checks]


# --8<-- [start:reach]
def reach(
    rows: slice,
    source: int,
    is_causal: bool,
    offset: int | Tensor,
    window: tuple[int | None, int | None] | None,
) -> tuple[int, int]:
    """Return the range of keys that at least one of some queries can attend.

    rows: the queries. source: number of keys. The others as in attention.
    Returns the first key and the one after the last.
    """
    left, right = window or (None, None)
    shift = torch.as_tensor(offset)
    low, high = 0, source
    if left is not None and left >= 0:
        low = max(0, rows.start + int(shift.min()) - left)
    if is_causal:
        high = min(high, rows.stop + int(shift.max()))
    if right is not None and right >= 0:
        high = min(high, rows.stop + int(shift.max()) + right)
    return low, high


# --8<-- [end:reach]


# --8<-- [start:add_tile]
def add_tile(
    state: tuple[Tensor, Tensor, Tensor], score: Tensor, value: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Take a tile of keys into the maximum, the sum and the weighted sum.

    state: maximum and total, (batch, heads, rows, 1), and context, (batch,
        heads, rows, value_dim), of the tiles before.
    score: (batch, heads, rows, columns), -inf = may not be attended.
    value: (batch, heads, columns, value_dim).
    Returns the state with this tile.
    """
    maximum, total, context = state
    # The maximum cancels out in what is computed at the end, and so does its
    # gradient: none is needed.
    highest = score.detach().amax(dim=-1, keepdim=True)
    larger = torch.maximum(maximum, highest)  # (batch, heads, rows, 1)
    # While a query has seen no key, -inf - (-inf) would be NaN.
    finite = larger.masked_fill(larger == -math.inf, 0.0)
    correction = torch.exp(maximum - finite)  # (batch, heads, rows, 1)
    share = torch.exp(score - finite)  # (batch, heads, rows, columns)
    total = total * correction + share.sum(dim=-1, keepdim=True)
    context = context * correction + share @ value
    return larger, total, context


# --8<-- [end:add_tile]


# --8<-- [start:flash_attention_forward]
def flash_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    block_size: int = 128,
    mask: Tensor | None = None,
    is_causal: bool = False,
    offset: int | Tensor = 0,
    scale: float | None = None,
    softcap: float = 0.0,
    window: tuple[int | None, int | None] | None = None,
) -> tuple[Tensor, Tensor]:
    """Compute what attention computes, tile by tile, without its weights.

    query: (batch, heads, target, head_dim).
    key: (batch, key_heads, source, head_dim).
    value: (batch, key_heads, source, value_dim).
    block_size: queries in a tile, and keys in a tile, at the most.
    mask, is_causal, offset, scale, softcap, window: as in attention.
    Returns context, (batch, heads, target, value_dim), and logsumexp, the
        logarithm of each softmax's denominator, (batch, heads, target), in
        float32 at least. A query that may attend nothing gets a context of
        zeros and a logsumexp of -inf.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: Dao et al. (2022), algorithm 1; the order of the loops and the
        division at the end are those of Dao (2023), algorithm 1.
    """
    sizes = check_arguments(query, key, value, block_size, scale, softcap)
    batch, heads, target, head_dim, key_heads, source, value_dim = sizes
    group = heads // key_heads  # query heads that share one of keys
    # One pair of query and key is enough to check these three.
    visible(query[..., :1, :1], is_causal, offset, window)
    if mask is not None:
        mask = full_view(mask, (batch, heads, target, source))
    scale = 1 / math.sqrt(head_dim) if scale is None else scale

    wide = torch.promote_types(query.dtype, torch.float32)
    contexts, logsumexps = [], []
    for top in range(0, target, block_size):
        rows = slice(top, min(top + block_size, target))
        part = query[:, :, rows].to(wide)  # (batch, heads, rows, head_dim)
        maximum = torch.full_like(part[..., :1], -math.inf)
        total = torch.zeros_like(maximum)  # (batch, heads, rows, 1)
        state = maximum, total, total.repeat(1, 1, 1, value_dim)
        low, high = reach(rows, source, is_causal, offset, window)
        for start in range(low, high, block_size):
            columns = slice(start, min(start + block_size, high))
            keys = key[:, :, columns].to(wide).repeat_interleave(group, 1)
            values = value[:, :, columns].to(wide).repeat_interleave(group, 1)
            score = part @ keys.mT * scale  # (batch, heads, rows, columns)
            if softcap:
                score = softcap * torch.tanh(score / softcap)
            shift = offset + top - start  # of the first query to the first key
            allowed = visible(score, is_causal, shift, window)
            if mask is not None:
                piece = mask[:, :, rows, columns]
                bias, unmasked = read_mask(piece, score, query.dtype)
                score, allowed = score + bias, allowed & unmasked
            score = score.masked_fill(~allowed, -math.inf)
            state = add_tile(state, score, values)
        maximum, total, context = state
        # 0 only where nothing may be attended: zeros, not 0 / 0.
        total = total.masked_fill(total == 0, 1.0)
        contexts.append((context / total).to(query.dtype))
        logsumexps.append((maximum + total.log()).squeeze(-1))
    return torch.cat(contexts, dim=2), torch.cat(logsumexps, dim=2)


# --8<-- [end:flash_attention_forward]
