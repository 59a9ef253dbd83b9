"""The decoder of a Transformer, and the positions that its words get."""

# --8<-- [start:imports]
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.multi_head_attention import MultiHeadAttention
from snippets.transformer_block import DecoderBlock


# --8<-- [start:positions]
def sinusoids(
    length: int, features: int, first: int = 0, base: float = 10_000.0
) -> Tensor:
    """Return a vector for each position: sines and cosines.

    first: the position of the first vector.
    base: the longest wave is nearly this many times 2 pi positions long.
    Returns (length, features).
    Source: Vaswani et al. (2017), section 3.5.
    """
    position = torch.arange(first, first + length).unsqueeze(1)
    pair = torch.arange(0, features, 2)
    angle = position * torch.exp(pair * -math.log(base) / features)
    waves = torch.stack((angle.sin(), angle.cos()), dim=2)
    return waves.flatten(1)[:, :features]


BASE = 30.0  # waves of up to some 160 positions: no sentence here is longer


def positions_like(sequence: Tensor, first: int = 0) -> Tensor:
    """Return the positions of a sequence, (length, features).

    sequence: (batch, length, features); first: as in sinusoids.
    """
    _, length, features = sequence.shape
    return sinusoids(length, features, first, BASE).to(sequence)


# --8<-- [end:positions]


# --8<-- [start:decoder]
class Memory(NamedTuple):
    """What the decoder reads of the source sentences.

    projected: for each decoder block the keys and values of its
        cross-attention, (batch, heads, source, head_dim) each.
    mask: (batch, 1, 1, source), True = a word.
    """

    projected: list[tuple[Tensor, Tensor]]
    mask: Tensor


class Decoder(nn.Module):
    """Embeds the words so far and passes them through the blocks."""

    def __init__(
        self,
        vocabulary: int,
        features: int,
        make_block: Callable[[], DecoderBlock],
        layers: int,
    ) -> None:
        """Make embedding and blocks."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, features)
        self.blocks = nn.ModuleList(make_block() for _ in range(layers))

    @property
    def attention(self) -> MultiHeadAttention:
        """Return the attention whose weights the model returns."""
        return self.blocks[-1].cross_attention

    def forward(
        self,
        words: Tensor,
        memory: Memory,
        caches: list | None = None,
        first: int = 0,
    ) -> tuple[Tensor, Tensor]:
        """Read words (batch, target), which follow those in the caches.

        first: the position of the first word of all.
        Returns (batch, target, features) and the weights of the last
        cross-attention, (batch, heads, target, source).
        """
        first += caches[0].length if caches else 0
        sequence = self.embedding(words)  # (batch, target, features)
        sequence = sequence + positions_like(sequence, first)
        caches = caches or [None] * len(self.blocks)
        parts = zip(self.blocks, memory.projected, caches, strict=True)
        for block, projected, cache in parts:
            sequence, weights = block(
                sequence,
                projected=projected,
                cache=cache,
                memory_mask=memory.mask,
            )
        return sequence, weights


# --8<-- [end:decoder]
