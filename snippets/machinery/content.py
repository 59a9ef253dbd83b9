"""What makes a run's result what it is; part of every key, so kept small."""

import base64
import importlib
import inspect
import io
import json
import math
from typing import Any

# Set for each process that runs something, before it begins: one thread,
# since runs share the cores and rounding depends on it; docstrings, which are
# the text alternatives of figures; and no window.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "PYTHONOPTIMIZE": "",
}


class Refused(ValueError):
    """A result that cannot be shown or kept; the message is one line."""


def prepare() -> None:
    """Let the next run find matplotlib as it comes, whatever came before.

    That is another run, or settings (matplotlibrc) of who builds.
    """
    import matplotlib

    matplotlib.rcdefaults()


def present(value: Any, called: Any, name: str) -> dict[str, Any]:
    """Turn what a run returned into text that can be stored.

    Raises Refused for what no page can show.
    """
    facts: Any = {}
    if isinstance(value, tuple) and len(value) == 2:
        value, facts = value
    if hasattr(value, "savefig"):
        # By name: only the key of a figure depends on how it is drawn.
        drawing = importlib.import_module(f"{__package__}.drawing")
        alt = alternative(called, facts, name)
        return {"figure": {"svg": drawing.draw(value, name), "alt": alt}}
    if not _is_plain(value):
        raise Refused(
            f"{name} returned {type(value).__name__}; a page can show a "
            "matplotlib Figure, a number, a text, a dict or a list of dicts"
        )
    for label, number in _numbers(value, ""):
        if not math.isfinite(number):
            raise Refused(f"{name} returned {number}{label}")
    return {"value": value}


def alternative(called: Any, facts: Any, name: str) -> str:
    """Return the text alternative of a figure: its docstring with `facts`."""
    text = inspect.getdoc(called)
    if not text:
        raise Refused(
            f"{name} has no docstring: it is the figure's text alternative"
        )
    if not isinstance(facts, dict):
        raise Refused(
            f"{name} returned a figure and {type(facts).__name__}; the facts "
            "of its docstring must be a dict"
        )
    for label, number in _numbers(facts, ""):
        if not math.isfinite(number):
            raise Refused(f"{name} returned {number}{label} for its docstring")
    try:
        return " ".join(text.format(**facts).split())
    except KeyError as error:
        known = ", ".join(map(str, facts)) or "none"
        raise Refused(
            f"the docstring of {name} names {{{error.args[0]}}}, which is not "
            f"among its facts: {known}"
        ) from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise Refused(
            f"the docstring of {name} cannot be filled in: {error}"
        ) from None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        same = all(isinstance(r, dict) and [*r] == [*value[0]] for r in value)
        return bool(value) and same and all(map(_is_plain, value))
    cells = value.values() if isinstance(value, dict) else [value]
    return all(isinstance(cell, str | int | float) for cell in cells)


def _numbers(value: Any, label: str) -> list[tuple[str, float]]:
    """Return the fractions in a plain value, each with where it stands."""
    if isinstance(value, float):
        return [(label, value)]
    parts = []
    if isinstance(value, dict):
        parts = [(f" for {key!r}", part) for key, part in value.items()]
    elif isinstance(value, list):
        parts = [(f" in row {i}", part) for i, part in enumerate(value, 1)]
    return [
        found
        for where, part in parts
        for found in _numbers(part, label + where)
    ]


def freeze(value: Any) -> dict[str, Any]:
    """Return `value` in a form that JSON can hold and thaw reads.

    What JSON gives back unaltered stays as it is. All else is left to
    PyTorch, which reads tensors, texts, numbers, tuples, lists and dicts,
    with any keys, and refuses other objects: they could run code when read.

    Raises pickle.UnpicklingError for such an object.
    """
    try:
        if json.loads(json.dumps(value)) == value:
            return {"json": value}
    except (TypeError, ValueError, RuntimeError):
        pass
    import torch  # a build in which nothing runs does without it

    buffer = io.BytesIO()
    torch.save(value, buffer)
    frozen = {"torch": base64.b64encode(buffer.getvalue()).decode()}
    thaw(frozen)  # what cannot be read fails where it is made
    return frozen


def thaw(frozen: dict[str, Any]) -> Any:
    """Return what was frozen; nothing in it is ever run."""
    if "json" in frozen:
        return frozen["json"]
    import torch

    buffer = io.BytesIO(base64.b64decode(frozen["torch"]))
    return torch.load(buffer, weights_only=True)
