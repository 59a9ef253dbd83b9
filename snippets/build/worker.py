"""Runs one function of the project in a process of its own."""

import base64
import importlib
import inspect
import json
import os
import pickle
import traceback
import warnings
from pathlib import Path
from typing import Any

from snippets.build import store
from snippets.build.progress import Report

_reports: Any = None  # where long runs say how far they are


def start(reports: Any) -> None:
    """Prepare a process: one thread each, since runs share the cores."""
    global _reports
    _reports = reports
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def run(
    module: str,
    function: str,
    arguments: str,
    entry: Path,
    report: Any = None,
) -> dict[str, Any]:
    """Call `function` of `module`, keep the result in `entry`, return it.

    Without arguments (JSON) the result is what a page can show: a dict with
    `figure` (SVG and text alternative) or `value` (number, text or table).
    With arguments it is `pickle`, anything at all. Either way there are
    `warnings`; or there is `error`, a traceback that starts in the project's
    own code, and nothing is kept.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for hidden in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", hidden)
        try:
            called = getattr(importlib.import_module(module), function)
            if arguments:
                result = pickled(called, json.loads(arguments), report)
            else:
                result = present(called(), called, f"{module}.{function}")
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
    result = {**result, "warnings": seen}
    # At once, not when the others are done: an interrupted build keeps it.
    store.save(entry, result)
    return {"warnings": seen} if arguments else result


def pickled(called: Any, arguments: dict, report: Any) -> dict:
    """Call with arguments; let a long run report how far it is."""
    if "report" in inspect.signature(called).parameters:
        arguments = {**arguments, "report": report or reporter(arguments)}
    value = pickle.dumps(called(**arguments))
    return {"pickle": base64.b64encode(value).decode()}


def reporter(arguments: dict) -> Any:
    """Return a function that sends a run's reports to the terminal."""
    if _reports is None:
        return None
    title = " ".join(str(value) for value in arguments.values())

    def report(step: int, steps: int, loss: float) -> None:
        _reports.put(Report(title, step, steps, loss))

    return report


def present(value: Any, called: Any, name: str) -> dict[str, Any]:
    """Turn what a run returned into text that can be stored."""
    facts: dict[str, Any] = {}
    if isinstance(value, tuple) and len(value) == 2:
        value, facts = value
    if hasattr(value, "savefig"):
        # By name: only the key of a figure depends on how it is drawn.
        draw = importlib.import_module("snippets.build.svg").draw
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
