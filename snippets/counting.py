"""Counts what a call costs: multiplications, and bytes held at once."""

# --8<-- [start:imports]
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import (
    FlopCounterMode,
    sdpa_backward_flop_count,
    sdpa_flop_count,
)

# --8<-- [end:imports]


# --8<-- [start:memory]
class MemoryCounter(TorchDispatchMode):
    """Counts the bytes of all tensors that are made inside it.

    A view, which shares the memory of another tensor, counts nothing; neither
    does a tensor that was there before. What is no longer used is taken off.

    largest: bytes of the largest tensor. peak: the most bytes at once.
    """

    def __init__(self) -> None:
        """Start at 0."""
        super().__init__()
        self.alive: dict[int, int] = {}  # bytes of each piece of memory
        self.largest = self.peak = 0

    def __torch_dispatch__(
        self,
        operation: Callable,
        types: Any,
        args: tuple = (),
        kwargs: dict | None = None,
    ) -> Any:
        """Run one of PyTorch's operations and count what it makes."""
        result = operation(*args, **(kwargs or {}))
        given = {id(memory) for memory in memories((args, kwargs))}
        for memory in memories(result):
            name, size = id(memory), memory.nbytes()
            if name in given:
                continue
            self.alive[name] = size
            weakref.finalize(memory, self.alive.pop, name, None)
            self.largest = max(self.largest, size)
            self.peak = max(self.peak, sum(self.alive.values()))
        return result


def memories(tree: Any) -> list[torch.UntypedStorage]:
    """List the memory of each tensor in a nest of lists and dicts."""
    return [
        leaf.untyped_storage()
        for leaf in tree_leaves(tree)
        if isinstance(leaf, torch.Tensor)
    ]


# PyTorch's counter knows its attention on graphics processors; on others it
# would count nothing. It passes shapes: query, key, value and more.
aten = torch.ops.aten
forward = aten._scaled_dot_product_flash_attention_for_cpu
backward = aten._scaled_dot_product_flash_attention_for_cpu_backward
CPU_ATTENTION = {
    forward: lambda *shapes, **_: sdpa_flop_count(*shapes[:3]),
    backward: lambda *shapes, **_: sdpa_backward_flop_count(*shapes[:4]),
}


# --8<-- [end:memory]


# --8<-- [start:count]
def count_multiplications(call: Callable, *args: Any, **kwargs: Any) -> int:
    """Count the multiplications in the matrix products of a call.

    On tensors without content (device "meta") PyTorch works out shapes only,
    so that lengths can be counted that would not fit into memory.
    """
    flops = FlopCounterMode(display=False, custom_mapping=CPU_ATTENTION)
    with flops:
        call(*args, **kwargs)
    # It counts each multiplication and the addition that follows it.
    return flops.get_total_flops() // 2


class Cost(NamedTuple):
    """What a call costs."""

    multiplications: int  # in matrix products
    largest: int  # bytes of the largest tensor that it makes
    peak: int  # the most bytes of such tensors at once


def count(call: Callable, *args: Any, **kwargs: Any) -> Cost:
    """Count what call(*args, **kwargs) costs, while it runs."""
    memory = MemoryCounter()

    def watched() -> None:
        with memory:
            call(*args, **kwargs)

    return Cost(count_multiplications(watched), memory.largest, memory.peak)


# --8<-- [end:count]
