"""Work that pages share: done first, once, kept; and every number listed."""

import io
import json
import os
import pickle
import queue
import re
import time

import pytest
import torch

from snippets.machinery import progress, store
from snippets.machinery.frozen import freeze, thaw
from snippets.machinery.kept import kept
from snippets.machinery.measurements import _numbers, _unit
from snippets.translator.number_words import make_splits
from tests.support.tiny import Built, Project

SLOW = """\
def train(seed, report=None):
    with open("ran.txt", "a") as file:
        file.write(f"train {seed}\\n")
    if report:
        report(1, 1, 0.5)
    return {"weights": [seed, 10 * seed]}
"""
LISTED = """\
TRAININGS = {"one": {"seed": 1}, "two": {"seed": 2}}
STAGES = [{"snippets.slow.train": [*TRAININGS.values()]}]
"""
RESULTS = """\
from snippets.machinery.kept import kept
from snippets.results.trainings import TRAININGS
from snippets.slow import train


def first():
    return kept(train, **TRAININGS["one"])["weights"][1]


def table():
    return [
        {"run": f"*{name}*", "weight": kept(train, **given)["weights"][0]}
        for name, given in TRAININGS.items()
    ]
"""
PAGE = """\
# Page

`#!value trained.first`

```table run="trained.table"
All of them.
```
"""


@pytest.fixture
def project(tmp_path) -> Project:
    project = Project(tmp_path / "project")
    project.write("snippets/slow.py", SLOW)
    project.write("snippets/results/trainings.py", LISTED)
    project.write("snippets/results/trained.py", RESULTS)
    project.page(PAGE)
    return project


def ran(project: Project) -> list[str]:
    file = project.folder / "ran.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return sorted(lines)


def entries(project: Project) -> set[str]:
    return {path.name for path in (project.folder / ".cache/runs").iterdir()}


def shows(built: Built, number: int) -> bool:
    page = built.files()["index.html"].decode()
    return f'data-run="trained.first">{number}<' in page


def test_shared_work_is_done_once_and_only_again_when_its_inputs_change(
    project,
):
    first = project.build()
    assert first.status == 0, first.log
    assert ran(project) == ["train 1", "train 2"]
    assert shows(first, 10)

    # What a page makes of it has changed: nothing is trained again.
    project.write(
        "snippets/results/trained.py", RESULTS.replace("[1]\n", "[0]\n")
    )
    second = project.build()
    assert ran(project) == []
    assert shows(second, 1)

    # One training has other settings: only that one is done.
    project.write("snippets/results/trained.py", RESULTS)
    other = LISTED.replace('{"seed": 2}', '{"seed": 3}')
    project.write("snippets/results/trainings.py", other)
    assert project.build().status == 0
    assert ran(project) == ["train 3"]

    # The training itself has changed: all of them are done, and what pages
    # make of them too, though their own module names it by an import alone.
    project.write("snippets/slow.py", SLOW.replace("10 *", "20 *"))
    last = project.build()
    assert ran(project) == ["train 1", "train 3"]
    assert shows(last, 20)


def test_what_cannot_change_a_result_runs_nothing(project):
    assert project.build().status == 0
    before = entries(project)
    ran(project)
    described = SLOW.replace(
        "report=None):\n", 'report=None):\n    """Train."""  # slowly\n\n'
    )
    for path, text in {
        "snippets/slow.py": f'"""Slow."""\n{described}',
        "snippets/results/trained.py": f"# Numbers.\n{RESULTS}",
    }.items():
        project.write(path, text)
    for name in ("progress", "runs", "worker", "store", "audit"):
        path = f"snippets/machinery/{name}.py"
        text = (project.folder / path).read_text()
        project.write(path, text.replace(" s left", " seconds left") + "#\n1")
    built = project.build()
    assert built.status == 0, built.log
    assert ran(project) == []
    assert entries(project) == before


