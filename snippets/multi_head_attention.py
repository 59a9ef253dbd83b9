"""Multi-head attention: several attentions side by side, joined at the end."""

# --8<-- [start:imports]
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.attention import attention
from snippets.checks import check_shapes, expect
from snippets.kv_cache import KVCache


# --8<-- [start:heads]
def split_heads(sequence: Tensor, heads: int) -> Tensor:
    """Give each head its share of the features, and an axis of its own.

    (batch, length, heads * head_dim) -> (batch, heads, length, head_dim).
    Raises ValueError for a wrong shape or a number that does not divide.
    """
    sizes = check_shapes(sequence=(sequence, "batch length features"))
    features = sizes["features"]
    fits = type(heads) is int and heads >= 1 and features % heads == 0
    expect(fits, "heads", f"an int that divides {features}", heads)
    return sequence.unflatten(2, (heads, -1)).transpose(1, 2)


def join_heads(heads: Tensor) -> Tensor:
    """Put the heads side by side again.

    (batch, heads, length, head_dim) -> (batch, length, heads * head_dim).
    Raises ValueError for a wrong shape.
    """
    check_shapes(heads=(heads, "batch heads length head_dim"))
    return heads.transpose(1, 2).flatten(2)


# --8<-- [end:heads]


# --8<-- [start:module]
class MultiHeadAttention(nn.Module):
    """Projects queries, keys and values, attends in each head, joins.

    Source: Vaswani et al. (2017), section 3.2.2.
    """

    def __init__(
        self,
        features: int,
        num_heads: int,
        *,
        num_key_heads: int | None = None,
        key_features: int | None = None,
        value_features: int | None = None,
        bias: bool = True,
    ) -> None:
        """Make the four linear maps.

        features: of the query and of the output; num_heads divides it.
        num_key_heads: heads of key and value, shared by the query heads; it
            divides num_heads, which it is if not given.
        key_features, value_features: of key and value, if others.
        Raises ValueError for numbers that do not divide.
        """
        super().__init__()
        num_key_heads = num_heads if num_key_heads is None else num_key_heads
        fits = num_heads >= 1 and features % num_heads == 0
        expect(fits, "num_heads", f"a divisor of {features}", num_heads)
        fits = num_key_heads >= 1 and num_heads % num_key_heads == 0
        expect(
            fits, "num_key_heads", f"a divisor of {num_heads}", num_key_heads
        )
        self.num_heads, self.num_key_heads = num_heads, num_key_heads
        shared = features // num_heads * num_key_heads
        key_features = features if key_features is None else key_features
        value_features = features if value_features is None else value_features
        self.query_projection = nn.Linear(features, features, bias=bias)
        self.key_projection = nn.Linear(key_features, shared, bias=bias)
        self.value_projection = nn.Linear(value_features, shared, bias=bias)
        self.output_projection = nn.Linear(features, features, bias=bias)

    def project(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Project and split keys and values, as forward does.

        key: (batch, source, key_features), value: (batch, source,
            value_features). Returns both as (batch, key_heads, source,
            head_dim).
        """
        projected_key = self.key_projection(key)
        projected_value = self.value_projection(value)
        return (
            split_heads(projected_key, self.num_key_heads),
            split_heads(projected_value, self.num_key_heads),
        )

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        projected: tuple[Tensor, Tensor] | None = None,
        cache: KVCache | None = None,
        mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Attend in every head; self-attention if only query is given.

        query: (batch, target, features).
        key: (batch, source, key_features), the query if not given.
        value: (batch, source, value_features), the key if not given.
        projected: what project returned, in the place of key and value.
        cache: gets the new keys and values; all in it are attended.
        mask, is_causal: as in attention.
        Returns context, (batch, target, features), and weights, (batch,
            heads, target, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        features = self.query_projection.in_features
        check_shapes(query=(query, f"batch target {features}"))
        if projected is None:
            key = query if key is None else key
            projected = self.project(key, key if value is None else value)
        offset = 0 if cache is None else cache.length
        if cache is not None:
            projected = cache.append(*projected)
        heads = split_heads(self.query_projection(query), self.num_heads)
        context, weights = attention(
            heads, *projected, mask=mask, is_causal=is_causal, offset=offset
        )  # (batch, heads, target, head_dim), (batch, heads, target, source)
        return self.output_projection(join_heads(context)), weights


# --8<-- [end:module]
