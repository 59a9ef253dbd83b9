"""The attentions of *Types of Attention*, trained on the same task."""

import torch
from torch import Tensor, nn

from snippets.additive_attention import AdditiveAttention
from snippets.counting import count_multiplications
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from snippets.machinery.kept import kept
from snippets.self_attention import SelfAttention
from snippets.tasks.lookup import found, make_batch, make_rotation, train

FEATURES = 8
HIDDEN = 32
SOURCE = 5
WINDOW = 2  # of local attention: words to each side of its centre


class OneSequence(nn.Module):
    """Self-attention over queries and encoder outputs as one sequence."""

    def __init__(self, features: int) -> None:
        """Make the self-attention."""
        super().__init__()
        self.attention = SelfAttention(features)

    def forward(
        self, query: Tensor, encoder_outputs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return what the query positions get, and all weights."""
        sequence = torch.cat([query, encoder_outputs], dim=1)
        context, weights = self.attention(sequence)
        return context[:, : query.size(1)], weights


def new(kind: str, features: int, hidden: int) -> nn.Module:
    """Return an untrained attention of this kind."""
    if kind == "additive":
        return AdditiveAttention(features, features, hidden)
    if kind == "self-attention":
        return OneSequence(features)
    if kind == "dot":
        return LuongAttention(DotScore())
    if kind == "local-p":
        score = GeneralScore(features, features)
        return LocalAttention(score, features, hidden, WINDOW)
    if kind == "general":
        return LuongAttention(GeneralScore(features, features))
    return LuongAttention(ConcatScore(features, features, hidden))


def measure(*, kind: str, seed: int) -> dict:
    """Train one kind on the task; every kind sees the same batches.

    Returns "losses", one a step; "found", how often the largest weight is on
    the partner in data that it has not seen; and of the first of these
    sequences all weights, "example", and where the partners are, "position".
    """
    torch.manual_seed(seed)
    attention = new(kind, FEATURES, HIDDEN)
    generator = torch.Generator().manual_seed(1000 * seed + 1)
    rotation = make_rotation(FEATURES, generator)
    losses = train(
        attention, lambda: make_batch(64, SOURCE, rotation, generator)
    )
    unseen = torch.Generator().manual_seed(1000 * seed + 2)
    query, outputs, position = make_batch(1000, SOURCE, rotation, unseen)
    with torch.no_grad():
        _, weights = attention(query, outputs)
    example = weights[0]
    if kind == "self-attention":
        weights = weights[:, :SOURCE, SOURCE:]
    return {
        "losses": losses,
        "found": found(weights, position),
        "example": example,
        "position": position[0],
    }


def trained(kind: str, seed: int = 0) -> dict:
    """Return what was measured of one of KINDS."""
    return kept(measure, kind=kind, seed=seed)


def multiplications(kind: str, length: int, size: int) -> int:
    """Count the multiplications in the matrix products of one sentence.

    length: source and target words, size: features and hidden size, of
    tensors without content (device "meta").
    """
    with torch.device("meta"):
        attention = new(kind, size, size)
        query, outputs = torch.ones(2, 1, length, size)
    if kind == "self-attention":  # one sequence of the same length
        return count_multiplications(attention.attention, outputs)
    return count_multiplications(attention, query, outputs)