MEASURE = """\
import os


def measure(seed):
    size = os.path.getsize("ran.txt")
    with open("ran.txt", "a") as file:
        file.write(f"measure {seed} after {size} bytes\\n")
    return seed
"""


def test_stages_are_done_one_after_the_other_and_only_what_is_needed(project):
    project.write("snippets/measuring.py", MEASURE)
    project.write("snippets/unused.py", MEASURE)
    more = """\
STAGES += [{
    "snippets.measuring.measure": [{"seed": 3}],
    "snippets.unused.measure": [{"seed": 4}],
}]
"""
    project.write("snippets/results/trainings.py", LISTED + more)
    uses = f"from snippets.measuring import measure\n{RESULTS}"
    project.write("snippets/results/trained.py", uses)
    built = project.build()
    assert built.status == 0, built.log
    assert ran(project) == ["measure 3 after 16 bytes", "train 1", "train 2"]


def test_a_damaged_entry_is_done_again(project):
    assert project.build().status == 0
    ran(project)
    for path in (project.folder / ".cache" / "runs").iterdir():
        text = path.read_text()
        path.write_text(text.replace('"weights": [', '"weights": [7, '))
        if '"value"' in text:
            path.unlink()
    again = project.build()
    assert again.status == 0, again.log
    assert ran(project) == ["train 1", "train 2"]
    assert shows(again, 10)


def test_a_training_that_fails_is_named_and_leaves_nothing(project):
    project.write("snippets/slow.py", SLOW.replace("10 * seed", "1 / 0"))
    built = project.build()
    assert built.status != 0
    assert "docs/index.md:5: table trained.table failed" in built.log
    assert "ZeroDivisionError" in built.log
    assert not built.site.exists() or not any(built.site.iterdir())
    runs = project.folder / ".cache" / "runs"
    assert not runs.exists() or not any(runs.iterdir())


# Functions that read what their keys do not hold.
HOLES = """\
import importlib
from pathlib import Path

from snippets.machinery.kept import kept
from snippets.nested import train

HERE = Path(__file__).parents[1]
NAMED = "named.json"


def imports():
    return importlib.import_module("snippets.hid" + "den").NUMBER


def imports_again():
    return imports()


def opens():
    return (HERE / ("rec" + "ord.json")).read_text()


def page():
    return (HERE.parent / "docs" / "index.md").read_text()


def asks():
    return kept(train)


def asks_by_text():
    hidden = importlib.import_module("snippets.hid" + "den")
    return kept(hidden.train)


def declares():
    with open("made.txt", "w") as file:
        file.write((HERE / NAMED).read_text())
    return kept(train, well=True)


def edits():
    path = HERE / "nested.py"
    path.write_text(path.read_text().replace("2", "3"))
    return 1
"""
NESTED = """\
import importlib


def train(well=False):
    if well:
        return 2
    return importlib.import_module("snippets.hid" + "den").NUMBER
"""
UNDECLARED = {
    "imports": ["snippets.results.holes.imports reads snippets/hidden.py"],
    "imports_again": [
        "snippets.results.holes.imports_again reads snippets/hidden.py"
    ],
    "opens": ["snippets.results.holes.opens reads snippets/record.json"],
    "page": ["snippets.results.holes.page reads docs/index.md"],
    "asks": ["snippets.nested.train reads snippets/hidden.py", "in asks"],
    "asks_by_text": [
        "snippets.results.holes.asks_by_text reads snippets/hidden.py"
    ],
    "declares": [],
    "edits": ["snippets.results.holes.edits was edited while it ran"],
}
ALL_AT_ONCE = """\
import json, os
os.cpu_count = lambda: 1  # one process, which must not remember
from snippets.machinery.runs import Run, run_all
names = {names}
runs = [Run("snippets.results.holes", name) for name in names]
failed = run_all(runs).items()
print(json.dumps({{run.function: found["error"] for run, found in failed}}))
"""


