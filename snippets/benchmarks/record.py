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
    some_of: tuple[str, ...] = (),
) -> argparse.Namespace:
    """Read the command line and keep to one thread.

    Returns what is asked for: "quick", a run which only tries it out, and
    "some", those parts alone; both only where the benchmark offers them.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.set_defaults(quick=False, some=())
    if can_be_quick:
        parser.add_argument("--quick", action="store_true", help="try it out")
    if some_of:
        parser.add_argument(
            "some", nargs="*", metavar="NAME", help=", ".join(some_of)
        )
    asked = parser.parse_args(arguments)
    asked.some = tuple(asked.some)
    for name in asked.some:
        if name not in some_of:
            parser.error(f"{name} is none of {', '.join(some_of)}")
    torch.set_num_threads(1)
    return asked


def made() -> dict[str, str | int | None]:
    """Return the day and the machine that numbers come from."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": platform.machine(),
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def write(numbers: dict, path: Path) -> None:
    """Write numbers, below the day and the machine that they come from."""
    path.write_text(json.dumps(made() | numbers, indent=1) + "\n", "utf-8")
