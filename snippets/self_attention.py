"""Self-attention: each token of one sequence attends to all of its tokens."""

# --8<-- [start:imports]
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_mask, check_shapes
from snippets.scaled_dot_product_attention import attention


# --8<-- [start:module]
class SelfAttention(nn.Module):
    """Attention with queries, keys and values of one sequence, in one head.

    Source: Vaswani et al. (2017), section 3.2.
    """

    def __init__(self, features: int, head_dim: int | None = None) -> None:
        """Make the three linear maps.

        features: features of a token.
        head_dim: features of a query, key and value; as many as a token has
            if not given.
        """
        super().__init__()
        head_dim = features if head_dim is None else head_dim
        self.features = features
        self.query_projection = nn.Linear(features, head_dim, bias=False)
        self.key_projection = nn.Linear(features, head_dim, bias=False)
        self.value_projection = nn.Linear(features, head_dim, bias=False)

    def forward(
        self,
        sequence: Tensor,
        *,
        mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the tokens of the sequence from each of its tokens.

        sequence: (batch, length, features).
        mask: boolean, broadcastable to (batch, length, length), True = may be
            attended to.
        is_causal: a token attends to itself and earlier tokens only.
        Returns context, (batch, length, head_dim), and weights, (batch,
            length, length).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        axes = f"batch length {self.features}"
        sizes = check_shapes(sequence=(sequence, axes))
        if mask is not None:
            shape = (sizes["batch"], sizes["length"], sizes["length"])
            check_mask(mask, shape, sequence.device)
            mask = mask.expand(shape)  # (batch, length, length)
            mask = mask.unsqueeze(1)  # (batch, 1, length, length)
        query = self.query_projection(sequence)  # (batch, length, head_dim)
        key = self.key_projection(sequence)  # (batch, length, head_dim)
        value = self.value_projection(sequence)  # (batch, length, head_dim)
        context, weights = attention(
            query.unsqueeze(1),
            key.unsqueeze(1),
            value.unsqueeze(1),
            mask=mask,
            is_causal=is_causal,
        )  # (batch, 1, length, head_dim), (batch, 1, length, length)
        context = context.squeeze(1)  # (batch, length, head_dim)
        weights = weights.squeeze(1)  # (batch, length, length)
        return context, weights


# --8<-- [end:module]
