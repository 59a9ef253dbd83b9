"""Work that pages share: done first, once, kept; and every number listed."""

import io
import json
import queue

import pytest

from snippets.build import progress
from snippets.build.measurements import _numbers, _unit
from tests.tiny import Project

SLOW = """\
def train(seed, report=None):
    with open("ran.txt", "a") as file:
        file.write(f"train {seed}\\n")
    if report:
        report(1, 1, 0.5)
    return {"weights": (seed, 10 * seed)}
"""
LISTED = """\
TRAININGS = {"one": {"seed": 1}, "two": {"seed": 2}}
STAGES = [{"snippets.slow.train": [*TRAININGS.values()]}]
"""
RESULTS = """\
from snippets.build.kept import kept
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


def test_shared_work_is_done_once_and_only_again_when_its_inputs_change(
    project,
):
    first = project.build()
    assert first.status == 0, first.log
    assert ran(project) == ["train 1", "train 2"]
    page = first.files()["index.html"].decode()
    assert 'data-run="trained.first">10<' in page

    # What a page makes of it has changed: nothing is trained again.
    project.write(
        "snippets/results/trained.py", RESULTS.replace("[1]\n", "[0]\n")
    )
    second = project.build()
    assert ran(project) == []
    assert (
        'data-run="trained.first">1<' in second.files()["index.html"].decode()
    )

    # One training has other settings: only that one is done.
    other = LISTED.replace('{"seed": 2}', '{"seed": 3}')
    project.write("snippets/results/trainings.py", other)
    assert project.build().status == 0
    assert ran(project) == ["train 3"]

    # The training itself has changed: all of them are.
    project.write("snippets/slow.py", SLOW.replace("10 *", "20 *"))
    assert project.build().status == 0
    assert ran(project) == ["train 1", "train 3"]


MEASURE = """\
from pathlib import Path


def measure(seed):
    trained = Path("ran.txt").read_text().count("train")
    with open("ran.txt", "a") as file:
        file.write(f"measure {seed} after {trained}\\n")
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
    assert ran(project) == ["measure 3 after 2", "train 1", "train 2"]


def test_a_damaged_entry_is_done_again(project):
    assert project.build().status == 0
    ran(project)
    for path in (project.folder / ".cache" / "runs").iterdir():
        text = path.read_text()
        path.write_text(text.replace('"pickle": "g', '"pickle": "h'))
        if '"value"' in text:
            path.unlink()
    again = project.build()
    assert again.status == 0, again.log
    assert ran(project) == ["train 1", "train 2"]


def test_a_training_that_fails_is_named_and_leaves_nothing(project):
    project.write("snippets/slow.py", SLOW.replace("10 * seed", "1 / 0"))
    built = project.build()
    assert built.status != 0
    assert "docs/index.md:5: table trained.table failed" in built.log
    assert "ZeroDivisionError" in built.log
    assert not built.site.exists() or not any(built.site.iterdir())
    runs = project.folder / ".cache" / "runs"
    assert not runs.exists() or not any(runs.iterdir())


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
