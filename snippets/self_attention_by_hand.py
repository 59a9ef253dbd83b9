"""Self-attention of four words, with numbers that can be checked by hand."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]

WORDS = ("the", "black", "cat", "slept")


def example() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return word vectors (length, features) and three maps, made by hand.

    Each map is a matrix (head_dim, features).
    """
    # --8<-- [start:data]
    # the, black, cat, slept: how much a thing, how much an action
    vectors = torch.tensor(
        [[0.0, 0.0], [1.0, 0.0], [2.0, 1.0], [1.0, 2.0]]
    )  # (length, features)
    W_q = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    W_k = torch.tensor([[1.0, 0.0], [0.0, -1.0]])
    W_v = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    # --8<-- [end:data]
    return vectors, W_q, W_k, W_v


# --8<-- [start:core]
def self_attention(
    vectors: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor
) -> tuple[Tensor, Tensor]:
    """Attend from each vector to all of them."""
    query = vectors @ W_q.T  # (length, head_dim)
    key = vectors @ W_k.T  # (length, head_dim)
    value = vectors @ W_v.T  # (length, head_dim)
    score = query @ key.T / key.size(1) ** 0.5  # (length, length)
    weights = torch.softmax(score, dim=1)  # (length, length)
    return weights @ value, weights


# --8<-- [end:core]
