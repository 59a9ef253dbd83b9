"""What runs when something is missing, and how it ends."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from snippets.machinery import key as keys
from snippets.machinery import pool, run, store
from snippets.machinery.pool import Progress, Report
from snippets.machinery.run import Run
from tests.support.tiny import LISTENS, Project

# Each function notes that it ran.
NOTED_RESULTS = """\
from snippets.adding import add


def {name}():
    with open("ran.txt", "a") as file:
        file.write("{name}\\n")
    return add(3, 4)
"""
NOTED_FIGURE = NOTED_RESULTS.replace(
    "return add(3, 4)",
    """figure = new_figure(2)
    figure.subplots().plot([0, 1])
    return figure""",
).replace(
    "from snippets.adding import add",
    "from snippets.figures.style import new_figure",
)


FIGURE = """\
```figure run="drawn.line"
A line.
```
"""


@pytest.fixture
def noted(tmp_path) -> Project:
    """A project with a figure and two values, one of which uses a snippet."""
    project = Project(tmp_path / "project")
    project.write("snippets/adding.py", "from snippets.deep import add\n")
    project.write("snippets/deep.py", "def add(a, b):\n    return a + b\n")
    project.write("snippets/other.py", "def add(a, b):\n    return a + b\n")
    drawn = NOTED_FIGURE.format(name="line").replace(
        "():\n", '():\n    """A line."""\n', 1
    )
    project.write("snippets/figures/drawn.py", drawn)
    found = NOTED_RESULTS.format(name="seven")
    project.write("snippets/results/found.py", found)
    apart = NOTED_RESULTS.format(name="apart").replace("adding", "other")
    project.write("snippets/results/alone.py", apart)
    values = "`#!value found.seven` and `#!value alone.apart`"
    project.page(f"# Page\n\n{values}\n\n{FIGURE}")
    return project


def ran(project: Project) -> list[str]:
    """Return the functions that ran since the last call."""
    file = project.folder / "ran.txt"
    names = file.read_text().split() if file.exists() else []
    file.unlink(missing_ok=True)
    return sorted(names)


def test_cache_of_runs(noted):
    first = noted.build()
    assert first.status == 0, first.log
    assert ran(noted) == ["apart", "line", "seven"]

    # Nothing has changed: nothing runs, and no heavy library is needed.
    no_libraries = (
        "import sys; sys.modules.update(torch=None, matplotlib=None)"
    )
    second = noted.build(before=no_libraries)
    assert second.status == 0, second.log
    assert ran(noted) == []
    assert second.files() == first.files()

    # A module two imports away has changed: only what needs it runs.
    noted.write("snippets/deep.py", "def add(a, b):\n    return a * b\n")
    third = noted.build()
    assert ran(noted) == ["seven"]
    assert b">12<" in third.files()["index.html"]

    # One entry is cut off, one altered: both runs are repeated.
    for path in (noted.folder / ".cache" / "runs").iterdir():
        text = path.read_text()
        if "svg" in text:
            path.write_text(text[: len(text) // 2])
        else:
            path.write_text(text.replace('"value": 7', '"value": 8'))
    fourth = noted.build()
    assert ran(noted) == ["apart", "line"]
    assert fourth.files() == third.files()


# Nothing below the cache can be written, made, moved or marked.
READ_ONLY = """\
import os, sys
from snippets.machinery.settings import CACHE

def refuse(event, arguments):
    if event == "open":
        path, _, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR)
    else:
        path, writes = arguments[0], event in (
            "os.mkdir", "os.rename", "os.utime", "os.remove"
        )
    if writes and str(path).startswith(str(CACHE)):
        raise OSError(30, os.strerror(30), path)

