"""A cache of keys and values: what a decoder need not compute again."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_shapes, check_sizes, expect


# --8<-- [start:module]
# --8<-- [start:cache]
class Cache:
    """Keeps a vector a head for every position so far.

    The space is made once; what is appended is written behind the rest. It is
    for decoding: gradients do not flow through it.
    """

    def __init__(
        self,
        batch: int,
        heads: int,
        capacity: int,
        size: int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        """Make space for capacity positions of size numbers a head.

        Raises ValueError for a size below 1.
        """
        check_sizes(batch=batch, heads=heads, capacity=capacity, size=size)
        # Zeros, not empty: a row that is shorter than another is read behind
        # its end, with weight 0, and 0 times NaN would be NaN.
        shape = batch, heads, capacity, size
        self.stored = torch.zeros(shape, dtype=dtype, device=device)
        self.length: int | Tensor = 0

    def append(self, new: Tensor, name: str = "new") -> Tensor:
        """Add the vectors of new positions; return those of all.

        new: (batch, heads, new, size). name: of new in an error message.
        Returns (batch, heads, length, size), where length is that of the
            longest row: a view, valid until the next call.
        Raises ValueError for a tensor that does not fit the cache.
        """
        batch, heads, capacity, size = self.stored.shape
        check_shapes(**{name: (new, f"{batch} {heads} new {size}")})
        dtype, device = self.stored.dtype, self.stored.device
        expect(new.dtype == dtype, name, dtype, new.dtype)
        expect(new.device == device, name, device, new.device)
        longest, count = int(torch.as_tensor(self.length).max()), new.size(2)
        end = longest + count
        room = f"at most {capacity - longest} new positions"
        expect(end <= capacity, name, room, count)

        if isinstance(self.length, int):
            self.stored[:, :, longest:end] = new.detach()
        else:  # each row behind its own end
            row = torch.arange(batch, device=device).unsqueeze(1)
            step = torch.arange(count, device=device)
            position = self.length.unsqueeze(1) + step  # (batch, new)
            self.stored[row, :, position] = new.detach().transpose(1, 2)
        self.length = self.length + count
        return self.stored[:, :, :end]

    def trim(self, length: int | Tensor) -> None:
        """Forget what is at position length and behind; 0 forgets all.

        length: an int or one a row, (batch); no more than there is.
        Raises ValueError for a length of another kind, shape or size.
        """
        if isinstance(length, Tensor):
            kind, got = length.dtype, tuple(length.shape)
            expect(kind == torch.int64, "length", "an int64 tensor", kind)
            shape = (self.stored.size(0),)
            expect(got == shape, "length", f"shape {shape}", got)
            device = self.stored.device
            expect(length.device == device, "length", device, length.device)
            length = length.clone()
        else:
            fits = type(length) is int
            expect(fits, "length", "an int or a tensor", length)
        wanted, there = torch.as_tensor(length), torch.as_tensor(self.length)
        fits = bool(((wanted >= 0) & (wanted <= there)).all())
        expected = f"0 to {there.tolist()}"
        expect(fits, "length", expected, wanted.tolist())
        self.length = length

    def nbytes(self) -> int:
        """Return the bytes that it takes, free space included."""
        return self.stored.nbytes


# --8<-- [end:cache]
# --8<-- [start:kv_cache]
class KVCache:
    """Keeps the keys and the values of every position so far.

    Source: Shazeer (2019), who feeds it to a decoder step by step.
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
        sizes = dict(head_dim=head_dim, value_dim=value_dim)
        check_sizes(key_heads=key_heads, **sizes)
        shape, kind = (batch, key_heads, capacity), dict(dtype=dtype)
        self.key = Cache(*shape, head_dim, **kind, device=device)
        self.value = Cache(*shape, value_dim, **kind, device=device)

    @property
    def length(self) -> int | Tensor:
        """Return how many positions there are: one number, or one a row."""
        return self.key.length

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new positions; return those of all.

        key: (batch, key_heads, new, head_dim).
        value: (batch, key_heads, new, value_dim).
        Returns keys (batch, key_heads, length, head_dim) and values (batch,
            key_heads, length, value_dim): views, valid until the next call.
        Raises ValueError for tensors that do not fit the cache.
        """
        batch, heads, _, head_dim = self.key.stored.shape
        value_dim = self.value.stored.size(3)
        # Both before either is written, so that they stay of one length.
        check_shapes(
            key=(key, f"{batch} {heads} new {head_dim}"),
            value=(value, f"{batch} {heads} new {value_dim}"),
        )
        return self.key.append(key, "key"), self.value.append(value, "value")

    def trim(self, length: int | Tensor) -> None:
        """Forget what is at position length and behind, as Cache does."""
        self.key.trim(length)
        self.value.trim(length)

    def nbytes(self) -> int:
        """Return the bytes that keys and values take, free space included."""
        return self.key.nbytes() + self.value.nbytes()


# --8<-- [end:kv_cache]
# --8<-- [end:module]


# --8<-- [start:bytes]
def cache_bytes(
    layers: int, length: int, numbers: int, *, bytes_each: int = 2
) -> int:
    """Return the bytes that the caches of all layers take for one sequence.

    numbers: that a layer keeps of a position, 2 * key_heads * head_dim for
        keys and values. bytes_each: 2 in 16-bit precision.
    Raises ValueError for a number below 1.
    """
    sizes = dict(numbers=numbers, bytes_each=bytes_each)
    check_sizes(layers=layers, length=length, **sizes)
    return layers * length * numbers * bytes_each


# --8<-- [end:bytes]
