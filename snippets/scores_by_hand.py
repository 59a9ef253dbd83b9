"""The scores of the types of attention, with numbers to check by hand."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]

WORDS = ("the", "black", "cat", "slept")


def example() -> tuple[Tensor, Tensor]:
    """Return encoder outputs (source, 2) and a decoder state (2)."""
    # --8<-- [start:data]
    # the, black, cat, slept: how much a thing, how much an action
    encoder_outputs = torch.tensor(
        [[0.0, 0.0], [1.0, 0.0], [2.0, 1.0], [1.0, 2.0]]
    )  # (source, key_size)
    decoder_state = torch.tensor([2.0, -1.0])  # (query_size)
    # --8<-- [end:data]
    return encoder_outputs, decoder_state


def additive_parameters() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return W_q, W_k, b and v of an additive score, made by hand."""
    # --8<-- [start:additive_data]
    W_q = torch.tensor([[1.0, 0.0], [0.0, -1.0]])  # (hidden, query_size)
    W_k = torch.tensor([[1.0, 0.0], [0.0, -1.0]])  # (hidden, key_size)
    b = torch.tensor([-3.0, 0.0])  # (hidden)
    v = torch.tensor([2.0, 1.0])  # (hidden)
    # --8<-- [end:additive_data]
    return W_q, W_k, b, v


def other_language() -> tuple[Tensor, Tensor]:
    """Return the state (2) with its places swapped, and W (2, 2) for it."""
    # --8<-- [start:general_data]
    decoder_state = torch.tensor([-1.0, 2.0])  # an action first, then a thing
    W = torch.tensor([[0.0, 1.0], [1.0, 0.0]])  # (query_size, key_size)
    # --8<-- [end:general_data]
    return decoder_state, W


# --8<-- [start:additive]
def additive_score(
    state: Tensor,
    outputs: Tensor,
    W_q: Tensor,
    W_k: Tensor,
    b: Tensor,
    v: Tensor,
) -> Tensor:
    """Return a score for each encoder output, (source)."""
    joint = torch.tanh(W_q @ state + outputs @ W_k.T + b)  # (source, hidden)
    return joint @ v  # (source)


# --8<-- [end:additive]


# --8<-- [start:dot]
def dot_score(state: Tensor, outputs: Tensor) -> Tensor:
    """Return a score for each encoder output, (source)."""
    return outputs @ state  # (source)


# --8<-- [end:dot]


# --8<-- [start:general]
def general_score(state: Tensor, outputs: Tensor, W: Tensor) -> Tensor:
    """Return a score for each encoder output, (source)."""
    return outputs @ W.T @ state  # (source)


# --8<-- [end:general]
