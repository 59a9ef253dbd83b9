"""The reference attention: every attention of the later pages is a case of it.

Masks, causal order, windows, shared heads and soft caps in one function.
"""

# --8<-- [start:imports]
import math

import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_shapes, expect
from snippets.masked_softmax import masked_softmax


# --8<-- [start:mask]
def read_mask(
    mask: Tensor, score: Tensor, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Split a mask into what is added to scores and what may be attended to.

    mask: boolean, True = may be attended to, or float, added to the scores,
        -inf = may not be attended to; (target, source), (heads, target,
        source) or (batch, heads, target, source), each axis of the full size
        or 1.
    score: (batch, heads, target, source). dtype: of the query.
    Returns what is added to scores, without -inf, and a boolean mask.
    Raises ValueError for a mask of another kind, shape or device.
    """
    kind = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
    kinds = torch.bool, torch.float32, dtype
    expect(kind in kinds, "mask", f"torch.bool, float32 or {dtype}", kind)
    expect(mask.device == score.device, "mask", score.device, mask.device)
    shape = tuple(score.shape)
    pairs = zip(reversed(mask.shape), reversed(shape), strict=False)
    fits = all(size in (1, full) for size, full in pairs)
    expected = f"2 to 4 axes that broadcast to {shape}"
    fits = fits and 2 <= mask.dim() <= 4
    expect(fits, "mask", expected, tuple(mask.shape))

    if kind == torch.bool:
        return torch.zeros((), dtype=score.dtype, device=score.device), mask
    below = bool((mask < math.inf).all())  # False for NaN, too
    expect(below, "mask", "numbers and -inf", "NaN or inf")
    # Some masks hold the lowest number for -inf. Half of it is as good, and
    # no sum with a score overflows.
    lowest = torch.finfo(score.dtype).min
    bias = mask.to(score.dtype).clamp(min=lowest / 2)
    return bias, mask > -math.inf


# --8<-- [end:mask]


# --8<-- [start:positions]
def visible(
    score: Tensor,
    is_causal: bool,
    offset: int | Tensor,
    window: tuple[int | None, int | None] | None,
) -> Tensor:
    """Say which keys causal order and window let each query attend to.

    score: (batch, heads, target, source); the other arguments are those of
        attention. Query i is at position p = i + offset, key j at j.
    Returns a boolean mask, (1, 1, target, source) or, if offset has a batch
        axis, (batch, 1, target, source).
    Raises ValueError for an offset or window of a wrong kind or shape.
    """
    batch, _, target, source = score.shape
    expect(type(is_causal) is bool, "is_causal", "a bool", is_causal)
    if isinstance(offset, Tensor):
        kinds, kind = (torch.int32, torch.int64), offset.dtype
        expect(kind in kinds, "offset", "an int32 or int64 tensor", kind)
        got = tuple(offset.shape)
        expect(got == (batch,), "offset", f"shape ({batch},)", got)
        device = offset.device
        expect(device == score.device, "offset", score.device, device)
        offset = offset.view(batch, 1, 1, 1)
    else:
        expect(type(offset) is int, "offset", "an int or a tensor", offset)
    pair = isinstance(window, tuple | list) and len(window) == 2
    expect(window is None or pair, "window", "None or (left, right)", window)
    left, right = window or (None, None)
    for size in (left, right):
        fits = size is None or (type(size) is int and size >= -1)
        expect(fits, "window", "sizes of 0 or more, None or -1", window)

    step = torch.arange(target, device=score.device)
    query_position = offset + step.view(1, 1, target, 1)
    key_position = torch.arange(source, device=score.device)
    ahead = key_position - query_position  # (..., 1, target, source)
    seen = torch.ones_like(ahead, dtype=torch.bool)
    if is_causal:
        seen &= ahead <= 0
    if left is not None and left >= 0:
        seen &= ahead >= -left
    if right is not None and right >= 0:
        seen &= ahead <= right
    return seen


# --8<-- [end:positions]


# --8<-- [start:attention]
def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Tensor | None = None,
    is_causal: bool = False,
    offset: int | Tensor = 0,
    scale: float | None = None,
    softcap: float = 0.0,
    window: tuple[int | None, int | None] | None = None,
) -> tuple[Tensor, Tensor]:
    """Compute softmax(query key^T * scale) value for each head.

    query: (batch, heads, target, head_dim).
    key: (batch, key_heads, source, head_dim): as many heads as query has, or
        fewer; then heads that follow each other share one.
    value: (batch, key_heads, source, value_dim).
    mask: boolean, True = may be attended to, or float, added to the scores;
        (target, source), (heads, target, source) or (batch, heads, target,
        source), each axis of the full size or 1.
    is_causal: query i attends to key j only if j <= i + offset.
    offset: keys before the first query, an int or one a batch item, (batch).
    scale: 1 / sqrt(head_dim) if not given.
    softcap: scores become softcap * tanh(score / softcap), unless it is 0.
    window: (left, right): query i attends to the keys from i + offset - left
        to i + offset + right; None or -1 is no limit.
    Returns context, (batch, heads, target, value_dim), and weights, (batch,
        heads, target, source). A query that may attend to nothing gets zeros.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: Vaswani et al. (2017), section 3.2.1.
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
    scale = 1 / math.sqrt(sizes["head_dim"]) if scale is None else scale
    expect(is_number(scale), "scale", "a finite number", scale)
    capped = is_number(softcap) and softcap >= 0
    expect(capped, "softcap", "a finite number, 0 or more", softcap)

    # Half types are too coarse for sums over many keys, and may overflow.
    wide = torch.promote_types(query.dtype, torch.float32)
    # A group of query heads shares a key head. It gets an axis, (batch,
    # key_heads, group, target, head_dim), so that no key is copied.
    group = query.to(wide).unflatten(1, (key_heads, -1))
    score = group @ key.to(wide).unsqueeze(2).mT
    score = score.flatten(1, 2) * scale  # (batch, heads, target, source)
    if softcap:
        score = softcap * torch.tanh(score / softcap)
    allowed = visible(score, is_causal, offset, window)
    if mask is not None:
        bias, unmasked = read_mask(mask, score, query.dtype)
        score, allowed = score + bias, allowed & unmasked
    weights = masked_softmax(score, allowed)
    group = weights.unflatten(1, (key_heads, -1))
    context = (group @ value.to(wide).unsqueeze(2)).flatten(1, 2)
    return context.to(query.dtype), weights.to(query.dtype)


def is_number(number: float) -> bool:
    """Return whether it is an int or a float, and finite."""
    return type(number) in (int, float) and math.isfinite(number)


# --8<-- [end:attention]
