"""The blocks of a Transformer: attention, feed-forward, residuals, norms."""

# --8<-- [start:imports]
from collections.abc import Callable

from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_shapes, expect
from snippets.multi_head_attention import MultiHeadAttention


# --8<-- [start:norm]
class Norm(nn.LayerNorm):
    """A layer norm that stands before a sub-layer, or after the sum.

    Source: Ba et al. (2016) for the norm, Xiong et al. (2020) for its place.
    """

    def __init__(self, features: int, *, norm_first: bool) -> None:
        """Make the norm; norm_first: before the sub-layer."""
        super().__init__(features)
        self.norm_first = norm_first

    def before(self, sequence: Tensor) -> Tensor:
        """Return what the sub-layer reads, (batch, length, features)."""
        return self(sequence) if self.norm_first else sequence

    def after(self, total: Tensor) -> Tensor:
        """Return what goes on after the sum, (batch, length, features)."""
        return total if self.norm_first else self(total)


# --8<-- [end:norm]


# --8<-- [start:feed_forward]
class FeedForward(nn.Sequential):
    """Two linear maps with a ReLU between them, for each position alone.

    Source: Vaswani et al. (2017), section 3.3.
    """

    def __init__(self, features: int, hidden: int) -> None:
        """Make the maps from features to hidden and back."""
        super().__init__(
            nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, features)
        )


# --8<-- [end:feed_forward]


# --8<-- [start:encoder_block]
class EncoderBlock(nn.Module):
    """Self-attention, then feed-forward; each adds to what came in.

    The same as nn.TransformerEncoderLayer without dropout.
    Source: Vaswani et al. (2017), section 3.1.
    """

    def __init__(
        self,
        features: int,
        num_heads: int,
        hidden: int,
        *,
        norm_first: bool = True,
    ) -> None:
        """Make the parts.

        hidden: features between the two maps of the feed-forward part.
        norm_first: norm before each sub-layer; False: after each sum.
        """
        super().__init__()
        self.self_attention = MultiHeadAttention(features, num_heads)
        self.norm_1 = Norm(features, norm_first=norm_first)
        self.feed_forward = FeedForward(features, hidden)
        self.norm_2 = Norm(features, norm_first=norm_first)

    def forward(
        self, sequence: Tensor, *, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Let each position read the others, then work by itself.

        sequence: (batch, length, features). mask: as in attention.
        Returns the new sequence, (batch, length, features), and the weights,
            (batch, heads, length, length).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        check_shapes(
            weight=(self.norm_1.weight, "features"),
            sequence=(sequence, "batch length features"),
        )
        change, weights = self.self_attention(
            self.norm_1.before(sequence), mask=mask
        )
        sequence = self.norm_1.after(sequence + change)
        change = self.feed_forward(self.norm_2.before(sequence))
        return self.norm_2.after(sequence + change), weights


# --8<-- [end:encoder_block]


# --8<-- [start:decoder_block]
class DecoderBlock(nn.Module):
    """Causal self-attention, then cross-attention, then feed-forward.

    The same as nn.TransformerDecoderLayer without dropout.
    Source: Vaswani et al. (2017), section 3.1.
    """

    def __init__(
        self,
        features: int,
        num_heads: int,
        hidden: int,
        *,
        norm_first: bool = True,
        self_attention: Callable[[int, int], nn.Module] = MultiHeadAttention,
    ) -> None:
        """Make the parts.

        hidden, norm_first: as in EncoderBlock.
        self_attention: called with features and num_heads, makes the
            self-attention.
        """
        super().__init__()
        self.self_attention = self_attention(features, num_heads)
        self.norm_1 = Norm(features, norm_first=norm_first)
        self.cross_attention = MultiHeadAttention(features, num_heads)
        self.norm_2 = Norm(features, norm_first=norm_first)
        self.feed_forward = FeedForward(features, hidden)
        self.norm_3 = Norm(features, norm_first=norm_first)

    def forward(
        self,
        sequence: Tensor,
        memory: Tensor | None = None,
        *,
        projected: tuple[Tensor, Tensor] | None = None,
        cache: object | None = None,
        memory_mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Let each position read the earlier ones, then the memory.

        sequence: (batch, target, features).
        memory: the encoder's outputs, (batch, source, features).
        projected: cross_attention.project(memory, memory), in its place.
        cache: of the self-attention; it holds the positions before these.
        memory_mask: as in attention.
        Returns the new sequence, (batch, target, features), and the weights
            of the cross-attention, (batch, heads, target, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        check_shapes(
            weight=(self.norm_1.weight, "features"),
            sequence=(sequence, "batch target features"),
        )
        one = (memory is None) != (projected is None)
        expect(one, "memory", "either memory or projected", "both or none")
        change, _ = self.self_attention(
            self.norm_1.before(sequence), cache=cache, is_causal=True
        )
        sequence = self.norm_1.after(sequence + change)
        change, weights = self.cross_attention(
            self.norm_2.before(sequence),
            memory,
            projected=projected,
            mask=memory_mask,
        )
        sequence = self.norm_2.after(sequence + change)
        change = self.feed_forward(self.norm_3.before(sequence))
        return self.norm_3.after(sequence + change), weights


# --8<-- [end:decoder_block]
