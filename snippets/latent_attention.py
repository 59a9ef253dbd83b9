"""Multi-head latent attention: the cache holds one small vector a position."""

# --8<-- [start:imports]
import math

from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.attention import attention
from snippets.checks import check_shapes, check_sizes
from snippets.kv_cache import Cache
from snippets.multi_head_attention import (
    expect_divisor,
    join_heads,
    split_heads,
)


# --8<-- [start:module]
class LatentAttention(nn.Module):
    """Self-attention whose keys and values all come from one small vector.

    It has no positions: the paper adds to each key a part that is rotated by
    its position (RoPE) and cached beside the latent.
    Source: DeepSeek-AI (2024), section 2.1.2.
    """

    def __init__(
        self, features: int, num_heads: int, latent_size: int
    ) -> None:
        """Make the five linear maps and a norm; num_heads divides features.

        latent_size: numbers of the vector from which keys and values of all
            heads are made.
        Raises ValueError for sizes that do not fit.
        """
        super().__init__()
        check_sizes(latent_size=latent_size)
        expect_divisor("num_heads", num_heads, features)
        self.num_heads, self.latent_size = num_heads, latent_size
        self.query_projection = nn.Linear(features, features, bias=False)
        self.latent_projection = nn.Linear(features, latent_size, bias=False)
        # Two maps in a row shrink what goes through them; the norm undoes it.
        self.latent_norm = nn.RMSNorm(latent_size)
        self.key_expansion = nn.Linear(latent_size, features, bias=False)
        self.value_expansion = nn.Linear(latent_size, features, bias=False)
        self.output_projection = nn.Linear(features, features, bias=False)

    def new_cache(self, batch: int, capacity: int) -> Cache:
        """Make an empty cache, for latents and nothing else."""
        weight = self.latent_projection.weight
        kind = dict(dtype=weight.dtype, device=weight.device)
        return Cache(batch, 1, capacity, self.latent_size, **kind)

    def forward(
        self,
        sequence: Tensor,
        *,
        cache: Cache | None = None,
        mask: Tensor | None = None,
        is_causal: bool = False,
        absorbed: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the positions of the sequence and of the cache.

        sequence: (batch, target, features).
        cache: gets the new latents; all in it are attended to.
        mask, is_causal: as in attention.
        absorbed: compare and mix latents; no key or value is made.
        Returns context, (batch, target, features), and weights, (batch,
            heads, target, source): the same, absorbed or not.
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        features = self.query_projection.in_features
        check_shapes(
            weight=(self.query_projection.weight, "features features"),
            sequence=(sequence, f"batch target {features}"),
        )
        heads, head_dim = self.num_heads, features // self.num_heads
        query = self.query_projection(sequence)  # (batch, target, features)
        query = split_heads(query, heads)  # (batch, heads, target, head_dim)
        latent = self.latent_norm(self.latent_projection(sequence))
        latent = latent.unsqueeze(1)  # (batch, 1, target, latent_size)
        how: dict = dict(mask=mask, is_causal=is_causal)
        how |= dict(scale=1 / math.sqrt(head_dim))
        if cache is not None:
            how |= dict(offset=cache.length)
            latent = cache.append(latent)  # (batch, 1, source, latent_size)

        # The rows of a head, (heads, head_dim, latent_size).
        key_map = self.key_expansion.weight.unflatten(0, (heads, -1))
        value_map = self.value_expansion.weight.unflatten(0, (heads, -1))
        if absorbed:
            query = query @ key_map  # (batch, heads, target, latent_size)
            mixed, weights = attention(query, latent, latent, **how)
            context = mixed @ value_map.mT  # (batch, heads, target, head_dim)
        else:
            key = latent @ key_map.mT  # (batch, heads, source, head_dim)
            value = latent @ value_map.mT  # (batch, heads, source, head_dim)
            context, weights = attention(query, key, value, **how)
        return self.output_projection(join_heads(context)), weights


# --8<-- [end:module]
