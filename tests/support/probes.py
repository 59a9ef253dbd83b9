"""Semantic probes: what every attention must do, whatever its formula.

Equality, never accuracy: a probe changes one thing that must not matter (or
must), and compares. All sizes are different primes, so that no two axes can be
confused. A probe raises AssertionError with a sentence that says what is
wrong. `applicable_probes(attention)` lists the probes for an attention.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor

from tests.support.tensors import EXACT, alike

DEVICES = ["cpu"] + ["cuda"] * torch.cuda.is_available()

# How far two right computations on numbers around 1 may differ: some hundred
# rounding steps in the wide types, some steps in the half types.
TOLERANCE = {
    torch.float64: 1e-12,
    torch.float32: 1e-5,
    torch.float16: 1e-2,
    torch.bfloat16: 6e-2,
}


@st.composite
def masks(draw: st.DrawFn, *shape: int) -> Tensor:
    """Draw a mask that broadcasts to a shape, rows without a key included."""
    sizes = [draw(st.sampled_from((1, size))) for size in shape]
    sizes = sizes[draw(st.integers(0, len(shape) - 2)) :]
    count = torch.Size(sizes).numel()
    bits = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return torch.tensor(bits).reshape(sizes)


def normal(seed: int, *shape: int) -> Tensor:
    """Return standard normal numbers in float64."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


BATCH, TARGET, SOURCE, LENGTH = 3, 5, 7, 11
PADDED_LENGTHS = (7, 2, 3)  # positions of each batch item that are no padding
GARBAGE = 1e4


