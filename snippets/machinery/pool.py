"""Runs what pages ask for and what is not kept yet, on all cores."""

import json
import logging
import math
import os
import queue
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NamedTuple, TextIO

from snippets.machinery import settings, store
from snippets.machinery.content import ENVIRONMENT
from snippets.machinery.key import closure, module_path
from snippets.machinery.run import (
    RESULTS,
    Run,
    RunFailed,
    check,
    entry,
    stored,
)
from snippets.machinery.settings import CACHE, ROOT

log = logging.getLogger("mkdocs.machinery")
TIME_LIMIT = 600.0  # seconds for one run
PATIENCE = 0.5  # seconds in which a process may end by itself
START = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
    "from snippets.machinery.worker import main; main()"
)
_results: dict[Run, dict[str, Any] | RunFailed] = {}


def forget() -> None:
    """Look everything up again: a new build begins."""
    _results.clear()


def result(run: Run, wanted: Callable[[], Iterable[Run]]) -> dict[str, Any]:
    """Return what a function gives, from the cache or by running it.

    If it is not kept, all that lacks of what is `wanted` and the trainings
    that it needs run side by side. What it warned of stands in `warnings`.

    Raises RunFailed for the first of them that fails; the others are stopped.
    """
    if run not in _results:
        try:
            check(run)
            if stored(run) is None:
                _run_missing({run, *wanted()})
            _results[run] = _done(run)
        except RunFailed as failed:  # and is not tried a second time
            _results[failed.run or run] = failed
            _results[run] = failed.seen_from(run)
    known = _results[run]
    if isinstance(known, RunFailed):
        raise known
    return known


def _run_missing(wanted: set[Run]) -> None:
    for run in sorted(wanted):
        if isinstance(failed := _results.get(run), RunFailed):
            raise failed
        check(run)
    run_all(plan(run for run in wanted if stored(run) is None))


def plan(runs: Iterable[Run]) -> dict[Run, set[Run]]:
    """Return what has to run, the longest first, and what each waits for.

    This is each of `runs`, and before them the kept work that they need and
    that lacks. A run needs the functions that its module imports, and the
    modules that this one imports.
    """
    runs = sorted(runs)
    needed = closure(*{run.module for run in runs})
    waits: dict[Run, set[Run]] = {}
    for stage in _trainings():
        for run in stage:  # all: a page may need them another time
            store.has(entry(run))
        asked = [r for r in stage if r.module in needed and stored(r) is None]
        waits |= {run: _needs(run, waits) for run in asked}
    return waits | {run: _needs(run, waits) for run in runs}


def _needs(run: Run, earlier: Iterable[Run]) -> set[Run]:
    modules = closure(run.module)
    return {one for one in earlier if one.module in modules}


def _trainings() -> Iterator[list[Run]]:
    """Yield the kept work that is done first, stage by stage.

    STAGES of the trainings' module names each function and what it is called
    with, the longest first; what a later stage needs stands in an earlier
    one. The file is read without importing it, so that an edited one is read
    again.
    """
    path = module_path(settings.load().trainings)
    try:
        stages = runpy.run_path(str(path))["STAGES"] if path else []
    except (Exception, SystemExit) as error:
        raise RunFailed.because(error) from None
    for stage in stages:
        yield [
            Run(module, function, json.dumps(given, sort_keys=True))
            for name, calls in stage.items()
            for module, _, function in [name.rpartition(".")]
            for given in calls
        ]


def run_alone(run: Run) -> dict[str, Any]:
    """Run a function in a process of its own and return what is kept."""
    run_all({run: set()})
    return _done(run)


def _done(run: Run) -> dict[str, Any]:
    if (found := stored(run)) is None:
        raise RunFailed(f"{entry(run)} was deleted meanwhile", run=run)
    return found


def keep_all(
    calls: Iterable[tuple[Callable[..., Any], dict[str, Any]]],
) -> None:
    """Do what kept() would do for each function and its arguments.

    What is missing is done side by side. Raises RunFailed for the first that
    fails; what is done by then is kept.
    """
    wanted = dict.fromkeys(Run.of(*call) for call in calls)
    try:
        run_all({run: set() for run in wanted if stored(run) is None})
    except RunFailed as failed:
        raise failed.seen_from(None) from None


