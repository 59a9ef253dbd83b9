"""Three decoders: attention before the update, after it, and none."""

# --8<-- [start:imports]
from typing import NamedTuple

import torch
from torch import Tensor, nn

# --8<-- [end:imports]


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

    Source: Cho et al. (2014a), section 2.2.
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
