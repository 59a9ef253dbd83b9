"""What Exact Attention in Tiles measures: bytes, and which kernel runs."""

import functools
import warnings
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from snippets.attention import attention
from snippets.flash_attention import flash_attention_forward

HEADS, HEAD_DIM, BLOCK = 8, 64, 128
LENGTHS = (256, 512, 1024, 2048, 4096)
KIB = 1024
FUSED = "_scaled_dot_product_flash_attention_for_cpu"


class Largest(TorchDispatchMode):
    """Notes each operation that PyTorch runs and the largest tensor made."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        super().__init__()
        self.bytes = 0
        self.operations: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run an operation and look at what it returns."""
        result = func(*args, **(kwargs or {}))
        self.operations.append(func.name().split("::")[1].split(".")[0])
        for made in tree_leaves(result):
            if isinstance(made, Tensor):
                size = made.untyped_storage().nbytes()
                self.bytes = max(self.bytes, size)
        return result


def largest(attend: Callable, length: int, device: str) -> int:
    """Return the bytes of the largest tensor made, queries, keys and values
    of this length given. On the device "meta" nothing is really computed.
    """
    shape = (1, HEADS, length, HEAD_DIM)
    tensors = [torch.zeros(shape, device=device) for _ in range(3)]
    with torch.no_grad(), Largest() as seen:
        attend(*tensors, is_causal=True)
    return seen.bytes


@functools.cache
def largest_by_length() -> dict[str, list[int]]:
    """Return the bytes for each of LENGTHS, of each way to attend."""
    ways = {
        "one piece": (attention, "meta"),
        "tiles": (flash_attention_forward, "cpu"),
        "PyTorch": (F.scaled_dot_product_attention, "cpu"),
    }
    return {
        name: [largest(attend, length, device) for length in LENGTHS]
        for name, (attend, device) in ways.items()
    }


def memory() -> dict[str, int | float]:
    """Return the numbers that the page names."""
    found = largest_by_length()
    return {
        "heads": HEADS,
        "head_dim": HEAD_DIM,
        "block": BLOCK,
        "longest": LENGTHS[-1],
        "one_piece_mib": found["one piece"][-1] // KIB**2,
        "tiles_mib": found["tiles"][-1] // KIB**2,
        "times": found["one piece"][-1] // found["tiles"][-1],
    }


def saved_bytes(attend: Callable, length: int) -> int:
    """Return the bytes that autograd keeps for the backward pass."""
    shape = (1, HEADS, length, HEAD_DIM)
    tensors = [torch.zeros(shape, requires_grad=True) for _ in range(3)]
    kept: dict[int, Tensor] = {}  # by address, each storage once

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        attend(*tensors, is_causal=True)
    return sum(t.untyped_storage().nbytes() for t in kept.values())


def saved(length: int = 1024) -> dict[str, float]:
    """Return the MiB kept for the backward pass, for a text of this length."""
    ways = {
        "one_piece": attention,
        "tiles": flash_attention_forward,
        "fused": F.scaled_dot_product_attention,
    }
    return {"words": length} | {
        name: saved_bytes(attend, length) / KIB**2
        for name, attend in ways.items()
    }


def cases(length: int = 1024) -> dict[str, tuple[tuple, dict]]:
    """Return inputs for PyTorch's function, by what is special about them."""
    alike = tuple(torch.zeros(1, 2, length, HEAD_DIM) for _ in range(3))
    query, key, value = alike
    mask = torch.ones(length, length, dtype=torch.bool)
    learnt = torch.zeros(length, length, requires_grad=True)
    return {
        "nothing special": (alike, {}),
        "a mask": (alike, {"attn_mask": mask}),
        "a mask that is learnt": (alike, {"attn_mask": learnt}),
        "values of another size": ((query, key, value[..., :32]), {}),
        "`dropout_p=0.1`": (alike, {"dropout_p": 0.1}),
    }


def kernels() -> list[dict[str, str | int]]:
    """Return which way PyTorch takes on this machine, by the input."""
    rows = []
    for name, (tensors, settings) in cases().items():
        with Largest() as seen:
            F.scaled_dot_product_attention(*tensors, **settings)
        fused = FUSED in seen.operations
        rows.append(
            {
                "input": name,
                "runs": "fused" if fused else "in one piece",
                "KiB": seen.bytes // KIB,
            }
        )
    return rows


def refusal() -> str:
    """Return what PyTorch says when it may use the fused kernel only."""
    query, key, value = torch.zeros(3, 1, 4, 1000, 16).unbind()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
                F.scaled_dot_product_attention(query, key, value[..., :8])
        except RuntimeError as error:
            reason = str(said[-1].message).split(" (Triggered")[0]
            return f"UserWarning: {reason}\nRuntimeError: {error}"
    raise AssertionError("the kernel took the input")
