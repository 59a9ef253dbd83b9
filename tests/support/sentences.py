"""Made sentences for models that translate: words as numbers, padded."""

import torch
from torch import Tensor

BATCH, TARGET, SOURCE = 3, 5, 7
LENGTHS = (7, 2, 3)  # words of each source sentence
WORDS, VOCABULARY = 29, 31  # of the source, and of the target


def sentences() -> tuple[Tensor, Tensor]:
    """Return source words, padded, and previous words."""
    generator = torch.Generator().manual_seed(1)
    source = torch.randint(1, WORDS, (BATCH, SOURCE), generator=generator)
    for row, length in enumerate(LENGTHS):
        source[row, length:] = 0
    previous = torch.randint(
        1, VOCABULARY, (BATCH, TARGET), generator=generator
    )
    return source, previous
