"""What runs when something is missing, and how it ends."""

import io

import pytest

from snippets.machinery.pool import Progress, Report
from tests.support.tiny import Project

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


def test_two_cold_builds_are_identical(noted):
    one = noted.build(site="one", EXECUTED_CACHE="a", PYTHONHASHSEED="1")
    two = noted.build(site="two", EXECUTED_CACHE="b", PYTHONHASHSEED="2")
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
