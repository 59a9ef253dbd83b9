"""On which processor the numbers of this build arose, and with what."""

import platform
from importlib.metadata import version

import torch

from snippets.machinery.key import processor_name


def facts() -> dict[str, str]:
    """Return what the last digits of a trained model depend on."""
    return {
        "name": processor_name(),
        "architecture": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
    }
