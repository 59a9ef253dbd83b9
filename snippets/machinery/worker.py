"""A process that runs functions of the project, one after the other."""

import importlib
import inspect
import json
import os
import queue
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import source_from_cache
from types import ModuleType
from typing import Any, TextIO

from snippets.machinery import content, settings, store
from snippets.machinery.content import Refused
from snippets.machinery.key import CONTENT, MACHINERY, NEUTRAL, PROJECT, held
from snippets.machinery.run import Run, RunFailed, entry
from snippets.machinery.settings import CACHE, ROOT

# Stays when a run ends; all other modules of the project are imported anew.
STAYS = NEUTRAL | {CONTENT, PROJECT, MACHINERY}
_apart = tuple(f"{os.path.realpath(p)}{os.sep}" for p in (CACHE, sys.prefix))
_neutral = {f"{ROOT / name.replace('.', os.sep)}.py" for name in NEUTRAL}
_answers: TextIO | None = None  # to the build, in a process that it started
_read: list[set[str]] = []  # by each run under way, the innermost last


def main() -> None:
    """Run what the lines of the standard input ask for, until it ends.

    The first line holds the settings, each later one a run. For each, a line
    of the standard output says how it went, after others that report how far
    it is. What the functions themselves read and print goes elsewhere.
    """
    global _answers
    asked = os.fdopen(os.dup(0), encoding="utf-8")
    _answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    settings.give(json.loads(asked.readline()))
    tasks: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, tasks), daemon=True).start()
    sys.addaudithook(_hook)
    while True:
        run = Run(*json.loads(tasks.get()))
        content.prepare()
        _answer(begun=True)
        try:
            execute(run)
        except RunFailed as failed:
            _answer(failed=[failed.reason, failed.detail, failed.run])
        else:
            _answer(failed=None)


def _listen(asked: TextIO, tasks: "queue.SimpleQueue[str]") -> None:
    """Pass on what is asked; end all that was started here with the build."""
    for line in asked:
        tasks.put(line)
    with store.writing:  # not in the middle of it
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def _answer(**told: Any) -> None:
    """Write one line to the build."""
    assert _answers
    _answers.write(json.dumps(told) + "\n")
    _answers.flush()


def is_here() -> bool:
    """Tell whether this process was started to run functions."""
    return _answers is not None


def execute(run: Run, report: Any = None) -> dict[str, Any]:
    """Call a function, keep its result and return that.

    Without arguments (JSON) the result is what a page can show: a dict with
    `figure` (SVG and text alternative) or `value` (number, text or table).
    With arguments it is anything that can be frozen. Either way there are
    `warnings`.

    Raises RunFailed, whatever the function does; then nothing is kept.
    """
    file = entry(run)
    with (
        warnings.catch_warnings(record=True) as caught,
        reading() as files,
    ):
        warnings.simplefilter("default")
        for hidden in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", hidden)
        try:
            result = called(run, report)
        except BaseException as error:  # sys.exit() ends no build
            raise RunFailed.because(error, run) from None
    if entry(run) != file:
        reason = f"{run.module}.{run.function} was edited while it ran"
        raise RunFailed(f"{reason}: build again", run=run)
    known = {os.path.realpath(path) for path in held(*run).files.values()}
    for name in sorted(os.path.relpath(path, ROOT) for path in files - known):
        reason = f"{run.module}.{run.function} reads {name}, which is not in "
        raise RunFailed(f"{reason}its key: import or name it", run=run)
    result["warnings"] = [
        f"{w.category.__name__}: {w.message}" for w in caught
    ]
    # At once, not when the others are done: an interrupted build keeps it.
    try:
        store.save(file, result)
    except store.StoreError as error:
        raise RunFailed(str(error), run=run) from None
    return result


def called(run: Run, report: Any) -> dict[str, Any]:
    """Call a function with its arguments; return what is kept of it."""
    name = f"{run.module}.{run.function}"
    function = getattr(importlib.import_module(run.module), run.function)
    given = json.loads(run.arguments or "{}")
    signature = inspect.signature(function)
    if run.arguments and "report" in signature.parameters:
        given["report"] = report or reporter(given)
    try:
        signature.bind(**given)
    except TypeError as error:
        raise Refused(f"{name} cannot be called: {error}") from None
    if run.arguments:
        return content.freeze(function(**given))
    return content.present(function(), function, name)


def reporter(arguments: dict[str, Any]) -> Any:
    """Return a function that tells the build how far a run is."""
    title = " ".join(str(value) for value in arguments.values())

    def report(step: int, steps: int, loss: float) -> None:
        _answer(report=[title, step, steps, loss])

    return report if is_here() else None


# Which files of the project a run reads; its key has to hold them.


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Note a file that is opened: data, a module, or a module's bytecode."""
    if event != "open" or not _read or isinstance(arguments[0], int):
        return
    path, _, flags = arguments
    if flags & os.O_ACCMODE == os.O_WRONLY:
        return
    file = os.path.realpath(os.fsdecode(path))
    if file.endswith(".pyc"):
        with suppress(ValueError):
            file = source_from_cache(file)
    inside = file.removeprefix(f"{ROOT}{os.sep}")
    if file == inside or file.startswith(_apart) or not os.path.isfile(file):
        return
    # Hidden folders and the notes of an installer are not the project's.
    if inside.startswith(".") or ".egg-info" in inside:
        return
    if file not in _neutral and not _is_for_lines():
        _read[-1].add(file)


def _is_for_lines() -> bool:
    """Tell whether lines of code are looked up, as for a traceback.

    PyTorch does so for all code that is running when it is first imported.
    """
    frame = sys._getframe(2)
    while frame and frame.f_globals.get("__name__") == "tokenize":
        frame = frame.f_back  # type: ignore[assignment]
    return bool(frame) and frame.f_globals.get("__name__") == "linecache"


@contextmanager
def reading() -> Iterator[set[str]]:
    """Give the set of the files that are read, which fills meanwhile.

    All modules of the project are imported anew, as in a process of its own,
    so that each is read: a run finds nothing that another one has left.
    """
    before = _forget()
    _read.append(set())
    try:
        yield _read[-1]
    finally:
        inner = _read.pop()
        if _read:
            _read[-1] |= inner
        _forget()
        sys.modules.update(before)
        for name, module in before.items():
            _attributes(name)[name.rpartition(".")[2]] = module


def _forget() -> dict[str, ModuleType]:
    """Drop the project's modules, except the machinery's; return them."""
    names = [n for n in sys.modules if n.partition(".")[0] == PROJECT]
    dropped = {n: sys.modules.pop(n) for n in names if n not in STAYS}
    for name in dropped:
        _attributes(name).pop(name.rpartition(".")[2], None)
    return dropped


def _attributes(name: str) -> dict[str, Any]:
    """Return what the package of a module holds; {} if it is dropped."""
    package = sys.modules.get(name.rpartition(".")[0])
    return vars(package) if package else {}
