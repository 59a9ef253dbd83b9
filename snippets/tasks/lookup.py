"""A task whose right attention is known: find the partner of each query."""

# --8<-- [start:imports]
from collections.abc import Callable

import torch
from torch import Tensor, nn

# --8<-- [end:imports]


# --8<-- [start:make_rotation]
def make_rotation(features: int, generator: torch.Generator) -> Tensor:
    """Return a random orthogonal matrix (features, features).

    It is the "other language" of the queries: it keeps lengths and angles
    and changes every direction.
    """
    noise = torch.randn(features, features, generator=generator)
    rotation, _ = torch.linalg.qr(noise)  # (features, features)
    return rotation


# --8<-- [end:make_rotation]


# --8<-- [start:make_batch]
def make_batch(
    batch: int, source: int, rotation: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Return queries, encoder outputs and, for each query, its position.

    Query i asks for the encoder output at position[i], but says so rotated
    and with a little noise. Shapes: (batch, target, features),
    (batch, source, features) and (batch, target), with target = source.
    """
    features = rotation.size(0)
    encoder_outputs = torch.randn(
        batch, source, features, generator=generator
    )  # (batch, source, features)
    order = torch.rand(batch, source, generator=generator)  # (batch, source)
    position = order.argsort(dim=1)  # (batch, source)
    index = position.unsqueeze(2)  # (batch, source, 1)
    wanted = encoder_outputs.take_along_dim(index, dim=1)
    noise = torch.randn(wanted.shape, generator=generator)
    query = wanted @ rotation + 0.1 * noise  # (batch, source, features)
    return query, encoder_outputs, position


# --8<-- [end:make_batch]


# --8<-- [start:train]
def train(
    attention: nn.Module,
    make: Callable[[], tuple[Tensor, Tensor, Tensor]],
    steps: int = 400,
    rate: float = 0.02,
) -> list[float]:
    """Train an attention to return the wanted encoder output as its context.

    The position itself is never shown to it. Returns the loss of each step;
    an attention without parameters has nothing to train: one loss.
    """
    parameters = list(attention.parameters())
    optimizer = torch.optim.Adam(parameters, rate) if parameters else None
    losses = []
    for _ in range(steps if parameters else 1):
        query, encoder_outputs, position = make()
        index = position.unsqueeze(2)  # (batch, source, 1)
        wanted = encoder_outputs.take_along_dim(index, dim=1)
        context, _ = attention(query, encoder_outputs)
        loss = (context - wanted).square().mean()
        losses.append(loss.item())
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return losses


# --8<-- [end:train]


# --8<-- [start:found]
def found(weights: Tensor, position: Tensor) -> float:
    """Return the share of queries whose largest weight is on their partner.

    weights: (batch, target, source), position: (batch, target).
    """
    return (weights.argmax(dim=2) == position).float().mean().item()


# --8<-- [end:found]
