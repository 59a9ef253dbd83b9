"""Fewer heads of keys and values: from a multi-head attention to a grouped."""

# --8<-- [start:imports]
import torch

# --8<-- [end:imports]
from snippets.multi_head_attention import (
    MultiHeadAttention,
    expect_divisor,
)


# --8<-- [start:average_heads]
@torch.no_grad()
def average_heads(
    attention: MultiHeadAttention, num_key_heads: int
) -> MultiHeadAttention:
    """Make an attention with fewer heads of keys and values.

    A new head is the mean of the heads that the queries of its group used.
    Returns a new attention; the given one is not changed.
    Raises ValueError for a number that does not divide the heads there are.
    Source: Ainslie et al. (2023), section 2.1.
    """
    old = attention.num_key_heads
    expect_divisor("num_key_heads", num_key_heads, old)
    state = attention.state_dict()
    for name in list(state):
        if name.startswith(("key", "value")):
            heads = state[name].unflatten(0, (old, -1))
            groups = heads.unflatten(0, (num_key_heads, -1))
            state[name] = groups.mean(dim=1).flatten(0, 1)
    key, value = attention.key_projection, attention.value_projection
    new = MultiHeadAttention(
        attention.query_projection.in_features,
        attention.num_heads,
        num_key_heads=num_key_heads,
        key_features=key.in_features,
        value_features=value.in_features,
        bias=key.bias is not None,
    )
    new.to(key.weight).load_state_dict(state)
    return new


# --8<-- [end:average_heads]
