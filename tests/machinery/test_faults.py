"""Whatever a function of the project does, the build says so and goes on."""

import pytest

from snippets.machinery import key as keys
from snippets.machinery.run import Run, RunFailed, check, stored
from tests.machinery.test_kept import failures
from tests.machinery.test_keys import folder, write
from tests.support.tiny import Project

__all__ = ["folder"]

FIGURES = '''\
"""Figures with one mistake each."""

import sys

import matplotlib
import numpy as np

from snippets.figures.style import new_figure


def line(values):
    figure = new_figure(2)
    figure.subplots().plot(values)
    return figure


def exits():
    """A figure."""
    sys.exit(0)


def no_axes():
    """A figure."""
    return new_figure(2)


def bare_axes():
    """A figure."""
    figure = new_figure(2)
    figure.subplots(1, 2)[0].plot([0, 1])
    return figure


def gap():
    """A figure."""
    return line([0, float("nan"), 1])


def infinite():
    """A figure."""
    return line([0, float("inf")])


def cells():
    """A figure."""
    figure = new_figure(2)
    figure.subplots().pcolormesh(np.array([[0, 1], [np.nan, 2]]))
    return figure


def bars():
    """A figure."""
    figure = new_figure(2)
    figure.subplots().bar([0, 1], [1, float("nan")])
    return figure


def facts_in_a_list():
    """A figure."""
    return line([0, 1]), [1]


def missing_fact():
    """A figure of {this} and {that}."""
    return line([0, 1]), {"this": 1}


def fact_of_another_kind():
    """A figure of {this:.2f}."""
    return line([0, 1]), {"this": "one"}


def fact_that_is_none():
    """A figure of {this:.2f}."""
    return line([0, 1]), {"this": float("nan")}


def untold():
    return line([0, 1])


def widens():
    """Leaves its settings behind."""
    matplotlib.rcParams["lines.linewidth"] = 7
    return 1 / 0


def keeps():
    """Finds none of them."""
    assert matplotlib.rcParams["lines.linewidth"] == 1.5
    return line([0, 1])
'''
RESULTS = """\
import sys


def exits():
    sys.exit("bye")


def exits_at_last():
    sys.exit()


def interrupts():
    raise KeyboardInterrupt


def deep():
    def inner():
        raise ValueError("one\\n  two")

    return inner()


def quiet():
    raise RuntimeError


def nothing():
    return None


def not_a_number():
    return float("nan")


def infinite_cell():
    return [{"a": 1.5}, {"a": float("-inf")}]


def nan_of_a_key():
    return {"a": 0.5, "b": float("nan")}


def asks(size):
    return size


def imports():
    import snippets.nowhere


def fine():
    return 7


def elsewhere():
    import library.part

    return library.part.raises()
"""
# The module of each function, and what is said of it.
FAULTS = {
    "figures.faulty": {
        "exits": "snippets/figures/faulty.py:19: called sys.exit(0)",
        "no_axes": "snippets.figures.faulty.no_axes draws nothing: it has no "
        "axes",
        "bare_axes": "snippets.figures.faulty.bare_axes draws nothing in "
        "axes 2",
        "gap": "snippets.figures.faulty.gap draws points of a Line2D that "
        "are no numbers: NaN, infinity or masked",
        "infinite": "snippets.figures.faulty.infinite draws points of a "
        "Line2D that are no numbers: NaN, infinity or masked",
        "cells": "snippets.figures.faulty.cells draws values of a QuadMesh "
        "that are no numbers: NaN, infinity or masked",
        "bars": "snippets.figures.faulty.bars draws corners of a Rectangle "
        "that are no numbers: NaN, infinity or masked",
        "facts_in_a_list": "snippets.figures.faulty.facts_in_a_list returned "
        "a figure and list; the facts of its docstring must be a dict",
        "missing_fact": "the docstring of snippets.figures.faulty."
        "missing_fact names {that}, which is not among its facts: this",
        "fact_of_another_kind": "the docstring of snippets.figures.faulty."
        "fact_of_another_kind cannot be filled in: Unknown format code 'f' "
        "for object of type 'str'",
        "fact_that_is_none": "snippets.figures.faulty.fact_that_is_none "
        "returned nan for 'this' for its docstring",
        "untold": "snippets.figures.faulty.untold has no docstring: it is "
        "the figure's text alternative",
        "widens": "snippets/figures/faulty.py:85: ZeroDivisionError: "
        "division by zero",
        "keeps": "",
    },
    "results.faulty": {
        "exits": "snippets/results/faulty.py:5: called sys.exit('bye')",
        "exits_at_last": "snippets/results/faulty.py:9: called sys.exit()",
        "interrupts": "snippets/results/faulty.py:13: KeyboardInterrupt",
        "deep": "snippets/results/faulty.py:18: ValueError: one",
        "quiet": "snippets/results/faulty.py:24: RuntimeError",
        "nothing": "snippets.results.faulty.nothing returned NoneType; a "
        "page can show a matplotlib Figure, a number, a text, a dict or a "
        "list of dicts",
        "not_a_number": "snippets.results.faulty.not_a_number returned nan",
        "infinite_cell": "snippets.results.faulty.infinite_cell returned "
        "-inf in row 2 for 'a'",
        "nan_of_a_key": "snippets.results.faulty.nan_of_a_key returned nan "
        "for 'b'",
        "asks": "snippets.results.faulty.asks cannot be called: missing a "
        "required argument: 'size'",
        "imports": "snippets/results/faulty.py:48: ModuleNotFoundError: No "
        "module named 'snippets.nowhere'",
        "fine": "",
        "elsewhere": "snippets/results/faulty.py:58: ValueError: no",
    },
    "results.leaving": {
        "fine": "snippets/results/leaving.py:3: called sys.exit(0)"
    },
    "results.round": {
        "fine": "snippets/results/back.py:1: ImportError: cannot import name "
        "'fine' from partially initialized module 'snippets.results.round' "
        "(most likely due to a circular import) (snippets/results/round.py)"
    },
}


