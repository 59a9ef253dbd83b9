"""A published additive attention that cannot run, and its one-line fix."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.additive_attention import AdditiveAttention
from snippets.checks import check_shapes


# --8<-- [start:published]
class PublishedAttention(nn.Module):
    """The mistake of a published article: its forward raises RuntimeError.

    Each sentence should have a matrix (hidden, source) for torch.bmm, but one
    transpose of a time-first tensor makes a matrix for each time step.
    """

    def __init__(self, hidden_size: int) -> None:
        """Make a layer for both states, and the learnt vector."""
        super().__init__()
        self.joint_projection = nn.Linear(2 * hidden_size, hidden_size)
        self.score_vector = nn.Parameter(torch.rand(hidden_size))

    def forward(
        self, decoder_hidden: Tensor, encoder_outputs: Tensor
    ) -> Tensor:
        """Fail for decoder_hidden (1, batch, hidden), unless batch is source.

        encoder_outputs: (source, batch, hidden).
        """
        source, batch, _ = encoder_outputs.shape
        state = decoder_hidden.repeat(source, 1, 1)  # (source, batch, hidden)
        pair = (state, encoder_outputs)
        joint = torch.cat(pair, dim=2)  # (source, batch, 2 * hidden)
        hidden = self.joint_projection(joint).tanh()  # (source, batch, hidden)
        hidden = hidden.transpose(1, 2)  # (source, hidden, batch)
        vector = self.score_vector.expand(batch, 1, -1)  # (batch, 1, hidden)
        score = torch.bmm(vector, hidden).squeeze(1)
        return torch.softmax(score, dim=1)


# --8<-- [end:published]


# --8<-- [start:fixed]
class TimeFirstAttention(nn.Module):
    """The same attention with the batch where torch.bmm expects it.

    Source: Bahdanau et al. (2014), appendix A.1.2, with one layer for both
    states.
    """

    def __init__(self, hidden_size: int) -> None:
        """Make a layer for both states, and the learnt vector."""
        super().__init__()
        self.hidden_size = hidden_size
        self.joint_projection = nn.Linear(2 * hidden_size, hidden_size)
        self.score_vector = nn.Parameter(torch.rand(hidden_size))

    def forward(
        self, decoder_hidden: Tensor, encoder_outputs: Tensor
    ) -> Tensor:
        """Weigh the encoder outputs for one decoder state.

        decoder_hidden: (1, batch, hidden).
        encoder_outputs: (source, batch, hidden).
        Returns weights, (batch, source); each row sums to 1.
        Raises ValueError for an input of a wrong kind or shape.
        """
        axes = f"source batch {self.hidden_size}"
        sizes = check_shapes(
            decoder_hidden=(decoder_hidden, f"1 batch {self.hidden_size}"),
            encoder_outputs=(encoder_outputs, axes),
        )
        source, batch = sizes["source"], sizes["batch"]
        state = decoder_hidden.repeat(source, 1, 1)  # (source, batch, hidden)
        pair = (state, encoder_outputs)
        joint = torch.cat(pair, dim=2)  # (source, batch, 2 * hidden)
        hidden = self.joint_projection(joint).tanh()  # (source, batch, hidden)
        hidden = hidden.permute(1, 2, 0)  # (batch, hidden, source)
        vector = self.score_vector.expand(batch, 1, -1)  # (batch, 1, hidden)
        score = torch.bmm(vector, hidden).squeeze(1)  # (batch, source)
        return torch.softmax(score, dim=1)


# --8<-- [end:fixed]


# --8<-- [start:same_parameters]
def to_additive(time_first: TimeFirstAttention) -> AdditiveAttention:
    """Copy the parameters of a TimeFirstAttention to an AdditiveAttention.

    One layer for [query; key] is two layers, added: W [query; key] + b =
    W_q query + W_k key + b, where W_q is the left half of W.
    Returns an AdditiveAttention that gives the same weights.
    """
    size = time_first.hidden_size
    joint = time_first.joint_projection
    additive = AdditiveAttention(size, size, size).to(joint.weight)
    query_half, key_half = joint.weight.chunk(2, dim=1)
    with torch.no_grad():
        additive.query_projection.weight.copy_(query_half)
        additive.key_projection.weight.copy_(key_half)
        additive.key_projection.bias.copy_(joint.bias)
        additive.score_vector.weight.copy_(time_first.score_vector[None])
    return additive


# --8<-- [end:same_parameters]
