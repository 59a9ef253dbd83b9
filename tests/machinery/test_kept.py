"""Work that pages share: done first, once, kept."""

import io
import json
import os
import pickle
import re

import pytest
import torch

from snippets.machinery import store
from snippets.machinery.content import freeze, thaw
from snippets.machinery.kept import kept
from snippets.translator.model import Translator
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
    for name in ("key", "pool", "run", "worker", "store"):
        path = f"snippets/machinery/{name}.py"
        text = (project.folder / path).read_text()
        project.write(path, text.replace(" s left", " seconds left") + "#\n1")
    built = project.build()
    assert built.status == 0, built.log
    assert ran(project) == []
    assert entries(project) == before


MEASURE = """\
import os

import snippets.slow


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
    assert "docs/index.md:3: value trained.first: snippets.slow" in built.log
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
IN_ONE_PROCESS = """\
import io, json, sys
from snippets.machinery import content, worker
from snippets.machinery.run import Run, RunFailed
worker._answers = io.StringIO()
sys.addaudithook(worker._hook)
told = {{}}
for module, name in {runs}:
    content.prepare()
    try:
        worker.execute(Run(module, name))
    except RunFailed as failed:
        told[f"{{module}}.{{name}}"] = [failed.reason, failed.detail]
print(json.dumps(told))
"""


def failures(project: Project, *runs: tuple[str, str], **env: str) -> dict:
    """Run functions one after the other as a build does, in one process.

    Return reason and detail of each that fails, by its name.
    """
    code = IN_ONE_PROCESS.format(runs=[*runs])
    said = project.python("-c", code, **env).stdout
    assert said.endswith("}\n"), said
    return json.loads(said.splitlines()[-1])


def test_a_run_fails_that_reads_what_its_key_does_not_hold(project, tmp_path):
    project.write("snippets/results/holes.py", HOLES)
    project.write("snippets/nested.py", NESTED)
    project.write(
        "snippets/hidden.py", "NUMBER = 1\n\n\ndef train():\n    return 1\n"
    )
    project.write("snippets/record.json", "1")
    project.write("snippets/named.json", "1")
    # The second import reads bytecode, far from the module.
    bytecode = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"),
    }
    runs = [("snippets.results.holes", name) for name in UNDECLARED]
    told = failures(project, *runs, **bytecode)
    failed = {name.rpartition(".")[2]: said for name, said in told.items()}
    for name, words in UNDECLARED.items():
        assert bool(words) == (name in failed), (name, failed)
        for word in words:
            assert word in "\n".join(failed[name])


SCRIPT = """\
import os

from snippets.machinery.kept import kept
from snippets.machinery.pool import keep_all
from snippets.machinery.run import RunFailed
from snippets.process import threads

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "7"
    calls = [(threads, {"name": name}) for name in ("a", "b", "a", "wrong")]
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
    "function",
    [lambda: 0, nested_function(), len, Project.build, print, Translator],
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
    with pytest.raises(pickle.UnpicklingError, match="StringIO"):
        freeze({"out": io.StringIO()})


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
