"""What makes a run's result what it is; part of every key, so kept small."""

import importlib
import inspect
from typing import Any

# Set in each process that runs something, before it imports anything: one
# thread, since runs share the cores and rounding depends on it.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def present(value: Any, called: Any, name: str) -> dict[str, Any]:
    """Turn what a run returned into text that can be stored."""
    facts: dict[str, Any] = {}
    if isinstance(value, tuple) and len(value) == 2:
        value, facts = value
    if hasattr(value, "savefig"):
        # By name: only the key of a figure depends on how it is drawn.
        draw = importlib.import_module("snippets.machinery.svg").draw
        alt = inspect.getdoc(called)
        if not alt:
            raise ValueError(
                f"{name} has no docstring: it is the figure's text alternative"
            )
        alt = " ".join(alt.format(**facts).split())
        return {"figure": {"svg": draw(value, name), "alt": alt}}
    if not _is_plain(value):
        raise TypeError(
            f"{name} returned {type(value).__name__}; a page can show a "
            "matplotlib Figure, a number, a text, a dict or a list of dicts"
        )
    return {"value": value}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        same = all(isinstance(r, dict) and [*r] == [*value[0]] for r in value)
        return bool(value) and same and all(map(_is_plain, value))
    cells = value.values() if isinstance(value, dict) else [value]
    return all(isinstance(cell, str | int | float) for cell in cells)
