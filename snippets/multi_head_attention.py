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
    expect_divisor("heads", heads, sizes["features"])
    return sequence.unflatten(2, (heads, -1)).transpose(1, 2)


def join_heads(sequence: Tensor) -> Tensor:
    """Put the heads side by side again.

    (batch, heads, length, head_dim) -> (batch, length, heads * head_dim).
    Raises ValueError for a wrong shape.
    """
    check_shapes(sequence=(sequence, "batch heads length head_dim"))
    return sequence.transpose(1, 2).flatten(2)


def expect_divisor(name: str, divisor: int, number: int) -> None:
    """Raise a ValueError about the argument called name unless it divides."""
    fits = type(divisor) is int and divisor >= 1 and number % divisor == 0
    expect(fits, name, f"an int that divides {number}", divisor)


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
        expect_divisor("num_heads", num_heads, features)
        num_key_heads = num_heads if num_key_heads is None else num_key_heads
        expect_divisor("num_key_heads", num_key_heads, num_heads)
        key_features = features if key_features is None else key_features
        value_features = features if value_features is None else value_features
        self.num_heads, self.num_key_heads = num_heads, num_key_heads
        self.head_dim = features // num_heads
        shared = num_key_heads * self.head_dim
        self.query_projection = nn.Linear(features, features, bias=bias)
        self.key_projection = nn.Linear(key_features, shared, bias=bias)
        self.value_projection = nn.Linear(value_features, shared, bias=bias)
        self.output_projection = nn.Linear(features, features, bias=bias)

    @classmethod
    def from_pytorch(
        cls, module: nn.MultiheadAttention
    ) -> "MultiHeadAttention":
        """Take over the weights of PyTorch's module.

        Inputs are batch first, whatever those of the module are; there is no
        dropout.
        Raises ValueError for another module, and for one that was made with
        add_bias_kv or add_zero_attn.
        """
        fits = isinstance(module, nn.MultiheadAttention)
        expect(fits, "module", "nn.MultiheadAttention", type(module))
        plain = module.bias_k is None and not module.add_zero_attn
        expect(plain, "module", "no further keys", "add_bias_kv or _zero_attn")
        own = cls(
            module.embed_dim,
            module.num_heads,
            key_features=module.kdim,
            value_features=module.vdim,
            bias=module.in_proj_bias is not None,
        )
        names = "query_projection", "key_projection", "value_projection"
        if module.in_proj_weight is None:  # sizes differ: three matrices
            weights = [getattr(module, f"{n[0]}_proj_weight") for n in names]
        else:
            weights = module.in_proj_weight.chunk(3)
        state = {f"{n}.weight": w for n, w in zip(names, weights, strict=True)}
        if module.in_proj_bias is not None:
            parts = zip(names, module.in_proj_bias.chunk(3), strict=True)
            state |= {f"{name}.bias": bias for name, bias in parts}
        for name, values in module.out_proj.state_dict().items():
            state[f"output_projection.{name}"] = values
        own.to(module.out_proj.weight).load_state_dict(state)
        return own.train(module.training)

    def project(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Project and split keys and values, as forward does.

        key: (batch, source, key_features), value: (batch, source,
            value_features). Returns both as (batch, key_heads, source,
            head_dim).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        key_features = self.key_projection.in_features
        value_features = self.value_projection.in_features
        check_shapes(
            weight=(self.key_projection.weight, "shared features"),
            key=(key, f"batch source {key_features}"),
            value=(value, f"batch source {value_features}"),
        )
        return (
            split_heads(self.key_projection(key), self.num_key_heads),
            split_heads(self.value_projection(value), self.num_key_heads),
        )

    def new_cache(self, batch: int, capacity: int) -> KVCache:
        """Make an empty cache for the keys and values of capacity positions.

        Raises ValueError for a size below 1.
        """
        weight = self.key_projection.weight
        return KVCache(
            batch,
            self.num_key_heads,
            capacity,
            self.head_dim,
            dtype=weight.dtype,
            device=weight.device,
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
        cache: gets the new keys and values; all in it are attended to.
        mask, is_causal: as in attention.
        Returns context, (batch, target, features), and weights, (batch,
            heads, target, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        features = self.query_projection.in_features
        check_shapes(
            weight=(self.query_projection.weight, "features features"),
            query=(query, f"batch target {features}"),
        )
        if projected is None:
            key = query if key is None else key
            projected = self.project(key, key if value is None else value)
        else:
            given = key is not None or value is not None
            expect(not given, "projected", "no key and value beside it", "one")
        offset = 0 if cache is None else cache.length
        if cache is not None:
            projected = cache.append(*projected)
        heads = split_heads(self.query_projection(query), self.num_heads)
        context, weights = attention(
            heads, *projected, mask=mask, is_causal=is_causal, offset=offset
        )  # (batch, heads, target, head_dim), (batch, heads, target, source)
        return self.output_projection(join_heads(context)), weights


# --8<-- [end:module]
