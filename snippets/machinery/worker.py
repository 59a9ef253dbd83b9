"""Runs functions of the project, one after the other, in a process."""

import importlib
import inspect
import json
import os
import traceback
import warnings
from pathlib import Path
from typing import Any

from snippets.machinery import audit, frozen, store
from snippets.machinery.closure import held, run_key
from snippets.machinery.content import present
from snippets.machinery.progress import Report
from snippets.machinery.settings import ROOT

_reports: Any = None  # where long runs say how far they are


def start(reports: Any) -> None:
    """Prepare a process, which has content.ENVIRONMENT from its start."""
    global _reports
    _reports = reports
    audit.listen()


def is_here() -> bool:
    """Tell whether this process was started to run functions."""
    return _reports is not None


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
    With arguments it is anything that can be frozen. Either way there are
    `warnings`; or there is `error`, a traceback that starts in the project's
    own code, and nothing is kept.
    """
    with (
        warnings.catch_warnings(record=True) as caught,
        audit.reading() as files,
    ):
        warnings.simplefilter("default")
        for hidden in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", hidden)
        try:
            called = getattr(importlib.import_module(module), function)
            if arguments:
                result = called_with(called, json.loads(arguments), report)
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
    if wrong := mistake(module, function, arguments, entry, files):
        return {"error": f"{module}.{function} {wrong}"}
    seen = [f"{w.category.__name__}: {w.message}" for w in caught]
    result = {**result, "warnings": seen}
    # At once, not when the others are done: an interrupted build keeps it.
    store.save(entry, result)
    return {"warnings": seen} if arguments else result


def mistake(
    module: str, function: str, arguments: str, entry: Path, files: set[str]
) -> str:
    """Say why the key of a run is not what its result depends on."""
    if run_key(module, function, arguments) != entry.stem:
        return "was edited while it ran: build again"
    known = held(module, function, arguments).files.values()
    for file in sorted(files - {os.path.realpath(path) for path in known}):
        name = os.path.relpath(file, ROOT)
        return f"reads {name}, which is not in its key: import or name it"
    return ""


def called_with(called: Any, arguments: dict, report: Any) -> dict:
    """Call with arguments; let a long run report how far it is."""
    if "report" in inspect.signature(called).parameters:
        arguments = {**arguments, "report": report or reporter(arguments)}
    return frozen.freeze(called(**arguments))


def reporter(arguments: dict) -> Any:
    """Return a function that sends a run's reports to the terminal."""
    if _reports is None:
        return None
    title = " ".join(str(value) for value in arguments.values())

    def report(step: int, steps: int, loss: float) -> None:
        _reports.put(Report(title, step, steps, loss))

    return report
