"""Runs one function of the project in a process of its own."""

import importlib
import inspect
import os
import traceback
import warnings
from typing import Any


def one_thread_each() -> None:
    """Keep the numerical libraries to one thread: runs share the cores."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def run(module: str, function: str) -> dict[str, Any]:
    """Call `function` of `module` and return what a page can show of it.

    Returns a dict with `figure` (SVG and text alternative) or `value`
    (number, text or table), and `warnings`; or with `error`, a traceback
    that starts in the project's own code.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for hidden in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", hidden)
        try:
            called = getattr(importlib.import_module(module), function)
            shown = present(called(), called, f"{module}.{function}")
        except Exception as error:
            frames = (
                error.__traceback__.tb_next if error.__traceback__ else None
            )
            return {
                "error": "".join(
                    traceback.format_exception(type(error), error, frames)
                )
            }
    seen = [f"{w.category.__name__}: {w.message}" for w in caught]
    return {**shown, "warnings": seen}


def present(value: Any, called: Any, name: str) -> dict[str, Any]:
    """Turn what a run returned into text that can be stored."""
    facts: dict[str, Any] = {}
    if isinstance(value, tuple) and len(value) == 2:
        value, facts = value
    if hasattr(value, "savefig"):
        from snippets.build.svg import draw

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
