"""Additive attention, the first one: a small network compares the states."""

# --8<-- [start:imports]
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_shapes
from snippets.masked_softmax import masked_softmax


# --8<-- [start:module]
class AdditiveAttention(nn.Module):
    """Attention with the score v^T tanh(W_q query + W_k key + b).

    Source: Bahdanau et al. (2014), section 3.1 and appendix A.1.2, where the
    query is the previous decoder state.
    """

    def __init__(
        self, query_size: int, key_size: int, hidden_size: int
    ) -> None:
        """Make the layers W_q, W_k with b, and v.

        query_size: features of the decoder state.
        key_size: features of an encoder output.
        hidden_size: features of the layer that compares the two.
        """
        super().__init__()
        self.query_size = query_size
        self.key_size = key_size
        self.hidden_size = hidden_size
        self.query_projection = nn.Linear(query_size, hidden_size, bias=False)
        self.key_projection = nn.Linear(key_size, hidden_size)
        self.score_vector = nn.Linear(hidden_size, 1, bias=False)

    def project_keys(self, encoder_outputs: Tensor) -> Tensor:
        """Compute W_k key + b, once a sentence, for all decoding steps.

        encoder_outputs: (batch, source, key_size).
        Returns projected keys, (batch, source, hidden).
        Raises ValueError for an input of a wrong kind or shape.
        """
        axes = f"batch source {self.key_size}"
        check_shapes(encoder_outputs=(encoder_outputs, axes))
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

        query: (batch, target, query_size), the decoder states.
        encoder_outputs: (batch, source, key_size), keys and values at once.
        mask: boolean, broadcastable to (batch, target, source), True = may be
            attended to.
        projected_keys: (batch, source, hidden), what project_keys returned;
            computed here if not given.
        Returns context, (batch, target, key_size), and weights, (batch,
            target, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        keys = (encoder_outputs, f"batch source {self.key_size}")
        check_shapes(
            query=(query, f"batch target {self.query_size}"),
            encoder_outputs=keys,
        )
        if projected_keys is None:
            projected_keys = self.project_keys(encoder_outputs)
        projected = (projected_keys, f"batch source {self.hidden_size}")
        check_shapes(encoder_outputs=keys, projected_keys=projected)
        query_part = self.query_projection(query)  # (batch, target, hidden)
        query_part = query_part.unsqueeze(2)  # (batch, target, 1, hidden)
        key_part = projected_keys.unsqueeze(1)  # (batch, 1, source, hidden)
        joint = query_part + key_part  # (batch, target, source, hidden)
        score = self.score_vector(joint.tanh())  # (batch, target, source, 1)
        score = score.squeeze(-1)  # (batch, target, source)
        weights = masked_softmax(score, mask)
        context = weights @ encoder_outputs  # (batch, target, key_size)
        return context, weights


# --8<-- [end:module]
