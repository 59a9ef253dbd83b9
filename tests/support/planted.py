"""Plants bugs, one at a time, and sees whether the suite finds them.

Run by hand, all of them or those whose names hold one of the words:

    python -m tests.support.planted [word ...]

The bugs stand in tests/support/bugs/*.toml: a name, a file, a text that occurs
in it once, what is written in its place, and the tests that are run. Each bug
is planted in a copy of the working tree, never in the tree itself.
"""

import contextlib
import importlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from snippets.machinery.settings import CACHE, ROOT

BUGS = Path(__file__).with_name("bugs")
SHARE = 0.95  # of the bugs has to be found
SECONDS = 900  # for the tests of one bug
# Imported once, before each test run is forked off; nothing of the project.
HEAVY = ("torch", "matplotlib.figure", "mkdocs", "bs4", "hypothesis", "numpy")


class Bug(NamedTuple):
    """A wrong text in the place of an exact one, and who should notice."""

    name: str
    file: str
    exact: str
    wrong: str
    tests: list[str]

    @property
    def options(self) -> list[str]:
        """Return what pytest is told to run."""
        if self.file.startswith("docs/"):  # not what is about other pages
            return ["-k", f"not docs/ or {self.file}", *self.tests]
        return self.tests

    def planted(self, text: str) -> str:
        """Return the text of the file with the bug in it.

        Raises ValueError unless the exact text occurs once.
        """
        if (count := text.count(self.exact)) != 1:
            raise ValueError(f"{self.name}: the text occurs {count} times")
        return text.replace(self.exact, self.wrong)


def bugs() -> list[Bug]:
    """Return all bugs. Those of a file share its tests, if it names any."""
    found = []
    for path in sorted(BUGS.glob("*.toml")):
        read = tomllib.loads(path.read_text("utf-8"))
        shared = {"tests": read.get("tests", [])}
        found += [Bug(**(shared | bug)) for bug in read["bug"]]
    return found


@contextlib.contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of the working tree, and of what is kept, for a while."""
    command = "git ls-files -z --cached --others --exclude-standard".split()
    listed = subprocess.check_output(command, cwd=ROOT, text=True)
    with tempfile.TemporaryDirectory(prefix="planted-") as name:
        folder = Path(name).resolve() / "tree"
        for file in filter(None, listed.split("\0")):
            if (ROOT / file).exists():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, folder / file)
        if CACHE.exists():  # what a bug keeps must not be taken for right
            shutil.copytree(CACHE, folder.with_name("cache"))
        yield folder


class Failures:
    """Notes which tests fail, or cannot even be read."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def pytest_collectreport(self, report) -> None:
        self.pytest_runtest_logreport(report)

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            self.found.append(report.nodeid)


def _run(folder: Path, options: list[str], answer: Callable) -> None:
    """Run tests of a copy, in a process of its own; answer what failed."""
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ["EXECUTED_CACHE"] = str(folder.with_name("cache"))
    sys.dont_write_bytecode = True
    sys.path[:] = [str(folder), *(p for p in sys.path if p != str(ROOT))]
    for module in [*sys.modules]:
        if module.partition(".")[0] in ("snippets", "tests"):
            del sys.modules[module]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    log = os.open(folder.with_name("log"), flags)
    for stream in (1, 2):
        os.dup2(log, stream)
    failures = Failures()
    code = pytest.main(
        ["-q", "-n0", "-p", "no:cacheprovider", *options], plugins=[failures]
    )
    answer((int(code), failures.found))


def failed(folder: Path, options: list[str]) -> list[str]:
    """Return the tests that fail in a copy.

    Raises ValueError if pytest cannot run them.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(folder, options, theirs.send))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        return [f"not done after {SECONDS} s"]
    if not ours.poll():
        return ["the process died"]
    code, found = ours.recv()
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        raise ValueError(folder.with_name("log").read_text("utf-8"))
    return found


def finder(bug: Bug, folder: Path, known: Iterable[str]) -> str:
    """Return the first test that fails with the bug; none: an empty text.

    known: tests that fail without it.
    """
    file = folder / bug.file
    right = file.read_text("utf-8")
    file.write_text(bug.planted(right), "utf-8")
    skipped = [f"--deselect={test}" for test in known]
    try:
        return "".join(failed(folder, ["-x", *skipped, *bug.options])[:1])
    finally:
        file.write_text(right, "utf-8")


def main(words: list[str]) -> int:
    """Plant the bugs; return 0 if enough of them are found."""
    wanted = [
        bug for bug in bugs() if not words or any(w in bug.name for w in words)
    ]
    for name in HEAVY:
        importlib.import_module(name)
    missed, known = [], {}
    with copied() as folder:
        for bug in wanted:
            tests = tuple(bug.options)
            if tests not in known:
                known[tests] = failed(folder, bug.options)
                for test in known[tests]:
                    print(f"fails without a bug: {test}", flush=True)
            found = finder(bug, folder, known[tests])
            print(f"{bug.name:40} {found or 'NOT FOUND'}", flush=True)
            if not found:
                missed.append(bug)
    share = 1 - len(missed) / len(wanted)
    print(f"\n{len(wanted) - len(missed)} of {len(wanted)} found: {share:.1%}")
    for bug in missed:
        print(f"not found: {bug.name}, {bug.file}: {bug.wrong!r}")
    return int(share < SHARE or any(known.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
