"""What *Beyond the Article* shows of errors."""

import torch

from snippets.attention import attention


def wrong_call() -> str:
    """Return what attention says to fewer keys than values."""
    query = torch.ones(2, 6, 5, 8)
    key, value = torch.ones(2, 3, 7, 8), torch.ones(2, 3, 11, 4)
    try:
        attention(query, key, value)
    except ValueError as error:
        return f"ValueError: {error}"
    raise AssertionError("the wrong call was taken")
