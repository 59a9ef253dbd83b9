"""Semantic probes: what every attention must do, whatever its formula.

Equality, never accuracy: a probe changes one thing that must not matter, or
must matter, and compares. All sizes are different primes, so that no two axes
can be confused. Each probe raises AssertionError with a clear message.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

DEVICES = ["cpu"] + ["cuda"] * torch.cuda.is_available()

# How far two correct computations of numbers around 1 may differ: a few
# hundred rounding steps in the wide types, a few in the half types.
TOLERANCE = {
    torch.float64: 1e-12,
    torch.float32: 1e-5,
    torch.float16: 1e-2,
    torch.bfloat16: 6e-2,
}

BATCH, TARGET, SOURCE, LENGTH = 3, 5, 7, 11
LENGTHS = (7, 2, 3)  # attendable source positions of each batch item
GARBAGE = 1e4
EXACT = 1e-10  # everything here is float64


@dataclass(frozen=True)
class Attention:
    """An attention under test, and which probes apply to it.

    attend(query, memory, mask) returns (context, weights), with the target as
    the last but one axis of both. For self-attention, query is memory.
    """

    name: str
    attend: Callable[[Tensor, Tensor, Tensor | None], tuple[Tensor, Tensor]]
    query_size: int
    memory_size: int
    is_self: bool = False
    is_causal: bool = False
    # Local attention: the weights depend on where a key is, not only on what
    # it is, and rows sum to at most one.
    is_positional: bool = False
    takes_mask: bool = True
    device: str = "cpu"

    def __str__(self) -> str:
        return self.name

    def inputs(self, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Return a random query and memory, one and the same if is_self."""
        generator = torch.Generator().manual_seed(seed)

        def random(*shape: int) -> Tensor:
            numbers = torch.randn(
                shape, generator=generator, dtype=torch.float64
            )
            return numbers.to(self.device)

        if self.is_self:
            sequence = random(BATCH, LENGTH, self.memory_size)
            return sequence, sequence
        query = random(BATCH, TARGET, self.query_size)
        return query, random(BATCH, SOURCE, self.memory_size)

    def random_mask(self, seed: int = 0) -> Tensor:
        """Return a mask (batch, target, source), with True in each row."""
        query, memory = self.inputs()
        generator = torch.Generator().manual_seed(seed)
        shape = (BATCH, query.size(1), memory.size(1))
        mask = torch.rand(shape, generator=generator) < 0.5
        mask |= torch.eye(*shape[1:], dtype=torch.bool)
        return mask.to(self.device)

    def padding_mask(self, source: int) -> Tensor:
        """Return a mask (batch, 1, source) that allows LENGTHS positions."""
        lengths = torch.tensor(LENGTHS, device=self.device)
        positions = torch.arange(source, device=self.device)
        return (positions < lengths[:, None])[:, None]

    def allowed(self, mask: Tensor) -> Tensor:
        """Return where weights may be above zero, under this mask."""
        return mask.tril() if self.is_causal else mask


def same(left: Tensor, right: Tensor) -> bool:
    """Tell whether two tensors are equal, up to rounding."""
    return torch.allclose(left, right, rtol=EXACT, atol=EXACT)


def check_rows(attention: Attention, weights: Tensor, case: str) -> None:
    """Check that each row of weights is a distribution over the keys."""
    assert (weights >= 0).all(), f"{case}: a weight is negative"
    total = weights.sum(-1)
    if attention.is_positional:
        assert (total <= 1 + EXACT).all(), f"{case}: a row sums to more than 1"
    else:
        assert same(total, torch.ones_like(total)), (
            f"{case}: rows do not sum to 1, but to "
            f"{total.min():.3f} .. {total.max():.3f}"
        )


def rows_sum_to_one(attention: Attention) -> None:
    """Each row of weights sums to one, with a mask too, and weights vary."""
    query, memory = attention.inputs()
    _, weights = attention.attend(query, memory, None)
    check_rows(attention, weights, "no mask")
    # The last query attends to everything, even in causal attention.
    last = weights[..., -1, :]
    spread = last.amax(-1) - last.amin(-1)
    assert (spread > 1e-3).all(), "the weights of a row are all the same"
    if attention.takes_mask:
        mask = attention.random_mask()
        _, weights = attention.attend(query, memory, mask)
        check_rows(attention, weights, "with a mask")


def context_is_weighted_sum(attention: Attention) -> None:
    """Adding a constant to all weights of one key adds only that key.

    So the context is linear in the weights: with weights all on one key
    (a mask that allows one key), it is a function of that key alone.
    """
    if not attention.takes_mask or attention.is_causal:
        return
    query, memory = attention.inputs()
    source = memory.size(1)
    _, weights = attention.attend(query, memory, None)
    total = 0.0
    for position in range(source):
        mask = torch.zeros(1, source, dtype=torch.bool, device=memory.device)
        mask[:, position] = True
        value, one = attention.attend(query, memory, mask)
        del one
        total = total + weights[..., position, None] * value
    context, _ = attention.attend(query, memory, None)
    assert same(context, total)


