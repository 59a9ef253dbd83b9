"""How a benchmark starts, and how it writes down what it has measured."""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import torch

from snippets.machinery.key import processor_name


def start(
    description: str | None,
    arguments: list[str] | None,
    *,
    can_be_quick: bool = False,
) -> bool:
    """Read the command line and keep to one thread.

    Returns whether a quick run is asked for, which only tries it out.
    """
    parser = argparse.ArgumentParser(description=description)
    if can_be_quick:
        parser.add_argument("--quick", action="store_true", help="try it out")
    torch.set_num_threads(1)
    return getattr(parser.parse_args(arguments), "quick", False)


def write(numbers: dict, path: Path) -> None:
    """Write numbers, below the day and the machine that they come from."""
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": platform.machine(),
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    path.write_text(json.dumps(facts | numbers, indent=1) + "\n", "utf-8")
