"""A translator that reads a sentence, attends to it and writes another."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# --8<-- [end:imports]
from snippets.checks import check_integers, expect
from snippets.translator.attention import make_attention
from snippets.translator.decoders import (
    BahdanauDecoder,
    FixedVectorDecoder,
    LuongDecoder,
    Memory,
)


# --8<-- [start:encoder]
class Encoder(nn.Module):
    """Reads the sentence in both directions, with a GRU each."""

    def __init__(
        self, vocabulary: int, embedding_size: int, hidden_size: int
    ) -> None:
        """Make the embedding and the two GRUs of hidden_size features."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding_size)
        self.recurrent = nn.GRU(
            embedding_size, hidden_size, batch_first=True, bidirectional=True
        )

    def forward(
        self, source: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Read the words (batch, source).

        mask: (batch, source), True = a word. With a mask the GRUs never see
            the padding, as they read packed sentences; without one, padding
            is read like a word.
        Returns the outputs (batch, source, key_size) and the final states
        of both directions (batch, key_size), side by side.
        """
        word = self.embedding(source)  # (batch, source, embedding)
        if mask is None:
            outputs, final = self.recurrent(word)
        else:
            packed = pack_padded_sequence(
                word, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
            )
            packed, final = self.recurrent(packed)
            outputs, _ = pad_packed_sequence(
                packed, batch_first=True, total_length=source.size(1)
            )  # (batch, source, key_size)
        final = torch.cat((final[0], final[1]), 1)  # (batch, key_size)
        return outputs, final


# --8<-- [end:encoder]


# --8<-- [start:translator]
DECODERS = {"bahdanau": BahdanauDecoder, "luong": LuongDecoder}


class Translator(nn.Module):
    """Encoder, decoder and the layers that predict the next word.

    The next word follows from state, context and previous word, as in
    Bahdanau et al. (2014), eq. 4; a tanh layer stands for their maxout.
    Word 0 is padding. With mask=False it is read and attended to like a word:
    a mistake, here to be looked at.
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        *,
        attention: str = "additive",
        order: str = "bahdanau",
        mask: bool = True,
        word_size: int = 24,
        encoder_size: int = 48,
        hidden_size: int = 48,
        attention_size: int = 32,
    ) -> None:
        """Make all parts.

        attention: one of SCORES, or "none".
        order: "bahdanau" attends before it updates the state, "luong" after.
        word_size, encoder_size, hidden_size, attention_size: features of an
            embedding, of an encoder direction, of a decoder state and of the
            layer that compares query and key.
        Raises ValueError for another attention or order, and for "dot" unless
            hidden_size = 2 * encoder_size.
        """
        super().__init__()
        expect(order in DECODERS, "order", f"one of {tuple(DECODERS)}", order)
        key_size = 2 * encoder_size
        self.mask = mask
        self.encoder = Encoder(source_vocabulary, word_size, encoder_size)
        self.first_state = nn.Linear(key_size, hidden_size)
        self.embedding = nn.Embedding(target_vocabulary, word_size)
        sizes = word_size, key_size, hidden_size
        if attention == "none":
            self.decoder: nn.Module = FixedVectorDecoder(*sizes)
        else:
            self.decoder = DECODERS[order](
                make_attention(
                    attention, hidden_size, key_size, attention_size
                ),
                *sizes,
            )
        self.readout = nn.Linear(sum(sizes), hidden_size)
        self.output = nn.Linear(hidden_size, target_vocabulary)

    def encode(self, source: Tensor) -> tuple[Memory, Tensor]:
        """Read the source words (batch, source), 0 where there is padding.

        Returns the memory and the decoder's first state, (batch, hidden).
        Raises ValueError for words of a wrong kind or shape, and for a
        sentence without a word or with padding before a word.
        """
        check_integers("source", source, "batch", "length")
        is_word = source != 0  # (batch, source)
        expect(is_word[:, 0].all(), "source", "a word first", "padding first")
        ordered = (is_word[:, :-1] >= is_word[:, 1:]).all()
        expect(ordered, "source", "padding after all words", "a word after it")
        mask = is_word if self.mask else None
        outputs, final = self.encoder(source, mask)
        attention = getattr(self.decoder, "attention", None)
        keys = None if attention is None else attention.project_keys(outputs)
        mask = None if mask is None else mask.unsqueeze(1)
        state = self.first_state(final).tanh()  # (batch, hidden)
        return Memory(outputs, final, mask, keys), state

    def step(
        self, previous: Tensor, state: Tensor, memory: Memory
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict the word after each of the previous words (batch, target).

        One word a sentence while translating, all at once while training.
        Returns logits (batch, target, vocabulary), weights (batch, target,
        source) and the state after the last word, (batch, hidden).
        Raises ValueError for words of a wrong kind or shape.
        """
        check_integers("previous", previous, state.size(0), "length")
        word = self.embedding(previous)  # (batch, target, embedding)
        states, context, weights = self.decoder(word, state, memory)
        combined = torch.cat((states, context, word), dim=2)
        hidden = self.readout(combined).tanh()  # (batch, target, hidden)
        logits = self.output(hidden)  # (batch, target, vocabulary)
        return logits, weights, states[:, -1]

    def forward(
        self, source: Tensor, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Translate with the right previous words given (teacher forcing).

        source: (batch, source), previous: (batch, target), both int64.
        Returns logits (batch, target, vocabulary) and weights (batch, target,
            source).
        Raises ValueError for words of a wrong kind or shape.
        """
        memory, state = self.encode(source)
        logits, weights, _ = self.step(previous, state, memory)
        return logits, weights


# --8<-- [end:translator]
