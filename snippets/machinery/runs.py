"""Finds what pages ask for, runs what is not known yet, on all cores."""

import json
import logging
import multiprocessing
import os
import re
import runpy
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as RunTimeout
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pebble import ProcessExpired, ProcessPool

from snippets.machinery import store, worker
from snippets.machinery.closure import closure, module_path, run_key
from snippets.machinery.content import ENVIRONMENT
from snippets.machinery.progress import Progress
from snippets.machinery.settings import CACHE, DOCS

log = logging.getLogger("mkdocs.snippets")
TIME_LIMIT = 600  # seconds for one run

TRAININGS = "snippets.results.trainings"
PACKAGES = {
    "figure": "snippets.figures",
    "table": "snippets.results",
    "output": "snippets.results",
    "value": "snippets.results",
}
REFERENCE = re.compile(
    r"^[ >]*(?:`{3,}|~{3,})[ ]*(?P<fence>figure|table|output)\b[^\n]*?"
    r'\brun="(?P<run>[^"\n]+)"|`+[ ]*(?:\#!|:::)value[ ]+(?P<value>[\w.]+)',
    re.M,
)


class RunFailed(Exception):
    """A function that a page asks for is missing, failed or took too long."""


class Run(NamedTuple):
    """A function of the project: where it lives and what it is called."""

    module: str
    function: str
    arguments: str = ""  # JSON; only what is kept for others has any

    def __str__(self) -> str:
        """Write the call, for a message."""
        return f"{self.module}.{self.function}({self.arguments})"

    @classmethod
    def named(cls, kind: str, name: str) -> "Run":
        """Read `topic.function` as it stands in a page.

        A third part, `topic.function.key`, is a key of the dict returned.
        """
        topic, function, *_ = [*name.split("."), ""]
        return cls(f"{PACKAGES[kind]}.{topic}", function)

    @classmethod
    def of(cls, function: Callable, arguments: dict[str, Any]) -> "Run":
        """Name a function of the project and what it is called with.

        Raises ValueError for one that cannot be imported by its name, and
        for arguments that JSON would alter.
        """
        module = getattr(function, "__module__", None) or ""
        name = getattr(function, "__qualname__", repr(function))
        if not name.isidentifier() or not module_path(module):
            raise ValueError(
                f"{module}.{name} is no function of a module of the project"
            )
        try:
            text = json.dumps(arguments, sort_keys=True)
        except TypeError:
            text = "null"
        if json.loads(text) != arguments:
            raise ValueError(f"{module}.{name}: {arguments} is no JSON")
        return cls(module, name, text)

    @property
    def key(self) -> str:
        """Return the name of this run's entry in the cache."""
        return run_key(*self)


def references() -> Iterator[tuple[str, str]]:
    """Yield kind and name of every run that the pages ask for."""
    for page in sorted(DOCS.rglob("*.md")):
        yield from page_references(page)


def page_references(page: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and name of every run that one page asks for."""
    for found in REFERENCE.finditer(page.read_text("utf-8")):
        if found["fence"]:
            yield found["fence"], found["run"]
        else:
            yield "value", found["value"]


def result(kind: str, name: str) -> dict[str, Any]:
    """Return what `name` gives, from the cache or by running it.

    The first result that is missing makes all missing ones of all pages run
    side by side: they do not depend on each other.

    Raises RunFailed with the traceback of the run.
    """
    run = Run.named(kind, name)
    if not (path := module_path(run.module)):
        raise RunFailed(f"there is no module {run.module}")
    if f"def {run.function}(" not in path.read_text("utf-8"):
        raise RunFailed(f"{run.module} has no function {run.function!r}")
    found = stored(run)
    if found is None:
        wanted = {run, *(Run.named(*pair) for pair in references())}
        missing = sorted(
            r for r in wanted if module_path(r.module) and stored(r) is None
        )
        for stage in stages(missing):
            for failed in run_all(stage).values():
                raise RunFailed(failed["error"])
        found = run_all(missing).get(run) or stored(run)
    assert found is not None
    if "error" in found:
        raise RunFailed(found["error"])
    if ("figure" in found) != (kind == "figure"):
        raise RunFailed(f"{run.module}.{run.function} returned no {kind}")
    for warning in found["warnings"]:
        log.warning("%s.%s warned: %s", run.module, run.function, warning)
    return found


def entry(run: Run) -> Path:
    """Return the file that keeps the result of `run`."""
    return CACHE / "runs" / f"{run.key}.json"


def stored(run: Run) -> dict[str, Any] | None:
    """Return the kept result of `run`; None if there is none."""
    return store.load(entry(run))


def stages(runs: list[Run]) -> Iterator[list[Run]]:
    """Yield, stage by stage, the kept work that `runs` need and that lacks.

    STAGES of snippets/results/trainings.py names each function and what it
    is called with, the longest first; what a later stage needs stands in an
    earlier one. The file is read without importing it, so that an edited one
    is read again.
    """
    path = module_path(TRAININGS)
    needed = closure(*{run.module for run in runs})
    for stage in runpy.run_path(str(path))["STAGES"] if path else []:
        wanted = [
            Run(*name.rpartition(".")[::2], json.dumps(given, sort_keys=True))
            for name, calls in stage.items()
            for given in calls
        ]
        for run in wanted:  # all: a page may need them another time
            store.has(entry(run))
        asked = [run for run in wanted if run.module in needed]
        yield [run for run in asked if stored(run) is None]


def keep_all(calls: Iterable[tuple[Callable, dict[str, Any]]]) -> None:
    """Do what kept() would do for each function and its arguments.

    What is missing is done side by side. Raises RunFailed with the first
    that failed, when all others are done and kept.
    """
    wanted = dict.fromkeys(Run.of(*call) for call in calls)
    missing = [run for run in wanted if stored(run) is None]
    for run, failed in run_all(missing).items():
        raise RunFailed(f"{run}\n{failed['error']}")


def run_here(run: Run, report: Any) -> dict[str, Any]:
    """Run a function, keep the result and return it.

    It runs in this process if that was started for runs, else in a new one.
    """
    if worker.is_here():
        found = worker.run(*run, entry(run), report)
    else:
        found = run_all([run]).get(run, {})
    if "error" in found:
        raise RunFailed(found["error"])
    kept = stored(run)
    assert kept is not None
    return kept


@contextmanager
def environment() -> Iterator[None]:
    """Set what the processes that are started meanwhile begin with."""
    before = {**os.environ}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_all(runs: list[Run]) -> dict[Run, dict[str, Any]]:
    """Run functions side by side; return the results of those that failed."""
    failed: dict[Run, dict[str, Any]] = {}
    if not runs:
        return failed
    workers = min(len(runs), os.cpu_count() or 1)
    log.info("running %d functions in %d processes", len(runs), workers)
    # A fresh process a build: an edited snippet is never run from memory.
    context = multiprocessing.get_context("spawn")
    reports = context.Queue()
    with (
        environment(),
        Progress(reports),
        ProcessPool(
            workers,
            context=context,
            initializer=worker.start,
            initargs=[reports],
        ) as pool,
    ):
        waiting = {
            run: pool.schedule(
                worker.run, args=[*run, entry(run)], timeout=TIME_LIMIT
            )
            for run in runs
        }
        for run, future in waiting.items():
            try:
                found = future.result()
            except RunTimeout:
                found = {"error": f"not done after {TIME_LIMIT} s"}
            except ProcessExpired as died:
                found = {"error": f"the process died: {died}, {died.exitcode}"}
            if "error" in found:
                failed[run] = found
    store.trim(CACHE / "runs")
    return failed
