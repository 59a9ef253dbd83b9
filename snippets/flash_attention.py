"""Exact attention in tiles: no tensor is as large as target times source."""

# --8<-- [start:imports]
import math
from collections.abc import Callable

import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.attention import is_number, read_mask, visible
from snippets.checks import check_shapes, check_sizes, expect


# --8<-- [start:helpers]
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


def reach(
    rows: slice,
    source: int,
    is_causal: bool,
    offset: int | Tensor,
    window: tuple[int | None, int | None] | None,
) -> tuple[int, int]:
    """Return the range of keys to which at least one of some queries attends.

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


def tiles(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    block_size: int,
    mask: Tensor | None = None,
    is_causal: bool = False,
    offset: int | Tensor = 0,
    scale: float | None = None,
    softcap: float = 0.0,
    window: tuple[int | None, int | None] | None = None,
) -> tuple[Callable, Callable]:
    """Return how the scores are cut: two functions.

    The first gives, for some rows (a slice of the queries), the slices of the
    keys that they can reach. The second gives, for such a pair of slices, the
    scores that add_tile takes, -inf where nothing may be attended to.
    The arguments are those of flash_attention_forward.
    Raises ValueError for an argument of a wrong kind, shape or device.
    """
    sizes = check_shapes(
        query=(query, "batch heads target head_dim"),
        key=(key, "batch key_heads source head_dim"),
        value=(value, "batch key_heads source value_dim"),
    )
    batch, heads, target, head_dim, key_heads, source, _ = sizes.values()
    group = heads // key_heads  # query heads that share one of keys
    expected = f"a number of heads that divides {heads}"
    expect(heads % key_heads == 0, "key", expected, key_heads)
    check_sizes(block_size=block_size)
    fits = scale is None or is_number(scale)
    expect(fits, "scale", "a finite number", scale)
    capped = is_number(softcap) and softcap >= 0
    expect(capped, "softcap", "a finite number, 0 or more", softcap)
    # One pair of query and key is enough to check these three.
    visible(query[..., :1, :1], is_causal, offset, window)
    if mask is not None:
        mask = full_view(mask, (batch, heads, target, source))
    scale = 1 / math.sqrt(head_dim) if scale is None else scale
    wide = torch.promote_types(query.dtype, torch.float32)

    def reached(rows: slice) -> list[slice]:
        low, high = reach(rows, source, is_causal, offset, window)
        starts = range(low, high, block_size)
        return [slice(j, min(j + block_size, high)) for j in starts]

    def scores(rows: slice, columns: slice) -> Tensor:
        keys = key[:, :, columns].to(wide).repeat_interleave(group, 1)
        score = query[:, :, rows].to(wide) @ keys.mT * scale
        if softcap:
            score = softcap * torch.tanh(score / softcap)
        # Of the first query to the first key of the tile.
        shift = offset + rows.start - columns.start
        allowed = visible(score, is_causal, shift, window)
        if mask is not None:
            piece = mask[:, :, rows, columns]
            bias, unmasked = read_mask(piece, score, query.dtype)
            score, allowed = score + bias, allowed & unmasked
        return score.masked_fill(~allowed, -math.inf)

    return reached, scores


# --8<-- [end:helpers]


# --8<-- [start:add_tile]
def add_tile(
    state: tuple[Tensor, Tensor, Tensor], score: Tensor, value: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Take a tile of keys into the maximum, the sum and the weighted sum.

    state: maximum and total, (batch, heads, rows, 1), and context, (batch,
        heads, rows, value_dim), of the tiles before.
    score: (batch, heads, rows, columns), -inf = may not be attended to.
    value: (batch, heads, columns, value_dim).
    Returns the state with this tile.
    """
    maximum, total, context = state
    # The maximum cancels out in the end, and so does its gradient.
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
    **options,
) -> tuple[Tensor, Tensor]:
    """Compute what attention computes, tile by tile, without its weights.

    query: (batch, heads, target, head_dim).
    key: (batch, key_heads, source, head_dim).
    value: (batch, key_heads, source, value_dim).
    block_size: queries in a tile, and keys in a tile, at the most.
    options: mask, is_causal and all others that attention has.
    Returns context, (batch, heads, target, value_dim), and logsumexp, (batch,
        heads, target); zeros and -inf for a query that may attend to nothing.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: Dao et al. (2022); the order of the loops is that of Dao (2023).
    """
    reached, scores = tiles(query, key, value, block_size, **options)
    target, group = query.size(2), query.size(1) // key.size(1)
    wide = torch.promote_types(query.dtype, torch.float32)
    contexts, logsumexps = [], []
    for top in range(0, target, block_size):
        rows = slice(top, min(top + block_size, target))
        total = torch.zeros_like(query[:, :, rows, :1], dtype=wide)
        maximum = torch.full_like(total, -math.inf)  # (batch, heads, rows, 1)
        state = maximum, total, total.repeat(1, 1, 1, value.size(3))
        for columns in reached(rows):
            score = scores(rows, columns)  # (batch, heads, rows, columns)
            values = value[:, :, columns].to(wide).repeat_interleave(group, 1)
            state = add_tile(state, score, values)
        maximum, total, context = state
        # 0 only where nothing may be attended to: zeros, not 0 / 0.
        total = total.masked_fill(total == 0, 1.0)
        contexts.append((context / total).to(query.dtype))
        logsumexps.append((maximum + total.log()).squeeze(-1))
    return torch.cat(contexts, dim=2), torch.cat(logsumexps, dim=2)


# --8<-- [end:flash_attention_forward]
