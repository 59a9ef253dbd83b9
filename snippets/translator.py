"""A translator that reads a sentence, attends to it and writes another."""

# --8<-- [start:imports]
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# --8<-- [end:imports]
from snippets.additive_attention import AdditiveAttention
from snippets.checks import expect
from snippets.dot_product_attention import DotScore
from snippets.masked_softmax import masked_softmax


# --8<-- [start:projected_dot_attention]
class ProjectedDotAttention(nn.Module):
    """Attention with the score scale * (W_q query)^T (W_k key).

    Without projections and scale it is Luong's "dot", with W_k alone his
    "general" (Luong et al. 2015, section 3.1, eq. 8); with both and the scale
    1 / sqrt(hidden) that of Vaswani et al. (2017), section 3.2.1.
    """

    def __init__(
        self,
        query_projection: nn.Module,
        key_projection: nn.Module,
        scale: float = 1.0,
    ) -> None:
        """Take two layers whose outputs are of one size."""
        super().__init__()
        self.query_projection = query_projection
        self.key_projection = key_projection
        self.score = DotScore()
        self.scale = scale

    def project_keys(self, encoder_outputs: Tensor) -> Tensor:
        """Compute W_k key, once a sentence, for all decoding steps.

        encoder_outputs: (batch, source, key_size).
        Returns projected keys, (batch, source, hidden).
        """
        return self.key_projection(encoder_outputs)  # (batch, source, hidden)

    def forward(
        self,
        query: Tensor,
        encoder_outputs: Tensor,
        *,
        mask: Tensor | None = None,
        projected_keys: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the encoder outputs from each query.

        Arguments, returns and errors as in AdditiveAttention.
        """
        if projected_keys is None:
            projected_keys = self.project_keys(encoder_outputs)
        query = self.query_projection(query)  # (batch, target, hidden)
        score = self.score(query, projected_keys)  # (batch, target, source)
        weights = masked_softmax(score * self.scale, mask)
        context = weights @ encoder_outputs  # (batch, target, key_size)
        return context, weights


# --8<-- [end:projected_dot_attention]


# --8<-- [start:make_attention]
SCORES = ("additive", "concat", "dot", "general", "scaled")


def make_attention(
    name: str, query_size: int, key_size: int, hidden_size: int
) -> nn.Module:
    """Make the attention with the score of this name, one of SCORES.

    hidden_size: features of the projections of additive, concat and scaled.
    Raises ValueError for another name, and for "dot" if the sizes of query
    and key differ.
    """
    expect(name in SCORES, "attention", f"one of {SCORES}", name)
    if name in ("additive", "concat"):
        attention = AdditiveAttention(query_size, key_size, hidden_size)
        if name == "concat":
            # W [query; key] = W_q query + W_k key: the same without a bias.
            attention.key_projection = nn.Linear(
                key_size, hidden_size, bias=False
            )
        return attention
    if name == "dot":
        same = query_size == key_size
        expect(same, "query_size", f"{key_size} for dot", query_size)
        return ProjectedDotAttention(nn.Identity(), nn.Identity())
    if name == "general":
        key_projection = nn.Linear(key_size, query_size, bias=False)
        return ProjectedDotAttention(nn.Identity(), key_projection)
    return ProjectedDotAttention(
        nn.Linear(query_size, hidden_size, bias=False),
        nn.Linear(key_size, hidden_size, bias=False),
        scale=hidden_size**-0.5,
    )


# --8<-- [end:make_attention]


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


# --8<-- [start:memory]
class Memory(NamedTuple):
    """All that a decoder gets to know about the source sentences.

    outputs: (batch, source, key_size), of the encoder.
    final: (batch, key_size), the last states of both directions.
    mask: (batch, 1, source), True = a word, or None.
    projected_keys: (batch, source, hidden), or None without attention.
    """

    outputs: Tensor
    final: Tensor
    mask: Tensor | None
    projected_keys: Tensor | None


# --8<-- [end:memory]


# --8<-- [start:bahdanau_decoder]
class BahdanauDecoder(nn.Module):
    """Attends with the previous state, then updates the state.

    Source: Bahdanau et al. (2014), section 3.1.
    """

    def __init__(
        self, attention: nn.Module, word_size: int, key_size: int, hidden: int
    ) -> None:
        """Take an attention; make the recurrent cell."""
        super().__init__()
        self.attention = attention
        self.cell = nn.GRUCell(word_size + key_size, hidden)

    def forward(
        self, word: Tensor, state: Tensor, memory: Memory
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Go through the embedded words (batch, target, word_size).

        state: (batch, hidden), the one before the first word.
        Returns the states after each word (batch, target, hidden), contexts
        (batch, target, key_size) and weights (batch, target, source).
        """
        all_states, all_contexts, all_weights = [], [], []
        for step in range(word.size(1)):
            context, weights = self.attention(
                state.unsqueeze(1),
                memory.outputs,
                mask=memory.mask,
                projected_keys=memory.projected_keys,
            )  # (batch, 1, key_size), (batch, 1, source)
            cell_input = torch.cat((word[:, step], context[:, 0]), dim=1)
            state = self.cell(cell_input, state)  # (batch, hidden)
            all_states.append(state)
            all_contexts.append(context)
            all_weights.append(weights)
        states = torch.stack(all_states, dim=1)  # (batch, target, hidden)
        context = torch.cat(all_contexts, dim=1)  # (batch, target, key_size)
        weights = torch.cat(all_weights, dim=1)  # (batch, target, source)
        return states, context, weights


# --8<-- [end:bahdanau_decoder]


# --8<-- [start:luong_decoder]
class LuongDecoder(nn.Module):
    """Updates the state, then attends with it: all target words at once.

    Source: Luong et al. (2015), section 3, without its input feeding: no
    state depends on a context, so that the states come first.
    """

    def __init__(
        self, attention: nn.Module, word_size: int, key_size: int, hidden: int
    ) -> None:
        """Take an attention; make the GRU, which sees words only."""
        super().__init__()
        self.attention = attention
        self.recurrent = nn.GRU(word_size, hidden, batch_first=True)

    def forward(
        self, word: Tensor, state: Tensor, memory: Memory
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Go through the words; shapes as in BahdanauDecoder."""
        states, _ = self.recurrent(word, state.unsqueeze(0))
        context, weights = self.attention(
            states,
            memory.outputs,
            mask=memory.mask,
            projected_keys=memory.projected_keys,
        )  # (batch, target, key_size), (batch, target, source)
        return states, context, weights


# --8<-- [end:luong_decoder]


# --8<-- [start:fixed_vector_decoder]
class FixedVectorDecoder(nn.Module):
    """Attends to nothing: gets the final encoder states at every step.

    Source: Cho et al. (2014), section 2.2.
    """

    def __init__(self, word_size: int, key_size: int, hidden: int) -> None:
        """Make the GRU, which sees the word and the fixed vector."""
        super().__init__()
        self.recurrent = nn.GRU(word_size + key_size, hidden, batch_first=True)

    def forward(
        self, word: Tensor, state: Tensor, memory: Memory
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Go through the words; as BahdanauDecoder, with weights of zero."""
        steps = word.size(1)
        context = memory.final.unsqueeze(1)  # (batch, 1, key_size)
        context = context.expand(-1, steps, -1)  # (batch, target, key_size)
        cell_input = torch.cat((word, context), dim=2)
        states, _ = self.recurrent(cell_input, state.unsqueeze(0))
        batch, source, _ = memory.outputs.shape
        weights = word.new_zeros(batch, steps, source)
        return states, context, weights


# --8<-- [end:fixed_vector_decoder]


# --8<-- [start:translator]
DECODERS = {"bahdanau": BahdanauDecoder, "luong": LuongDecoder}


def check_words(words: Tensor, name: str, batch: int | None = None) -> None:
    """Raise ValueError unless words is int64, (batch, length), not empty."""
    got = getattr(words, "dtype", type(words).__name__)
    expect(got == torch.int64, name, "an int64 tensor", got)
    got = tuple(words.shape)
    fits = len(got) == 2 and 0 not in got and batch in (None, got[0])
    expect(fits, name, f"shape ({batch or 'batch'}, length)", got)


class Translator(nn.Module):
    """Encoder, decoder and the layers that predict the next word.

    The next word follows from state, context and previous word, as in
    Bahdanau et al. (2014), eq. 4; a tanh layer stands for their maxout.
    Word 0 is padding. With mask=False it is read and attended like a word: a
    mistake, here to be looked at.
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
            self.decoder = FixedVectorDecoder(*sizes)
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
        check_words(source, "source")
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
        check_words(previous, "previous", batch=state.size(0))
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
