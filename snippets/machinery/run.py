"""A run: which function is called with what, its entry, and its failure."""

import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from snippets.machinery import store
from snippets.machinery.content import Refused
from snippets.machinery.key import (
    PROJECT,
    CodeError,
    code,
    module_path,
    run_key,
)
from snippets.machinery.settings import CACHE, ROOT

RESULTS = CACHE / "runs"
# What calls the project's functions, among whose files it stands.
MACHINERY = f"{os.path.dirname(__file__)}{os.sep}"
OWN = f"{ROOT / PROJECT}{os.sep}"


class RunFailed(Exception):
    """A function of the project is missing, failed or took too long.

    `reason` says so in one line; `detail` is the traceback, which starts in
    the project's own code, or empty. `run` is what failed, if it is known:
    not always what was asked for, which may need it.
    """

    def __init__(
        self, reason: str, detail: str = "", run: "Run | None" = None
    ) -> None:
        """Say what is wrong."""
        super().__init__(reason, detail, run)
        self.reason, self.detail, self.run = reason, detail, run

    def __str__(self) -> str:
        """Write the reason and, below it, the traceback."""
        return "\n".join(filter(None, (self.reason, self.detail)))

    def seen_from(self, asked: "Run | None") -> "RunFailed":
        """Return it with the name of what failed, unless that was asked for.

        What failed then is what this needs, or what runs beside it.
        """
        if self.run in (None, asked):
            return self
        return RunFailed(f"{self.run}: {self.reason}", self.detail, self.run)

    @classmethod
    def because(
        cls, error: BaseException, run: "Run | None" = None
    ) -> "RunFailed":
        """Say what an exception means that came out of a function."""
        stack = traceback.extract_tb(error.__traceback__)
        own = [
            number
            for number, frame in enumerate(stack)
            if frame.filename.startswith(OWN)
            and not frame.filename.startswith(MACHINERY)
        ]
        start = error.__traceback__
        for _ in range(own[0] if own else len(stack)):
            start = start.tb_next if start else None
        detail = "".join(traceback.format_exception(type(error), error, start))
        if isinstance(error, RunFailed):  # of what the function asked for
            return cls(error.reason, detail, error.run or run)
        if isinstance(error, Refused | CodeError):
            return cls(str(error), detail if own else "", run)
        place = ""
        if own:
            frame = stack[own[-1]]
            place = f"{frame.filename}:{frame.lineno}: "
        what = f"{type(error).__name__}: {error}"
        if isinstance(error, SyntaxError) and error.filename:
            place = f"{error.filename}:{error.lineno or 1}: "
            what = f"{type(error).__name__}: {error.msg}"
        elif isinstance(error, SystemExit):
            status = "" if error.code is None else repr(error.code)
            what = f"called sys.exit({status})"
        line = f"{place}{what}".rstrip(": ").splitlines()[0]
        return cls(line.replace(f"{ROOT}{os.sep}", ""), detail, run)


class Run(NamedTuple):
    """A function of the project: where it lives and what it is called."""

    module: str
    function: str
    arguments: str = ""  # JSON; only what is kept for others has any

    def __str__(self) -> str:
        """Write the call, for a message."""
        return f"{self.module}.{self.function}({self.arguments})"

    @classmethod
    def named(cls, package: str, name: str) -> "Run":
        """Read `topic.function` as it stands in a page.

        A third part, `topic.function.key`, is a key of the dict returned.
        """
        topic, function, *_ = [*name.split("."), ""]
        return cls(f"{package}.{topic}", function)

    @classmethod
    def of(cls, function: Callable[..., Any], given: dict[str, Any]) -> "Run":
        """Name a function of the project and what it is called with.

        Raises ValueError for one that cannot be imported by its name, and
        for arguments that JSON would alter.
        """
        module = getattr(function, "__module__", None) or ""
        name = getattr(function, "__qualname__", repr(function))
        is_class = isinstance(function, type)
        if is_class or not name.isidentifier() or not module_path(module):
            raise ValueError(
                f"{module}.{name} is no function of a module of the project"
            )
        try:
            text = json.dumps(given, sort_keys=True)
        except TypeError:
            text = "null"
        if json.loads(text) != given:
            raise ValueError(f"{module}.{name}: {given} is no JSON")
        return cls(module, name, text)

    @property
    def key(self) -> str:
        """Return the name of this run's entry in the cache.

        Raises RunFailed if the code cannot be read.
        """
        try:
            return run_key(*self)
        except CodeError as error:
            raise RunFailed(str(error), run=self) from None


def check(run: Run) -> None:
    """Raise RunFailed unless the function stands in its module."""
    try:
        found = code(run.module)
    except CodeError as error:
        raise RunFailed(str(error), run=run) from None
    if not found:
        raise RunFailed(f"there is no module {run.module}", run=run)
    if run.function in found.classes:
        name = f"{run.module}.{run.function}"
        raise RunFailed(f"{name} is a class, not a function", run=run)
    if run.function not in found.docstrings:
        reason = f"{run.module} has no function {run.function!r}"
        raise RunFailed(reason, run=run)


def entry(run: Run) -> Path:
    """Return the file that keeps the result of `run`."""
    return RESULTS / f"{run.key}.json"


def stored(run: Run) -> dict[str, Any] | None:
    """Return the kept result of `run`; None if there is none."""
    found: dict[str, Any] | None = store.load(entry(run))
    return found
