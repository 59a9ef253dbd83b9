"""Associative recall: what value was written under this key?"""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import expect

# --8<-- [start:task]
KEYS, VALUES = 64, 64  # how many of each there are


def make_batch(
    size: int, pairs: int, times: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw sequences of writes, and the questions about each.

    size: sequences. pairs: different keys in each, at most KEYS.
    times: how often each key is written, every time with a new random value;
        all writes of a sequence are in random order.
    Returns keys and values written, (size, pairs * times), the keys asked
        for, (size, pairs), and for each the value written last, (size, pairs).
    Raises ValueError for numbers that cannot be drawn.
    """
    expect(1 <= pairs <= KEYS, "pairs", f"1 to {KEYS}", pairs)
    expect(times >= 1, "times", "1 or more", times)

    def order(count: int) -> Tensor:
        return torch.rand(size, count, generator=generator).argsort(dim=1)

    length = pairs * times
    asked = order(KEYS)[:, :pairs]  # (size, pairs)
    keys = asked.repeat(1, times).gather(1, order(length))  # (size, length)
    values = torch.randint(VALUES, (size, length), generator=generator)
    written = keys.unsqueeze(1) == asked.unsqueeze(2)  # (size, pairs, length)
    place = torch.arange(1, length + 1)  # (length)
    last = (written * place).argmax(dim=2)  # (size, pairs)
    return keys, values, asked, values.gather(1, last)


# --8<-- [end:task]
