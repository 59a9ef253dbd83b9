"""What *Masks and Padding* shows of errors."""

import torch

from snippets.attention import attention
from snippets.masks import padding_mask


def batch_and_source() -> str:
    """Return what attention says to a mask of batch and source alone."""
    query = torch.ones(2, 3, 5, 8)
    key = torch.ones(2, 3, 6, 8)
    mask = padding_mask(torch.tensor([6, 4]), 6).view(2, 6)
    try:
        attention(query, key, key, mask=mask)
    except ValueError as error:
        return f"ValueError: {error}"
    raise AssertionError("the wrong mask was taken")
