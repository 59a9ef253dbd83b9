"""One decoding step with attention, in the order of Bahdanau et al."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.additive_attention import AdditiveAttention
from snippets.checks import check_shapes, expect


# --8<-- [start:module]
class AttentionDecoder(nn.Module):
    """Writes a sentence word by word and attends anew for each word.

    Source: Bahdanau et al. (2014), section 3.1: attend with the previous
    state, then update the state, then predict.
    """

    def __init__(
        self,
        vocabulary: int,
        embedding_size: int,
        hidden_size: int,
        key_size: int,
    ) -> None:
        """Make embedding, attention, recurrent cell and output layer."""
        super().__init__()
        self.hidden_size = hidden_size
        self.embedding = nn.Embedding(vocabulary, embedding_size)
        self.attention = AdditiveAttention(hidden_size, key_size, hidden_size)
        self.cell = nn.GRUCell(embedding_size + key_size, hidden_size)
        self.output = nn.Linear(hidden_size + key_size, vocabulary)

    def forward(
        self,
        previous_word: Tensor,
        decoder_state: Tensor,
        encoder_outputs: Tensor,
        *,
        mask: Tensor | None = None,
        projected_keys: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Do one step for each sentence of the batch.

        previous_word: (batch), numbers of words (int64).
        decoder_state: (batch, hidden).
        encoder_outputs: (batch, source, key_size).
        mask, projected_keys: as in AdditiveAttention.
        Returns logits, (batch, vocabulary), the new decoder state, (batch,
            hidden), and weights, (batch, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        sizes = check_shapes(
            decoder_state=(decoder_state, f"batch {self.hidden_size}"),
            encoder_outputs=(encoder_outputs, "batch source key_size"),
        )
        kind, shape = previous_word.dtype, tuple(previous_word.shape)
        expect(kind == torch.int64, "previous_word", "int64", kind)
        expected = (sizes["batch"],)
        expect(shape == expected, "previous_word", f"shape {expected}", shape)

        context, weights = self.attention(
            decoder_state.unsqueeze(1),
            encoder_outputs,
            mask=mask,
            projected_keys=projected_keys,
        )  # (batch, 1, key_size), (batch, 1, source)
        context = context.squeeze(1)  # (batch, key_size)
        weights = weights.squeeze(1)  # (batch, source)
        word = self.embedding(previous_word)  # (batch, embedding)
        cell_input = torch.cat([word, context], dim=1)
        decoder_state = self.cell(cell_input, decoder_state)  # (batch, hidden)
        combined = torch.cat([decoder_state, context], dim=1)
        logits = self.output(combined)  # (batch, vocabulary)
        return logits, decoder_state, weights


# --8<-- [end:module]
