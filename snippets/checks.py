"""Input checks: every wrong call is answered in one readable sentence."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]


# --8<-- [start:checks]
def expect(holds: bool, name: str, expected: object, got: object) -> None:
    """Raise a ValueError about the argument called name unless it holds."""
    if not holds:
        raise ValueError(f"{name}: expected {expected}, got {got}")


def check_shapes(**arguments: tuple[Tensor, str]) -> dict[str, int]:
    """Check tensors against named sizes and return the sizes by name.

    arguments: name=(tensor, axes) with axes such as "batch source 16": a word
        is a size, the same wherever it occurs; an integer is a fixed size;
        "..." at the start stands for any number of axes.
    Returns the size of each word, such as {"batch": 2, "source": 5}.
    Raises ValueError, naming the argument, unless all are floating-point
        tensors of these shapes, of one dtype, on one device, none empty.
    """
    sizes: dict[str, int] = {}
    first, _ = next(iter(arguments.values()))
    for name, (tensor, axes) in arguments.items():
        kind = type(tensor).__name__
        expect(isinstance(tensor, Tensor), name, "a tensor", kind)
        dtype, device, shape = tensor.dtype, tensor.device, tuple(tensor.shape)
        expect(dtype.is_floating_point, name, "a floating-point dtype", dtype)
        expect(dtype == first.dtype, name, first.dtype, dtype)
        expect(device == first.device, name, first.device, device)

        words = axes.split()
        if words[0] == "...":
            words[:1] = [str(size) for size in shape[: 1 - len(words)]]
        fits = len(words) == len(shape)
        for axis, size in enumerate(shape if fits else ()):
            word = words[axis]
            if word.isdigit():
                fits = fits and size == int(word)
            elif sizes.setdefault(word, size) != size:
                fits = False
                words[axis] = f"{word}={sizes[word]}"
        expect(fits, name, f"shape ({', '.join(words)})", shape)
        expect(0 not in shape, name, "no empty axis", shape)
    return sizes


def check_mask(
    mask: Tensor, shape: tuple[int, ...], device: torch.device
) -> None:
    """Check that a mask fits scores of this shape on this device.

    mask: boolean, True = may be attended to; its axes are the last ones of
        shape, (target, source) at the least, each of the full size or 1.
    Raises ValueError if it is anything else.
    """
    kind = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
    expect(kind == torch.bool, "mask", "a boolean tensor", kind)
    expect(mask.device == device, "mask", device, mask.device)
    pairs = zip(reversed(mask.shape), reversed(shape), strict=False)
    fits = all(size in (1, full) for size, full in pairs)
    fits = fits and 2 <= mask.dim() <= len(shape)
    expected = f"2 to {len(shape)} axes that broadcast to {tuple(shape)}"
    expect(fits, "mask", expected, tuple(mask.shape))


# --8<-- [end:checks]


# --8<-- [start:integers]
def check_integers(name: str, numbers: Tensor, *axes: str | int) -> None:
    """Check a tensor of whole numbers, such as words or lengths.

    axes: the name of each axis, or its size.
    Raises ValueError unless numbers is int64, with these axes, none empty.
    """
    kind = getattr(numbers, "dtype", type(numbers).__name__)
    expect(kind == torch.int64, name, "an int64 tensor", kind)
    shape = tuple(numbers.shape)
    fits = len(shape) == len(axes) and 0 not in shape
    for axis, size in zip(axes, shape, strict=False):
        fits = fits and (isinstance(axis, str) or axis == size)
    expected = f"shape ({', '.join(str(axis) for axis in axes)})"
    expect(fits, name, expected, shape)


# --8<-- [end:integers]


# --8<-- [start:sizes]
def check_sizes(*, least: int = 1, **sizes: int) -> None:
    """Raise ValueError unless each is a whole number, `least` or more."""
    for name, size in sizes.items():
        fits = type(size) is int and size >= least
        expect(fits, name, f"an int, {least} or more", size)


# --8<-- [end:sizes]
