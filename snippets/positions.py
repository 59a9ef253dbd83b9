"""Positions: four ways to tell attention where a word stands."""

# --8<-- [start:imports]
import math

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_shapes, check_sizes, expect


# --8<-- [start:sinusoidal]
def sinusoidal_positions(
    length: int,
    features: int,
    *,
    base: float = 10000.0,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Make a vector for each position, to be added to the word's vector.

    length: positions, from 0 on. features: an even number. base: how much
        slower the last clock runs than the first, nearly.
    Returns (length, features): sine and cosine of each clock, in turn.
    Raises ValueError for a size below 1 or an odd number of features.
    Source: Vaswani et al. (2017), section 3.5.
    """
    check_sizes(length=length, features=features)
    expect(features % 2 == 0, "features", "an even number", features)
    check_base(base)
    position = torch.arange(length, dtype=torch.float64)  # (length)
    clock = torch.arange(features // 2, dtype=torch.float64)  # (clocks)
    speed = base ** -(2 * clock / features)  # (clocks)
    angle = position.unsqueeze(1) * speed  # (length, clocks)
    pair = torch.stack((angle.sin(), angle.cos()), -1)  # (length, clocks, 2)
    return pair.flatten(1).to(dtype)  # (length, features)


# --8<-- [end:sinusoidal]


# --8<-- [start:learned]
class LearnedPositions(nn.Module):
    """A learnt vector for each position, to be added to the word's vector.

    Source: Gehring et al. (2017), section 3.1.
    """

    def __init__(self, longest: int, features: int) -> None:
        """Make the table, (longest, features), at random."""
        super().__init__()
        check_sizes(longest=longest, features=features)
        self.table = nn.Parameter(torch.randn(longest, features))

    def forward(self, length: int, offset: int = 0) -> Tensor:
        """Return the vectors, (length, features), from position offset on.

        Raises ValueError for positions that the table does not have.
        """
        check_sizes(length=length)
        check_sizes(offset=offset, least=0)
        room = max(0, len(self.table) - offset)
        expect(length <= room, "length", f"at most {room}", length)
        return self.table[offset : offset + length]


# --8<-- [end:learned]


# --8<-- [start:angles]
def rotary_angles(x: Tensor, positions: Tensor, base: float) -> Tensor:
    """Return the angles by which rotary_embedding turns the pairs of x.

    Returns (length, half) or (batch, 1, length, half), half = head_dim / 2,
        in float32 at least: bfloat16, say, has no 257.
    Raises ValueError for an argument of a wrong kind, shape or device.
    """
    sizes = check_shapes(x=(x, "batch heads length head_dim"))
    expect(sizes["head_dim"] % 2 == 0, "x", "an even head_dim", x.size(3))
    check_positions(positions, x)
    check_base(base)
    half = sizes["head_dim"] // 2
    wide = torch.promote_types(x.dtype, torch.float32)
    pair = torch.arange(half, dtype=wide, device=x.device)  # (half)
    speed = base ** -(pair / half)  # (half)
    angle = positions.to(wide).unsqueeze(-1) * speed
    return angle.unsqueeze(1) if positions.dim() == 2 else angle


# --8<-- [end:angles]


# --8<-- [start:turn]
def turn(a: Tensor, b: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """Turn the hands whose ends are (a, b).

    a, b: (batch, heads, length, half), half = head_dim / 2.
    angle: (length, half) or (batch, 1, length, half), in radians.
    Returns both numbers of each hand, turned, in the shape of a.
    """
    cos, sin = angle.cos(), angle.sin()
    turned_a = a * cos - b * sin  # (batch, heads, length, half)
    turned_b = a * sin + b * cos  # (batch, heads, length, half)
    return turned_a, turned_b


# --8<-- [end:turn]


# --8<-- [start:rotary]
def rotary_embedding(
    x: Tensor,
    positions: Tensor,
    *,
    base: float = 10000.0,
    interleaved: bool = False,
) -> Tensor:
    """Turn each pair of features by an angle that grows with the position.

    x: (batch, heads, length, head_dim), a query or a key; head_dim is even.
    positions: (length) or (batch, length), integers or floats.
    base: how much slower the last pair turns than the first, nearly.
    interleaved: pairs are neighbours, as in the paper; if not, feature m and
        feature m + head_dim / 2 are a pair.
    Returns x turned, in its shape and dtype.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: Su et al. (2021), section 3.2.2.
    """
    angle = rotary_angles(x, positions, base)
    form, axis = ((-1, 2), -1) if interleaved else ((2, -1), -2)
    a, b = x.to(angle.dtype).unflatten(-1, form).unbind(axis)
    turned = torch.stack(turn(a, b, angle), axis)
    return turned.flatten(-2).to(x.dtype)


# --8<-- [end:rotary]


# --8<-- [start:slopes]
def alibi_slopes(heads: int) -> list[float]:
    """Return a slope for each head: 1/2, 1/4, ..., 1/256 for 8 heads.

    If the number of heads is no power of two, the slopes for the next lower
    one come first, and every other slope for the next higher one fills up.
    Raises ValueError for a number of heads below 1.
    Source: Press et al. (2021), section 3, and their code.
    """
    check_sizes(heads=heads)
    power = 2 ** (heads.bit_length() - 1)  # the next lower power of two
    slopes = [2 ** (-8 * (k + 1) / power) for k in range(power)]
    between = [2 ** (-4 * (k + 1) / power) for k in range(0, 2 * power, 2)]
    return slopes + between[: heads - power]


# --8<-- [end:slopes]


# --8<-- [start:alibi]
def alibi_bias(
    heads: int, target: int, source: int, offset: int = 0
) -> Tensor:
    """Make what is added to the scores: -slope * distance.

    Query i stands at position i + offset, key j at j.
    Returns (heads, target, source), float32, to be given as a mask.
    Raises ValueError for a size below 1 or an offset below 0.
    Source: Press et al. (2021), section 3.
    """
    check_sizes(target=target, source=source)
    check_sizes(offset=offset, least=0)
    slope = torch.tensor(alibi_slopes(heads)).view(-1, 1, 1)
    query_position = offset + torch.arange(target).unsqueeze(1)  # (target, 1)
    key_position = torch.arange(source)  # (source)
    distance = (query_position - key_position).abs()  # (target, source)
    return -slope * distance  # (heads, target, source)


# --8<-- [end:alibi]


# --8<-- [start:checks]
def check_base(base: float) -> None:
    """Raise a ValueError unless it is a finite number above 0."""
    fits = type(base) in (int, float) and 0 < base < math.inf
    expect(fits, "base", "a finite number above 0", base)


def check_positions(positions: Tensor, x: Tensor) -> None:
    """Check that positions fit x, (batch, heads, length, head_dim)."""
    name, kind = "positions", type(positions).__name__
    expect(isinstance(positions, Tensor), name, "a tensor", kind)
    dtype, device, shape = positions.dtype, positions.device, positions.shape
    kinds = torch.int32, torch.int64, torch.float32, torch.float64
    expect(dtype in kinds, name, "int32, int64, float32 or float64", dtype)
    expect(device == x.device, name, x.device, device)
    batch, _, length, _ = x.shape
    fits = tuple(shape) in ((length,), (batch, length))
    expected = f"shape ({length},) or ({batch}, {length})"
    expect(fits, name, expected, tuple(shape))


# --8<-- [end:checks]
