"""What Exact Attention in Tiles measures: bytes, and which kernel runs."""

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


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