class Worker:
    """A process that runs one function at a time, in a group of its own."""

    def __init__(self, answers: "queue.SimpleQueue[tuple[Worker, str]]"):
        """Start it; each line that it writes goes to `answers`."""
        self.run: Run | None = None
        self.begun = math.inf
        cache = {"EXECUTED_CACHE": str(CACHE), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", START],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT, **cache},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        assert self.process.stdin and self.process.stdout
        self.asked = self.process.stdin
        self.told = self.process.stdout
        self._write(asdict(settings.load()))
        threading.Thread(
            target=self._listen, args=(answers,), daemon=True
        ).start()

    def _write(self, line: Any) -> None:
        with suppress(BrokenPipeError):  # it has died, which is seen later
            self.asked.write(json.dumps(line) + "\n")
            self.asked.flush()

    def _listen(
        self, answers: "queue.SimpleQueue[tuple[Worker, str]]"
    ) -> None:
        with self.told:
            for line in self.told:
                answers.put((self, line))

    def start(self, run: Run) -> None:
        """Begin to run a function."""
        self.run, self.begun = run, math.inf
        self._write(run)

    def check(self) -> None:
        """Raise RunFailed if the run will never end."""
        if (code := self.process.poll()) is not None:
            reason = f"the process died: {_status(code)}"
        elif time.monotonic() > self.begun + TIME_LIMIT:
            reason = f"not done after {TIME_LIMIT:g} s"
        else:
            return
        raise RunFailed(reason, run=self.run)

    def leave(self) -> None:
        """Let the process end itself, and all that it has started."""
        with suppress(BrokenPipeError):
            self.asked.close()

    def stop(self) -> None:
        """End the process if it has not left, and all that it has started."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


def _status(code: int) -> str:
    """Name the signal that ended a process, or its status."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"status {code}"


def run_all(waits: dict[Run, set[Run]]) -> None:
    """Run functions side by side, each when what it waits for is done.

    Raises RunFailed as soon as one fails. Then, and however else this ends,
    what was started is stopped.
    """
    if not waits:
        return
    try:
        store.prepare(RESULTS)
    except store.StoreError as error:
        raise RunFailed(str(error)) from None
    most = min(len(waits), os.cpu_count() or 1)
    log.info("running %d functions in %d processes", len(waits), most)
    waiting, undone = dict(waits), set(waits)
    # Fresh processes: an edited snippet is never run from memory.
    workers: list[Worker] = []
    answers: queue.SimpleQueue[tuple[Worker, str]] = queue.SimpleQueue()
    progress = Progress()
    try:
        while undone:
            for run in _ready(waiting, undone):
                idle = [worker for worker in workers if not worker.run]
                if not idle and len(workers) == most:
                    break
                if not idle:
                    idle = [Worker(answers)]
                    workers += idle
                del waiting[run]
                idle[0].start(run)
            with suppress(queue.Empty):
                worker, line = answers.get(timeout=0.1)
                told = json.loads(line)
                if "begun" in told:
                    worker.begun = time.monotonic()
                elif "report" in told:
                    progress.show(Report(*told["report"]))
                elif told["failed"]:
                    reason, detail, failed = told["failed"]
                    raise RunFailed(reason, detail, Run(*failed))
                else:
                    took = time.monotonic() - worker.begun
                    log.debug("%6.1f s: %s", took, worker.run)
                    undone -= {worker.run}
                    worker.run, worker.begun = None, math.inf
            for worker in workers:
                worker.check()
    finally:
        progress.clear()
        for worker in workers:
            worker.leave()
        for worker in workers:
            worker.stop()
    store.trim(RESULTS)


def _ready(waiting: dict[Run, set[Run]], undone: set[Run]) -> list[Run]:
    return [run for run, needs in waiting.items() if not needs & undone]


class Report(NamedTuple):
    """What a running function says of itself."""

    name: str
    step: int
    steps: int
    loss: float


class Progress:
    """One line on the terminal that says how far long runs have come."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Write to `out` (the standard error), if it is a terminal."""
        self.out = out or sys.stderr
        self.latest: dict[str, Report] = {}
        self.begun: dict[str, float] = {}

    def show(self, report: Report) -> None:
        """Write the line anew."""
        self.begun.setdefault(report.name, time.monotonic())
        self.latest[report.name] = report
        if report.step >= report.steps:
            del self.latest[report.name]
        self._write(self.line(time.monotonic())[:160])

    def line(self, now: float) -> str:
        """Return what the line says."""
        parts = []
        for name, step, steps, loss in self.latest.values():
            left = (now - self.begun[name]) * (steps - step) / max(step, 1)
            told = f"{name} step {step}/{steps} loss {loss:.3f}"
            parts.append(f"{told}, {left:.0f} s left")
        return " | ".join(parts)

    def clear(self) -> None:
        """Leave the line empty."""
        self._write("")

    def _write(self, text: str) -> None:
        if self.out.isatty():
            self.out.write(f"\r\033[K{text}")
            self.out.flush()
