"""Long inputs: a window with sinks, a cache that rolls, a key for nothing."""

# --8<-- [start:imports]
import torch
from torch import Tensor
from torch.nn import functional as F

# --8<-- [end:imports]
from snippets.checks import check_shapes, check_sizes, expect


# --8<-- [start:sinks]
def window_with_sinks(
    target: int, source: int, *, left: int, sinks: int, offset: int = 0
) -> Tensor:
    """Make the mask of a causal window beside which the first keys stay.

    left: keys before its own that a query attends to. sinks: first keys that
        every query attends to. offset: keys before the first query.
    Returns a boolean mask, (target, source), True = may be attended to.
    Raises ValueError for a size that is none.
    Source: Xiao et al. (2023), section 3.2.
    """
    check_sizes(target=target, source=source)
    check_sizes(left=left, sinks=sinks, offset=offset, least=0)
    key_position = torch.arange(source)  # (source)
    query_position = offset + torch.arange(target).unsqueeze(1)
    ahead = key_position - query_position  # (target, source)
    near_or_first = (ahead >= -left) | (key_position < sinks)
    return near_or_first & (ahead <= 0)  # (target, source)


# --8<-- [end:sinks]


# --8<-- [start:cache]
class RollingCache:
    """Keeps the keys and values of the last positions, and of the first.

    A new position takes the place of the oldest one that is no sink. It is
    for decoding: gradients do not flow through it.
    Source: Jiang et al. (2023), section 2; Xiao et al. (2023), section 3.2.
    """

    def __init__(
        self,
        batch: int,
        key_heads: int,
        window: int,
        head_dim: int,
        *,
        sinks: int = 0,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        """Make space for window + sinks positions.

        window: positions that roll, the newest included.
        Raises ValueError for a size that is none.
        """
        check_sizes(batch=batch, key_heads=key_heads)
        check_sizes(window=window, head_dim=head_dim)
        check_sizes(sinks=sinks, least=0)
        shape = batch, key_heads, sinks + window, head_dim
        self.key = torch.zeros(shape, dtype=dtype, device=device)
        self.value = torch.zeros_like(self.key)
        self.window, self.sinks, self.length = window, sinks, 0

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add one position; return the keys and values that are kept.

        key, value: (batch, key_heads, 1, head_dim).
        Returns keys and values, (batch, key_heads, kept, head_dim): views,
            valid until the next call. Their order is not that of the text,
            which attention does not see.
        Raises ValueError for tensors that do not fit the cache.
        """
        batch, heads, _, head_dim = self.key.shape
        axes = f"{batch} {heads} 1 {head_dim}"
        check_shapes(key=(key, axes), value=(value, axes))
        expect(key.dtype == self.key.dtype, "key", self.key.dtype, key.dtype)
        device = self.key.device
        expect(key.device == device, "key", device, key.device)
        slot = self.length
        if slot >= self.sinks:
            slot = self.sinks + (slot - self.sinks) % self.window
        self.key[:, :, slot] = key[:, :, 0].detach()
        self.value[:, :, slot] = value[:, :, 0].detach()
        self.length += 1
        kept = min(self.length, self.sinks + self.window)
        return self.key[:, :, :kept], self.value[:, :, :kept]

    def nbytes(self) -> int:
        """Return the bytes that keys and values take, free space included."""
        return self.key.nbytes + self.value.nbytes


# --8<-- [end:cache]


# --8<-- [start:zero_key]
def add_zero_key(key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Put a key of zeros with a value of zeros before all others.

    Its score is 0 for every query: weight that it takes goes nowhere.
    key: (batch, key_heads, source, head_dim).
    value: (batch, key_heads, source, value_dim).
    Returns both with 1 + source positions.
    Raises ValueError for a wrong shape.
    """
    check_shapes(
        key=(key, "batch key_heads source head_dim"),
        value=(value, "batch key_heads source value_dim"),
    )
    key = F.pad(key, (0, 0, 1, 0))  # (batch, heads, 1 + source, head_dim)
    value = F.pad(value, (0, 0, 1, 0))  # (batch, heads, 1 + source, value_dim)
    return key, value


# --8<-- [end:zero_key]
