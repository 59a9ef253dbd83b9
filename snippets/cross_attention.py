"""Cross-attention: one sequence asks, another one answers."""

# --8<-- [start:imports]
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.attention import attention
from snippets.checks import check_mask, check_shapes, expect


# --8<-- [start:module]
class CrossAttention(nn.Module):
    """Attention from one sequence to another, in one head.

    Source: Vaswani et al. (2017), section 3.2.3, "encoder-decoder attention".
    """

    def __init__(
        self,
        query_size: int,
        key_size: int,
        head_dim: int,
        *,
        value_dim: int | None = None,
        scale: float | None = None,
    ) -> None:
        """Make the three linear maps.

        query_size: features of a decoder state.
        key_size: features of an encoder output.
        head_dim: features of a query and of a key.
        value_dim: features of a value; head_dim if not given.
        scale: 1 / sqrt(head_dim) if not given.
        """
        super().__init__()
        self.scale = scale
        value_dim = head_dim if value_dim is None else value_dim
        self.query_projection = nn.Linear(query_size, head_dim, bias=False)
        self.key_projection = nn.Linear(key_size, head_dim, bias=False)
        self.value_projection = nn.Linear(key_size, value_dim, bias=False)

    def project(self, encoder_outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Compute key and value, once a sentence, for all decoding steps.

        encoder_outputs: (batch, source, key_size).
        Returns key, (batch, source, head_dim), and value, (batch, source,
            value_dim).
        Raises ValueError for an input of a wrong kind or shape.
        """
        axes = f"batch source {self.key_projection.in_features}"
        check_shapes(encoder_outputs=(encoder_outputs, axes))
        key = self.key_projection(encoder_outputs)  # (batch, source, head_dim)
        value = self.value_projection(encoder_outputs)
        return key, value

    def forward(
        self,
        query: Tensor,
        encoder_outputs: Tensor | None = None,
        *,
        projected: tuple[Tensor, Tensor] | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the encoder outputs from each decoder state.

        query: (batch, target, query_size), the decoder states.
        encoder_outputs: (batch, source, key_size).
        projected: what project returned, in the place of encoder_outputs.
        mask: boolean, broadcastable to (batch, target, source), True = may be
            attended to.
        Returns context, (batch, target, value_dim), and weights, (batch,
            target, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        axes = f"batch target {self.query_projection.in_features}"
        batch, target = check_shapes(query=(query, axes)).values()
        one = (encoder_outputs is None) != (projected is None)
        got = "both" if projected is not None else "neither"
        expect(one, "encoder_outputs", "these or projected", got)
        if projected is None:
            projected = self.project(encoder_outputs)
        key, value = projected
        if mask is not None:
            shape = (batch, target, key.size(1))
            check_mask(mask, shape, query.device)
            mask = mask.expand(shape)  # (batch, target, source)
            mask = mask.unsqueeze(1)  # (batch, 1, target, source)
        query = self.query_projection(query)  # (batch, target, head_dim)
        context, weights = attention(
            query.unsqueeze(1),
            key.unsqueeze(1),
            value.unsqueeze(1),
            mask=mask,
            scale=self.scale,
        )  # (batch, 1, target, value_dim), (batch, 1, target, source)
        context = context.squeeze(1)  # (batch, target, value_dim)
        weights = weights.squeeze(1)  # (batch, target, source)
        return context, weights


# --8<-- [end:module]