def test_a_run_fails_that_reads_what_its_key_does_not_hold(project, tmp_path):
    project.write("snippets/results/holes.py", HOLES)
    project.write("snippets/nested.py", NESTED)
    project.write(
        "snippets/hidden.py", "NUMBER = 1\n\n\ndef train():\n    return 1\n"
    )
    project.write("snippets/record.json", "1")
    project.write("snippets/named.json", "1")
    code = ALL_AT_ONCE.format(names=[*UNDECLARED])
    # The second import reads bytecode, far from the module.
    bytecode = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"),
    }
    said = project.python("-c", code, **bytecode)
    errors = json.loads(said.stdout.splitlines()[-1])
    for name, words in UNDECLARED.items():
        assert bool(words) == (name in errors), (name, said.stdout)
        for word in words:
            assert word in errors[name]


SCRIPT = """\
import os

from snippets.machinery.kept import kept
from snippets.machinery.runs import RunFailed, keep_all
from snippets.process import threads

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "7"
    calls = [(threads, {"name": name}) for name in ("a", "wrong", "b", "a")]
    try:
        keep_all(calls)
    except RunFailed as error:
        print("wrong" in str(error), "no name" in str(error))
    print(kept(threads, name="a")[1], kept(threads, name="b")[1])
    process, _ = kept(threads, name="c")
    print(process == os.getpid(), os.environ["OMP_NUM_THREADS"])
"""
PROCESS = """\
import os


def threads(name):
    with open("ran.txt", "a") as file:
        file.write(f"{name}\\n")
    if name == "wrong":
        raise ValueError("no name")
    return [os.getpid(), os.environ["OMP_NUM_THREADS"]]
"""


def test_a_script_keeps_as_a_build_does(project):
    project.write("snippets/script.py", SCRIPT)
    project.write("snippets/process.py", PROCESS)
    said = project.python("-m", "snippets.script").stdout
    assert said.split() == "True True 1 1 False 7".split(), said
    assert ran(project) == ["a", "b", "c", "wrong"]


def nested_function():
    def inside():
        pass

    return inside


@pytest.mark.parametrize(
    "function", [lambda: 0, nested_function(), len, Project.build, print]
)
def test_what_no_import_names_is_not_kept(function):
    name = getattr(function, "__qualname__", repr(function))
    with pytest.raises(ValueError, match=re.escape(name)):
        kept(function)


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, torch.ones(2)])
def test_arguments_that_json_would_alter_are_refused(value):
    with pytest.raises(ValueError, match=r"make_splits.*no JSON"):
        kept(make_splits, given=value)


def same(one, two) -> bool:
    """Tell whether two values are alike to the last bit, and in type."""
    if type(one) is not type(two):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == two.dtype and (
            one.numpy().tobytes() == two.numpy().tobytes()
        )
    if isinstance(one, dict):
        return same([*one.items()], [*two.items()])
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return one == two


@pytest.mark.parametrize(
    "value",
    [
        [1, 0.1, "ä", None, True, {"a": [1e-320]}],
        {"by_length": {(1, 5): 0.99, (6, 7): (1, [2])}, 3: ()},
        # JSON would write these, but otherwise.
        {3: 4},
        [(1, 2)],
        {
            "state": torch.nn.Linear(3, 2).state_dict(),
            "odd": torch.tensor([float("nan"), -0.0, 1e-40, 1 / 3]),
            "words": torch.arange(3),
            "half": torch.tensor(0.1, dtype=torch.float64),
        },
    ],
)
def test_what_is_kept_comes_back_alike_to_the_last_bit(tmp_path, value):
    store.save(tmp_path / "entry.json", freeze(value))
    assert same(thaw(store.load(tmp_path / "entry.json")), value)


def test_objects_that_could_run_code_when_read_are_refused():
    with pytest.raises(pickle.UnpicklingError, match="Terminal"):
        freeze({"out": Terminal()})


