"""Notes which files of the project a run reads; its key has to hold them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import source_from_cache
from types import ModuleType
from typing import Any

from snippets.machinery.closure import CONTENT, NEUTRAL, PROJECT
from snippets.machinery.settings import CACHE, ROOT

STAYS = NEUTRAL | {CONTENT, PROJECT, CONTENT.rpartition(".")[0]}
_apart = tuple(f"{os.path.realpath(p)}{os.sep}" for p in (CACHE, sys.prefix))
_machinery = {f"{ROOT / name.replace('.', os.sep)}.py" for name in NEUTRAL}
_read: list[set[str]] = []  # by each run under way, the innermost last


def listen() -> None:
    """Note, from now on, what this process reads; it cannot be undone."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple) -> None:
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
    if file not in _machinery and not _is_for_lines():
        _read[-1].add(file)


def _is_for_lines() -> bool:
    """Tell whether lines of code are looked up, as for a traceback.

    PyTorch does so for all code that is running when it is first imported.
    """
    frame = sys._getframe(2)
    while frame and frame.f_globals.get("__name__") == "tokenize":
        frame = frame.f_back
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
    """Drop the project's modules, but for the machinery; return them."""
    names = [n for n in sys.modules if n.partition(".")[0] == PROJECT]
    dropped = {n: sys.modules.pop(n) for n in names if n not in STAYS}
    for name in dropped:
        _attributes(name).pop(name.rpartition(".")[2], None)
    return dropped


def _attributes(name: str) -> dict[str, Any]:
    """Return what the package of a module holds; {} if it is dropped."""
    package = sys.modules.get(name.rpartition(".")[0])
    return vars(package) if package else {}
