"""A cache of keys and values: what a decoder need not compute again."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_shapes, expect


# --8<-- [start:module]
class KVCache:
    """Keeps the keys and values of all positions so far.

    The space is made once; what is appended is written behind the rest. It is
    for decoding: gradients do not flow through it.
    Source: Pope et al. (2022), section 2.1.
    """

    def __init__(
        self,
        batch: int,
        key_heads: int,
        capacity: int,
        head_dim: int,
        value_dim: int | None = None,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        """Make space for capacity positions.

        value_dim: as head_dim if not given.
        Raises ValueError for a size below 1.
        """
        value_dim = head_dim if value_dim is None else value_dim
        sizes = dict(batch=batch, key_heads=key_heads, capacity=capacity)
        sizes |= dict(head_dim=head_dim, value_dim=value_dim)
        for name, size in sizes.items():
            fits = type(size) is int and size >= 1
            expect(fits, name, "an int, 1 or more", size)
        shape, kind = (batch, key_heads, capacity), dict(dtype=dtype)
        self.key = torch.zeros(*shape, head_dim, device=device, **kind)
        self.value = torch.zeros(*shape, value_dim, device=device, **kind)
        self.length = 0

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new positions; return those of all.

        key: (batch, key_heads, new, head_dim).
        value: (batch, key_heads, new, value_dim).
        Returns keys (batch, key_heads, length, head_dim) and values (batch,
            key_heads, length, value_dim): views, valid until the next call.
        Raises ValueError for tensors that do not fit the cache.
        """
        batch, heads, capacity, head_dim = self.key.shape
        sizes = check_shapes(
            key=(key, f"{batch} {heads} new {head_dim}"),
            value=(value, f"{batch} {heads} new {self.value.size(3)}"),
        )
        expect(key.dtype == self.key.dtype, "key", self.key.dtype, key.dtype)
        device = self.key.device
        expect(key.device == device, "key", device, key.device)
        first, end = self.length, self.length + sizes["new"]
        room = f"at most {capacity - first} new positions"
        expect(end <= capacity, "key", room, sizes["new"])
        self.key[:, :, first:end] = key.detach()
        self.value[:, :, first:end] = value.detach()
        self.length = end
        return self.key[:, :, :end], self.value[:, :, :end]

    def nbytes(self) -> int:
        """Return the bytes that keys and values take, free space included."""
        return self.key.nbytes + self.value.nbytes


# --8<-- [end:module]