sys.addaudithook(refuse)
"""


def test_a_cache_is_read_when_it_cannot_be_written_and_named_else(noted):
    first = noted.build()
    assert first.status == 0, first.log
    warm = noted.build(before=READ_ONLY)
    assert warm.status == 0, warm.log
    assert warm.files() == first.files()

    noted.write("snippets/deep.py", "def add(a, b):\n    return a * b\n")
    cold = noted.build(before=READ_ONLY)
    cache = noted.folder / ".cache"
    reason = f"cannot keep results in {cache}/runs: Read-only file system"
    assert cold.status != 0
    assert reason in cold.log

    [entry] = [
        path
        for path in (cache / "runs").iterdir()
        if "svg" in path.read_text()
    ]
    entry.unlink()
    entry.mkdir()
    built = noted.build()
    assert built.status != 0
    assert f"cannot keep results in {entry}: Is a directory" in built.log

    cache.rename(noted.folder / "moved")
    cache.write_text("")
    built = noted.build()
    assert built.status != 0
    assert f"cannot keep results in {cache}/runs: " in built.log


def test_two_cold_builds_are_identical(noted):
    one = noted.build(site="one", EXECUTED_CACHE="a", PYTHONHASHSEED="1")
    # Nor does it matter how Python is started, and what figures are like
    # elsewhere on the machine.
    noted.write("matplotlibrc", "axes.xmargin: 0.4\nlines.marker: o\n")
    two = noted.build(
        site="two",
        EXECUTED_CACHE="b",
        PYTHONHASHSEED="2",
        PYTHONOPTIMIZE="2",
        MPLBACKEND="TkAgg",
    )
    assert (one.status, two.status) == (0, 0), one.log + two.log
    assert ran(noted) == 2 * ["apart"] + 2 * ["line"] + 2 * ["seven"]
    assert one.files().keys() == two.files().keys()
    for name, content in one.files().items():
        assert two.files()[name] == content, name


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: io.StringIO) -> str:
    progress = Progress(out)
    progress.show(Report("additive", 25, 100, 0.75))
    progress.clear()
    return out.getvalue()


def test_progress_is_shown_on_a_terminal_and_leaves_no_trace():
    text = shown(Terminal())
    assert "additive step 25/100 loss 0.750, 0 s left" in text
    assert text.endswith("\r\x1b[K")


def test_progress_is_silent_elsewhere():
    assert shown(io.StringIO()) == ""


def test_time_left_follows_from_the_time_so_far():
    progress = Progress(io.StringIO())
    progress.show(Report("x", 25, 100, 1.0))
    now = progress.begun["x"] + 10
    assert progress.line(now).endswith("30 s left")


FAULTY = """\
import os
import signal
import subprocess
import sys
import time

SLEEP = [sys.executable, "-c", "import time; time.sleep(300)"]


def hang(name="one"):
    child = subprocess.Popen(SLEEP)
    with open("ran.txt", "a") as file:
        file.write(f"{name} {os.getpid()} {child.pid}\\n")
    child.wait()


def beside():
    hang("beside")


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)


def leaves():
    child = subprocess.Popen(SLEEP)
    with open("ran.txt", "a") as file:
        file.write(f"leaves {os.getpid()} {child.pid}\\n")
    os._exit(3)


def fails():
    while not os.path.exists("ran.txt"):
        time.sleep(0.1)
    raise ValueError("no")


def fine():
    print("a line that is no answer", flush=True)
    sys.stdin.read()
    return 7
"""
ASKING = """\
import json, os, time
from snippets.machinery import key as keys
from snippets.machinery import pool, run, store
from snippets.machinery.run import Run, RunFailed

os.cpu_count = lambda: 2
told = {}


def ask(name, *beside):
    names = [Run("snippets.results.faulty", one) for one in (name, *beside)]
    try:
        told[name] = pool.result(names[0], lambda: names)["value"]
    except RunFailed as failed:
        told[name] = failed.reason


begun = time.monotonic()
ask("fails", "beside")
told["soon"] = time.monotonic() - begun < 60
pool.TIME_LIMIT = 2
for name in "killed", "crashes", "leaves", "hang", "hang", "fine", "fails":
    ask(name)