def test_each_fault_is_named_in_one_line(tmp_path):
    project = Project(tmp_path / "project")
    project.write("snippets/figures/faulty.py", FIGURES)
    project.write("snippets/results/faulty.py", RESULTS)
    end = "import sys\n\nsys.exit(0)\n\n\ndef fine():\n    return 7\n"
    project.write("snippets/results/leaving.py", end)
    circle = "from snippets.results.back import two\n\n\ndef fine():\n    two"
    project.write("snippets/results/round.py", circle)
    back = "from snippets.results.round import fine\n\ntwo = 2\n"
    project.write("snippets/results/back.py", back)
    # Packages can be installed in a folder of the project.
    library = "def raises():\n    raise ValueError('no')\n"
    project.write("library/part.py", library)
    # Settings of who builds, which change nothing.
    project.write("matplotlibrc", "lines.linewidth: 7\n")
    runs = [
        (f"snippets.{module}", name)
        for module, faults in FAULTS.items()
        for name in faults
    ]
    failed = failures(project, *runs, PYTHONOPTIMIZE="", MPLBACKEND="agg")
    told = {
        module: {
            name: failed.get(f"snippets.{module}.{name}", [""])[0]
            for name in faults
        }
        for module, faults in FAULTS.items()
    }
    for module, faults in FAULTS.items():
        assert told[module] == faults
    # The traceback begins in the project's own code.
    _, detail = failed["snippets.results.faulty.deep"]
    assert detail.splitlines()[1].endswith('faulty.py", line 20, in deep')
    assert detail.endswith("ValueError: one\n  two\n")


UNREADABLE = {
    b"x = 1\ny = = 2\n": "snippets/bad.py:2: invalid syntax",
    b"x = 1\n\n# a\0b\n": "snippets/bad.py:3: null byte",
    b"x = 1\ny = '\xe9'\n": "snippets/bad.py:2: byte 11 is not UTF-8",
    b"def x():\n  a\n b\n": "snippets/bad.py:3: unindent does not match any "
    "outer indentation level",
}


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_module_that_cannot_be_read_is_named_with_its_line(folder, text):
    write(folder, {"snippets/start.py": "import snippets.bad", "mk": ""})
    (folder / "snippets" / "bad.py").write_bytes(text)
    with pytest.raises(keys.CodeError) as error:
        keys.run_key("snippets.start", "run", "")
    assert str(error.value) == UNREADABLE[text]
    for refused in (check, stored):
        with pytest.raises(RunFailed) as failed:
            refused(Run("snippets.bad", "run"))
        assert failed.value.reason == UNREADABLE[text]


def test_what_is_no_function_of_a_module_is_named(folder):
    text = "class Wall:\n    pass\n\n\ndef high():\n    return 1\n"
    write(folder, {"snippets/wall.py": text})
    check(Run("snippets.wall", "high"))
    for module, name, reason in (
        ("nowhere", "high", "there is no module snippets.nowhere"),
        ("wall", "low", "snippets.wall has no function 'low'"),
        ("wall", "Wall", "snippets.wall.Wall is a class, not a function"),
    ):
        with pytest.raises(RunFailed) as failed:
            check(Run(f"snippets.{module}", name))
        assert str(failed.value) == reason