@dataclass(frozen=True, eq=False)
class Attention:
    """An attention under test, with what decides which probes apply.

    attend(query, memory, mask) -> (context, weights) takes a query (batch,
    target, query_size), a memory (batch, source, memory_size) and a mask or
    None. The last two axes of weights are (target, source); the last but one
    of context is target. More axes, such as heads, may follow the batch.
    """

    name: str
    attend: Callable[[Tensor, Tensor, Tensor | None], tuple[Tensor, Tensor]]
    query_size: int
    memory_size: int
    parameters: tuple[Tensor, ...] = ()
    is_self: bool = False  # the query is the memory
    is_causal: bool = False
    # Local attention: weights depend on where a key is, not on what it is
    # alone, and a row sums to one at most.
    is_positional: bool = False
    # Keys to the left and right of a query that it may attend, None: all.
    window: tuple[int | None, int | None] = (None, None)
    takes_mask: bool = True
    device: str = "cpu"

    def __str__(self) -> str:
        return self.name

    def random(self, *shape: int, seed: int = 0) -> Tensor:
        return normal(seed, *shape).to(self.device)

    def inputs(self, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Return a random query and memory: the same tensor if is_self."""
        source = LENGTH if self.is_self else SOURCE
        memory = self.random(BATCH, source, self.memory_size, seed=seed)
        if self.is_self:
            return memory, memory
        query = self.random(BATCH, TARGET, self.query_size, seed=seed + 1)
        return query, memory

    def random_mask(self) -> Tensor:
        """Return a mask that allows half of the keys, and one at least."""
        query, memory = self.inputs()
        target, source = query.size(1), memory.size(1)
        mask = self.random(BATCH, target, source, seed=2) > 0
        return mask | torch.eye(target, source, device=mask.device).bool()

    def allowed(self, mask: Tensor, weights: Tensor) -> Tensor:
        """Return where weights may be above zero, in the shape of weights."""
        mask = mask.tril() if self.is_causal else mask
        left, right = self.window
        mask = mask if left is None else mask.triu(-left)
        mask = mask if right is None else mask.tril(right)
        while mask.dim() < weights.dim():
            mask = mask.unsqueeze(1)
        return mask.expand_as(weights)


def rows_sum_to_one(attention: Attention) -> None:
    query, memory = attention.inputs()
    _, weights = attention.attend(query, memory, None)
    # The last query may attend to all keys, in causal attention too.
    last = weights[..., -1, :]
    cases = {"without a mask": weights}
    if attention.takes_mask:
        _, masked = attention.attend(query, memory, attention.random_mask())
        cases["with a mask"] = masked
    for case, weights in cases.items():
        assert (weights >= 0).all(), f"{case}, a weight is negative"
        total = weights.sum(dim=-1)
        if attention.is_positional:
            assert (total <= 1 + EXACT).all(), f"{case}, rows exceed 1"
        else:
            assert alike(total, torch.ones_like(total)), (
                f"{case}, rows sum to {total.min():.3f} .. {total.max():.3f}"
            )
    spread = last.amax(dim=-1) - last.amin(dim=-1)
    assert (spread > 1e-3).all(), "the weights of a row do not vary"


def weights_depend_on_the_memory(attention: Attention) -> None:
    query, memory = attention.inputs()
    memory = memory.clone().requires_grad_()
    query = memory if attention.is_self else query
    _, weights = attention.attend(query, memory, None)
    last = weights[..., -1, :]
    direction = attention.random(*last.shape, seed=3)
    gradient = None
    if weights.requires_grad:
        (gradient,) = torch.autograd.grad(
            (last * direction).sum(), memory, allow_unused=True
        )
    assert gradient is not None, "no gradient from the weights to the memory"
    reached = gradient.abs().amax(dim=-1) > 1e-9
    # Keys outside a window have none.
    if attention.is_positional or attention.window != (None, None):
        reached = reached.any(dim=-1)
    assert reached.all(), "the weights do not depend on every memory position"


def weights_depend_on_the_query(attention: Attention) -> None:
    query, memory = attention.inputs()
    other, _ = attention.inputs(seed=10)
    _, weights = attention.attend(query, memory, None)
    _, moved = attention.attend(other, memory, None)
    change = (weights - moved).abs().amax(dim=-1)
    assert (change > 1e-6).all(), "the weights do not depend on the query"


def future_moves_nothing_earlier(attention: Attention) -> None:
    sequence, _ = attention.inputs()
    other, _ = attention.inputs(seed=10)
    context, weights = attention.attend(sequence, sequence, None)
    for time in range(1, LENGTH):
        changed = torch.cat((sequence[:, :time], other[:, time:]), dim=1)
        moved_context, moved_weights = attention.attend(changed, changed, None)
        assert alike(
            context[..., :time, :], moved_context[..., :time, :]
        ) and alike(weights[..., :time, :], moved_weights[..., :time, :]), (
            f"tokens from {time} on move an earlier token"
        )


def past_and_present_are_attended(attention: Attention) -> None:
    sequence, _ = attention.inputs()
    _, weights = attention.attend(sequence, sequence, None)
    everything = torch.ones_like(weights, dtype=torch.bool)
    allowed = attention.allowed(everything, weights)
    assert (weights[allowed] > 0).all(), (
        "a token does not attend to itself or to an earlier token"
    )


def padding_moves_nothing(attention: Attention) -> None:
    """Each item gives in a padded batch what it gives alone."""
    _, memory = attention.inputs()
    source = memory.size(1) + 2
    garbage = attention.random(BATCH, source, attention.memory_size, seed=4)
    padded = garbage * GARBAGE
    lengths = torch.tensor(PADDED_LENGTHS, device=memory.device)
    positions = torch.arange(source, device=memory.device)
    mask = (positions < lengths[:, None]).unsqueeze(1)
    for item, length in enumerate(PADDED_LENGTHS):
        padded[item, :length] = memory[item, :length]
    query = padded if attention.is_self else attention.inputs()[0]
    context, weights = attention.attend(query, padded, mask)

    for item, length in enumerate(PADDED_LENGTHS):
        own = slice(item, item + 1)
        target = length if attention.is_self else TARGET
        alone_context, alone_weights = attention.attend(
            query[own, :target], padded[own, :length], None
        )
        assert alike(context[own, ..., :target, :], alone_context), (
            f"padding moves the context of item {item}"
        )
        in_batch = weights[own, ..., :target, :]
        assert alike(in_batch[..., :length], alone_weights), (
            f"padding moves the weights of item {item}"
        )
        assert (in_batch[..., length:] == 0).all(), (
            f"padding of item {item} has weight"
        )


def batch_mate_moves_nothing(attention: Attention) -> None:
    query, memory = attention.inputs()
    other_query, other_memory = attention.inputs(seed=10)
    context, weights = attention.attend(query, memory, None)
    for item in range(BATCH):
        mixed_query, mixed_memory = other_query.clone(), other_memory.clone()
        mixed_query[item], mixed_memory[item] = query[item], memory[item]
        if attention.is_self:
            mixed_query = mixed_memory
        moved_context, moved_weights = attention.attend(
            mixed_query, mixed_memory, None
        )
        assert alike(context[item], moved_context[item]) and alike(
            weights[item], moved_weights[item]
        ), f"the rest of the batch moves item {item}"


def permuted_keys_permute_weights(attention: Attention) -> None:
    query, memory = attention.inputs()
    order = torch.randperm(
        memory.size(1), generator=torch.Generator().manual_seed(5)
    ).to(memory.device)
    masks = [None, attention.random_mask()][: 1 + attention.takes_mask]
    for mask in masks:
        context, weights = attention.attend(query, memory, mask)
        shuffled = memory[:, order]
        shuffled_query = shuffled if attention.is_self else query
        if mask is not None:
            mask = mask[..., order]
            mask = mask[:, order] if attention.is_self else mask
        moved_context, moved_weights = attention.attend(
            shuffled_query, shuffled, mask
        )
        weights = weights[..., order]
        if attention.is_self:  # the queries are permuted too
            weights = weights[..., order, :]
            context = context[..., order, :]
        assert alike(weights, moved_weights), (
            "permuted keys do not permute the weights"
        )
        assert alike(context, moved_context), "permuted keys move the context"


def masked_is_zero(attention: Attention) -> None:
    query, memory = attention.inputs()
    mask = attention.random_mask()
    _, weights = attention.attend(query, memory, mask)
    allowed = attention.allowed(mask, weights)
    assert (weights[~allowed] == 0).all(), "a masked weight is not exactly 0"
    if not attention.is_positional:
        assert (weights[allowed] > 0).all(), "an allowed weight is 0"


def fully_masked_row_is_zero(attention: Attention) -> None:
    """A query and a whole item without a key give zeros, and no NaN."""
    query, memory = attention.inputs()
    memory = memory.clone().requires_grad_()
    query = memory if attention.is_self else query.clone().requires_grad_()
    mask = torch.ones_like(attention.random_mask())
    mask[0, 1] = False
    mask[2] = False
    context, weights = attention.attend(query, memory, mask)
    empty = ~mask.any(dim=-1)
    for name, result in {"weights": weights, "context": context}.items():
        assert result.isfinite().all(), f"{name} not finite"
        rows = result.movedim(-2, 1)[empty]
        assert (rows == 0).all(), f"{name} of a fully masked row not 0"
    _, unmasked = attention.attend(query, memory, None)
    assert alike(
        weights.movedim(-2, 1)[~empty], unmasked.movedim(-2, 1)[~empty]
    ), "a fully masked row moves another row"

    direction = attention.random(*context.shape, seed=6)
    loss = (context * direction).sum() + (weights * unmasked.detach()).sum()
    gradients = torch.autograd.grad(
        loss, [query, memory, *attention.parameters], allow_unused=True
    )
    for gradient in gradients:
        assert gradient is None or gradient.isfinite().all(), (
            "a fully masked row gives a gradient that is not finite"
        )


def inputs_are_not_modified(attention: Attention) -> None:
    masks = [None, attention.random_mask()][: 1 + attention.takes_mask]
    for mask in masks:
        query, memory = attention.inputs()
        given = {"query": query, "memory": memory}
        if mask is not None:
            given["mask"] = mask
        before = {name: tensor.clone() for name, tensor in given.items()}
        attention.attend(query, memory, mask)
        for name, tensor in given.items():
            assert torch.equal(tensor, before[name]), f"{name} is modified"


PROBES = (
    rows_sum_to_one,
    weights_depend_on_the_memory,
    weights_depend_on_the_query,
    future_moves_nothing_earlier,
    past_and_present_are_attended,
    padding_moves_nothing,
    batch_mate_moves_nothing,
    permuted_keys_permute_weights,
    masked_is_zero,
    fully_masked_row_is_zero,
    inputs_are_not_modified,
)


def applicable_probes(attention: Attention) -> list[Callable]:
    """List the probes that this kind of attention must pass."""
    left_out = set()
    if attention.is_self:
        left_out |= {weights_depend_on_the_query}
    if not attention.is_causal:
        left_out |= {
            future_moves_nothing_earlier,
            past_and_present_are_attended,
        }
    has_order = attention.is_causal or attention.window != (None, None)
    if has_order or attention.is_positional:
        left_out |= {permuted_keys_permute_weights}
    if not attention.takes_mask:
        left_out |= {
            padding_moves_nothing,
            masked_is_zero,
            fully_masked_row_is_zero,
        }
    return [probe for probe in PROBES if probe not in left_out]