def test_entries_not_asked_for_are_dropped_and_the_oldest_first(
    tmp_path, monkeypatch
):
    now = time.time()
    for days in (1, 2, 29, 31, 40):
        store.save(tmp_path / f"{days}.json", {"value": days})
        os.utime(tmp_path / f"{days}.json", 2 * (now - days * 24 * 3600,))
    assert store.load(tmp_path / "40.json") == {"value": 40}  # is asked for
    store.trim(tmp_path)
    left = {path.stem for path in tmp_path.iterdir()}
    assert left == {"1", "2", "29", "40"}
    size = (tmp_path / "1.json").stat().st_size
    monkeypatch.setattr(store, "BYTES", 3 * size + 9)
    store.trim(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {"1", "2", "40"}


def test_a_build_that_runs_something_trims_and_keeps_what_is_listed(project):
    assert project.build().status == 0
    ran(project)
    runs = project.folder / ".cache" / "runs"
    (runs / "old.json").write_text("{}")
    for path in runs.iterdir():
        os.utime(path, (0, 0))
        if '"value"' in path.read_text():
            path.unlink()
    assert project.build().status == 0
    assert ran(project) == []
    assert not (runs / "old.json").exists()
    assert len([*runs.iterdir()]) == 4


def test_every_number_is_in_one_file(project):
    built = project.build()
    assert built.status == 0, built.log
    entries = json.loads(built.files()["measurements.json"])
    page = {"page": "index.md", "function": "snippets.results.trained.table"}
    count = {"unit": "count"}
    assert entries == [
        {
            "name": "trained.first",
            "value": 10,
            "page": "index.md",
            "function": "snippets.results.trained.first",
        }
        | count,
        {"name": "trained.table: one, weight", "value": 1} | count | page,
        {"name": "trained.table: two, weight", "value": 2} | count | page,
    ]


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (3, "count"),
        (0.5, "number"),
        ("0.79", "number"),
        ("99.7%", "percent"),
        ("70.3% to 74.4%", "percent"),
        ("3.11.7", "text"),
        ("seven", "text"),
    ],
)
def test_units(value, unit):
    assert _unit(value) == unit


def test_links_and_emphasis_are_no_part_of_a_name():
    row = {"kind": "[dot](dot.html)", "*found* `words`": "10%"}
    assert [*_numbers("table", "a.b", [row])] == [
        ("a.b: dot, found words", "10%")
    ]


def test_a_caption_can_hold_a_value(project):
    project.page(PAGE.replace("All of them.", "With `#!value trained.first`."))
    built = project.build()
    assert built.status == 0, built.log
    page = built.files()["index.html"].decode()
    assert page.count('data-run="trained.first">10<') == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: io.StringIO) -> str:
    reports: queue.Queue = queue.Queue()
    with progress.Progress(reports, out):
        reports.put(progress.Report("additive", 25, 100, 0.75))
    return out.getvalue()


def test_progress_is_shown_on_a_terminal_and_leaves_no_trace():
    text = shown(Terminal())
    assert "additive step 25/100 loss 0.750, 0 s left" in text
    assert text.endswith("\r\x1b[K")


def test_progress_is_silent_elsewhere():
    assert shown(io.StringIO()) == ""


def test_time_left_follows_from_the_time_so_far():
    report = progress.Report("x", 25, 100, 1.0)
    assert progress.line([report], {"x": 10.0}).endswith("30 s left")


def test_marked_lines_are_highlighted_and_must_exist(project):
    code = 'mark="two"\none = 1\ntwo = 2\n```\n'
    project.page(f"# Page\n\n```python {code}")
    built = project.build()
    assert built.status == 0, built.log
    page = built.files()["index.html"].decode()
    assert page.count('class="hll"') == 1
    project.page("# Page\n\n```python " + code.replace('"two"', '"three"'))
    built = project.build("--no-strict")
    assert built.status != 0
    assert "docs/index.md:3: no line holds 'three'" in built.log
