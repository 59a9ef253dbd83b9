"""Attention in five lines, on numbers that can be checked by hand."""

from typing import NamedTuple

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]

SOURCE = ("the", "black", "cat", "slept")
TARGET = ("die", "schwarze", "Katze", "schlief")


class Steps(NamedTuple):
    """What each of the five steps gives."""

    compared: Tensor
    score: Tensor
    weights: Tensor
    context: Tensor
    combined: Tensor
    logits: Tensor
    probabilities: Tensor


def example() -> tuple[Tensor, Tensor, Tensor]:
    """Return decoder state, encoder outputs and output layer, made by hand.

    Shapes: (hidden), (source, hidden) and (vocabulary, 2 * hidden).
    """
    # --8<-- [start:data]
    # the, black, cat, slept: how much a thing, how much an action
    encoder_outputs = torch.tensor(
        [[0.0, 0.0], [1.0, 0.0], [2.0, 1.0], [1.0, 2.0]]
    )  # (source, hidden)
    decoder_state = torch.tensor([2.0, -1.0])  # (hidden)
    # --8<-- [end:data]
    # --8<-- [start:layer]
    output_layer = torch.tensor(
        [
            [0.0, 0.0, 0.0, 0.0],  # die
            [1.0, 0.0, 0.0, 0.0],  # schwarze
            [1.0, 0.0, 2.0, -1.0],  # Katze
            [0.0, 1.0, -1.0, 2.0],  # schlief
        ]
    )  # (vocabulary, 2 * hidden)
    # --8<-- [end:layer]
    return decoder_state, encoder_outputs, output_layer


def next_state() -> Tensor:
    """Return the decoder state (hidden) once Katze is written, by hand."""
    # --8<-- [start:next]
    decoder_state = torch.tensor([-1.0, 2.0])  # (hidden)
    # --8<-- [end:next]
    return decoder_state


def five_steps(
    decoder_state: Tensor, encoder_outputs: Tensor, output_layer: Tensor
) -> Steps:
    """Compare, score, softmax, context, combine: one line for each.

    decoder_state: (hidden), encoder_outputs: (source, hidden),
    output_layer: (vocabulary, 2 * hidden). Returns every step's result.
    Source: Luong et al. (2015), section 3, with the dot score.
    """
    # --8<-- [start:compare]
    compared = decoder_state * encoder_outputs  # (source, hidden)
    # --8<-- [end:compare]
    # --8<-- [start:score]
    score = compared.sum(dim=1)  # (source)
    # --8<-- [end:score]
    # --8<-- [start:softmax]
    weights = torch.softmax(score, dim=0)  # (source)
    # --8<-- [end:softmax]
    # --8<-- [start:context]
    context = weights @ encoder_outputs  # (hidden)
    # --8<-- [end:context]
    # --8<-- [start:combine]
    combined = torch.cat([decoder_state, context])  # (2 * hidden)
    logits = output_layer @ combined  # (vocabulary)
    probabilities = torch.softmax(logits, dim=0)  # (vocabulary)
    # --8<-- [end:combine]
    return Steps(
        compared, score, weights, context, combined, logits, probabilities
    )


# --8<-- [start:attend]
def attend(
    decoder_state: Tensor, encoder_outputs: Tensor
) -> tuple[Tensor, Tensor]:
    """Do steps one to four for a batch of sentences at once.

    decoder_state: (batch, hidden), encoder_outputs: (batch, source, hidden).
    Returns context (batch, hidden) and weights (batch, source).
    """
    query = decoder_state.unsqueeze(1)  # (batch, 1, hidden)
    score = query @ encoder_outputs.transpose(1, 2)  # (batch, 1, source)
    weights = torch.softmax(score, dim=2)  # (batch, 1, source)
    context = weights @ encoder_outputs  # (batch, 1, hidden)
    return context.squeeze(1), weights.squeeze(1)


# --8<-- [end:attend]