print(json.dumps(told))
"""


@pytest.fixture
def faulty(tmp_path) -> Project:
    project = Project(tmp_path / "project")
    project.write("snippets/results/faulty.py", FAULTY)
    return project


def started(project: Project) -> dict[str, list[int]]:
    """Return the processes that functions have noted, by what they note."""
    file = project.folder / "ran.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    found: dict[str, list[int]] = {}
    for name, *numbers in map(str.split, lines):
        found[name] = [*found.get(name, []), *map(int, numbers)]
    return found


def is_alive(process: int) -> bool:
    """Tell whether a process runs; one that only waits to be read does not."""
    listing = Path(f"/proc/{process}/stat")
    if listing.parents[1].exists():
        try:
            return listing.read_text().rpartition(") ")[2][0] not in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def assert_gone(processes: list[int]) -> None:
    """Assert that processes have ended, or do so at once."""
    until = time.monotonic() + 10
    while left := [one for one in processes if is_alive(one)]:
        assert time.monotonic() < until, left
        time.sleep(0.1)


def test_a_run_that_leaves_does_not_end_the_build_as_if_all_were_well(faulty):
    faulty.write(
        "snippets/results/leaving.py",
        "import sys\n\n\ndef one():\n    sys.exit(0)\n",
    )
    faulty.page("# Page\n\nIt is `#!value leaving.one`.\n")
    built = faulty.build()
    assert built.status == 1
    place = "snippets/results/leaving.py:5"
    assert f"{place}: called sys.exit(0)" in built.log
    assert built.files() == {}


def test_nothing_is_left_of_a_run_that_fails_hangs_or_dies(faulty):
    said = faulty.python("-c", ASKING).stdout
    where = "snippets/results/faulty.py:39"
    assert json.loads(said.splitlines()[-1]) == {
        # At once, not when what runs beside it is done.
        "fails": f"{where}: ValueError: no",
        "soon": True,
        "killed": "the process died: SIGKILL",
        "crashes": "the process died: SIGSEGV",
        "leaves": "the process died: status 3",
        "hang": "not done after 2 s",
        "fine": 7,
    }
    processes = started(faulty)
    # What has failed is not tried a second time.
    assert {name: len(them) for name, them in processes.items()} == {
        "beside": 2,
        "leaves": 2,
        "one": 2,
    }
    assert_gone([one for them in processes.values() for one in them])


KEEPING = f"""\
{LISTENS}import sys
from snippets.machinery.kept import kept
from snippets.results.faulty import hang
kept(hang, name=sys.argv[1])
"""
ENDS = {
    "SIGINT to all": signal.SIGINT,
    "SIGINT": signal.SIGINT,
    "SIGTERM": signal.SIGTERM,
    "SIGKILL": signal.SIGKILL,
}


def test_nothing_is_left_of_a_build_that_is_stopped(faulty):
    builds = {
        name: subprocess.Popen(
            [sys.executable, "-c", KEEPING, name.replace(" ", "-")],
            cwd=faulty.folder,
            env={**os.environ, "PYTHONPATH": str(faulty.folder)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for name in ENDS
    }
    until = time.monotonic() + 120
    while len(started(faulty)) < len(ENDS):
        assert time.monotonic() < until, started(faulty)
        time.sleep(0.1)
    processes = started(faulty)
    for name, build in builds.items():
        send = os.killpg if name.endswith("all") else os.kill
        send(build.pid, ENDS[name])
        assert build.wait(30) != 0
        assert_gone(processes[name.replace(" ", "-")])


PLANNED = {
    "results/trainings": """\
STAGES = [
    {"snippets.one.train": [{"seed": 1}, {"seed": 2}],
     "snippets.two.train": [{"seed": 1}],
     "snippets.three.train": [{"seed": 1}]},
    {"snippets.late.measure": [{"seed": 1}],
     "snippets.apart.measure": [{"seed": 1}]},
]
""",
    "one": "",
    "two": "",
    "three": "",
    "late": "import snippets.one",
    "apart": "",
    "results/page": "import snippets.late, snippets.two, snippets.apart",
    "results/plain": "",
}


def test_a_run_waits_for_what_it_imports_and_for_nothing_else(
    tmp_path, monkeypatch
):
    for name, text in PLANNED.items():
        path = tmp_path / f"snippets/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(keys, "ROOT", tmp_path)
    monkeypatch.setattr(run, "RESULTS", tmp_path / "runs")
    one, again, two, late, apart = (
        Run(f"snippets.{module}", function, json.dumps({"seed": seed}))
        for module, function, seed in (
            ("one", "train", 1),
            ("one", "train", 2),
            ("two", "train", 1),
            ("late", "measure", 1),
            ("apart", "measure", 1),
        )
    )
    page = Run("snippets.results.page", "table")
    plain = Run("snippets.results.plain", "table")
    planned = pool.plan([plain, page])
    # What is needed, the longest first, as it is listed; then the pages.
    assert [*planned] == [one, again, two, late, apart, page, plain]
    assert planned == {
        **{one: set(), again: set(), two: set(), apart: set(), plain: set()},
        late: {one, again},
        page: {one, again, two, late, apart},
    }
    # What is kept is not done again.
    store.save(run.entry(again), {"json": 1})
    planned = pool.plan([page])
    assert planned[late] == {one}
    assert again not in planned
