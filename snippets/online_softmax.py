"""Online softmax: the same weighted sum with three passes, two and one."""

# --8<-- [start:imports]
import math

import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_shapes


# --8<-- [start:three_passes]
def three_passes(score: Tensor, value: Tensor) -> Tensor:
    """Attend with one query: maximum, then sum, then divide.

    score: (source), value: (source, value_dim).
    Returns context, (value_dim).
    Raises ValueError for an input of a wrong kind or shape.
    """
    check_shapes(score=(score, "source"), value=(value, "source value_dim"))
    maximum = torch.tensor(-math.inf)
    for s in score:
        maximum = torch.maximum(maximum, s)
    total = 0.0
    for s in score:
        total = total + torch.exp(s - maximum)
    context = torch.zeros_like(value[0])  # (value_dim)
    for s, v in zip(score, value, strict=True):
        context = context + torch.exp(s - maximum) / total * v
    return context


# --8<-- [end:three_passes]


# --8<-- [start:two_passes]
def two_passes(score: Tensor, value: Tensor) -> Tensor:
    """Attend with one query: maximum and sum together, then divide.

    score: (source), value: (source, value_dim).
    Returns context, (value_dim).
    Raises ValueError for an input of a wrong kind or shape.
    Source: Milakov and Gimelshein (2018), algorithm 3.
    """
    check_shapes(score=(score, "source"), value=(value, "source value_dim"))
    maximum, total = torch.tensor(-math.inf), 0.0
    for s in score:
        larger = torch.maximum(maximum, s)
        correction = torch.exp(maximum - larger)  # 1 if maximum stays
        total = total * correction + torch.exp(s - larger)
        maximum = larger
    context = torch.zeros_like(value[0])  # (value_dim)
    for s, v in zip(score, value, strict=True):
        context = context + torch.exp(s - maximum) / total * v
    return context


# --8<-- [end:two_passes]


# --8<-- [start:one_pass]
def one_pass(score: Tensor, value: Tensor) -> Tensor:
    """Attend with one query: the weighted sum is carried along as well.

    score: (source), value: (source, value_dim).
    Returns context, (value_dim).
    Raises ValueError for an input of a wrong kind or shape.
    Source: Rabe and Staats (2021), sections 2 and 3.
    """
    check_shapes(score=(score, "source"), value=(value, "source value_dim"))
    maximum, total = torch.tensor(-math.inf), 0.0
    context = torch.zeros_like(value[0])  # (value_dim)
    for s, v in zip(score, value, strict=True):
        larger = torch.maximum(maximum, s)
        correction = torch.exp(maximum - larger)
        share = torch.exp(s - larger)
        total = total * correction + share
        context = context * correction + share * v
        maximum = larger
    return context / total


# --8<-- [end:one_pass]
