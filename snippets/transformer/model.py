"""An encoder-decoder Transformer with the interface of the translator."""

# --8<-- [start:imports]
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_integers, expect
from snippets.multi_head_attention import MultiHeadAttention
from snippets.transformer.decoder import Decoder, Memory, positions_like
from snippets.transformer_block import DecoderBlock, EncoderBlock


# --8<-- [start:transformer]
class Transformer(nn.Module):
    """Encoder and decoder of blocks, called as the translator is.

    Word 0 is padding. While training, positions often begin at a random
    number, so that the network sees late ones, which few sentences reach.
    Source: Vaswani et al. (2017), section 3; Kiyono et al. (2021) for the
    shift.
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        *,
        features: int = 48,
        num_heads: int = 4,
        layers: int = 2,
        hidden: int = 96,
        norm_first: bool = True,
        num_key_heads: int | None = None,
        self_attention: Callable[[int, int], nn.Module] | None = None,
        longest: int = 32,
        shift: int = 8,
    ) -> None:
        """Make all parts.

        layers: blocks of the encoder, and of the decoder.
        hidden, norm_first: as in EncoderBlock.
        num_key_heads: of the decoder's self-attention, as many as num_heads
            if not given.
        self_attention: makes the decoder's self-attention, called with
            features and num_heads, instead of MultiHeadAttention. It needs
            new_cache(batch, capacity), and forward as MultiHeadAttention.
        longest: words that step can write.
        shift: the largest position of a first word while training.
        """
        super().__init__()
        sizes = features, num_heads, hidden
        if self_attention is None:
            self_attention = partial(
                MultiHeadAttention, num_key_heads=num_key_heads
            )
        make_block = partial(
            DecoderBlock,
            *sizes,
            norm_first=norm_first,
            self_attention=self_attention,
        )
        self.longest, self.shift = longest, shift
        self.embedding = nn.Embedding(source_vocabulary, features)
        self.encoder = nn.ModuleList(
            EncoderBlock(*sizes, norm_first=norm_first) for _ in range(layers)
        )
        self.decoder = Decoder(target_vocabulary, features, make_block, layers)
        # Sums that were never normed need a norm at the end.
        last_norm = nn.LayerNorm if norm_first else nn.Identity
        self.encoder_norm = last_norm(features)
        self.decoder_norm = last_norm(features)
        self.output = nn.Linear(features, target_vocabulary)

    def read(self, source: Tensor, first: int = 0) -> Memory:
        """Read the source words (batch, source), 0 where there is padding.

        first: the position of the first word.
        Raises ValueError for words of a wrong kind or shape, and for a
        sentence without a word.
        """
        check_integers("source", source, "batch", "length")
        is_word = source != 0  # (batch, source)
        expect(is_word.any(1).all(), "source", "a word in each row", "none")
        mask = is_word.unsqueeze(1).unsqueeze(1)  # (batch, 1, 1, source)
        sequence = self.embedding(source)  # (batch, source, features)
        sequence = sequence + positions_like(sequence, first)
        for block in self.encoder:
            sequence, _ = block(sequence, mask=mask)
        outputs = self.encoder_norm(sequence)  # (batch, source, features)
        projected = [
            block.cross_attention.project(outputs, outputs)
            for block in self.decoder.blocks
        ]
        return Memory(projected, mask)

    def encode(self, source: Tensor) -> tuple[Memory, list]:
        """Read the source words; return the memory and empty caches.

        There is a cache for each decoder block; step fills them.
        Raises ValueError as read.
        """
        memory = self.read(source)
        caches = [
            block.self_attention.new_cache(source.size(0), self.longest)
            for block in self.decoder.blocks
        ]
        return memory, caches

    def predict(
        self,
        previous: Tensor,
        memory: Memory,
        caches: list | None = None,
        first: int = 0,
    ) -> tuple[Tensor, Tensor]:
        """Predict the word after each of the previous words (batch, target).

        Returns logits (batch, target, vocabulary) and weights (batch, target,
            source), the mean of the heads.
        Raises ValueError for words of a wrong kind or shape.
        """
        batch = memory.mask.size(0)
        check_integers("previous", previous, batch, "length")
        states, weights = self.decoder(previous, memory, caches, first)
        logits = self.output(self.decoder_norm(states))
        return logits, weights.mean(dim=1)

    def step(
        self, previous: Tensor, state: list, memory: Memory
    ) -> tuple[Tensor, Tensor, list]:
        """Predict, as predict does, after the words in the caches.

        state: the caches, which this fills.
        Returns logits, weights and the caches.
        Raises ValueError as predict, and for more words than `longest`.
        """
        return *self.predict(previous, memory, state), state

    def forward(
        self, source: Tensor, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Translate with the right previous words given (teacher forcing).

        source: (batch, source), previous: (batch, target), both int64.
        Returns logits and weights as predict.
        Raises ValueError for words of a wrong kind or shape.
        """
        first = 0
        if self.training:
            # About half of the batches begin at 0, as all will later on.
            drawn = torch.randint(-self.shift, self.shift + 1, ())
            first = max(int(drawn), 0)
        memory = self.read(source, first)
        return self.predict(previous, memory, first=first)


# --8<-- [end:transformer]
