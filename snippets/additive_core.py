"""Additive attention in a few lines, without checks of what goes in."""

# --8<-- [start:module]
import math

import torch
from torch import Tensor, nn


class Additive(nn.Module):
    """Project both sides, add, tanh, and weigh with a learnt vector."""

    def __init__(self, query_size: int, key_size: int, hidden: int) -> None:
        """Make the two projections and the vector v."""
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden, bias=False)
        self.W_k = nn.Linear(key_size, hidden)  # with the bias b
        self.v = nn.Linear(hidden, 1, bias=False)

    def forward(
        self, query: Tensor, key: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the context of each query and its weights."""
        q = self.W_q(query).unsqueeze(2)  # (batch, target, 1, hidden)
        k = self.W_k(key).unsqueeze(1)  # (batch, 1, source, hidden)
        score = self.v(torch.tanh(q + k)).squeeze(3)  # (batch, target, source)
        score = score.masked_fill(~mask, -math.inf)
        weights = torch.softmax(score, dim=2)  # (batch, target, source)
        return weights @ key, weights


# --8<-- [end:module]
