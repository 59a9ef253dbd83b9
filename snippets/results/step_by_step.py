"""What the step-by-step pages print."""

import platform
from importlib.metadata import version

import torch

from snippets.time_first_attention import PublishedAttention


def environment() -> dict[str, str]:
    """Return the versions that this build ran with."""
    return {
        "python": platform.python_version(),
        "torch": version("torch").partition("+")[0],
    }


def published_error() -> str:
    """Return what Python prints for the published version."""
    torch.manual_seed(0)
    attention = PublishedAttention(hidden_size=16)
    try:
        attention(torch.randn(1, 1, 16), torch.randn(5, 1, 16))
    except RuntimeError as error:
        return f"RuntimeError: {error}"
    raise AssertionError("the published version ran")
