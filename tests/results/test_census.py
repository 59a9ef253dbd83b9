"""Every function of the results is called by the tests of its module."""

import ast
from pathlib import Path

import pytest

from snippets.machinery.settings import ROOT

MODULES = sorted((ROOT / "snippets" / "results").glob("[!_]*.py"))


def functions(code: str) -> set[str]:
    """Return the public functions of a module."""
    return {
        node.name
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name[0] != "_"
    }


def called(code: str) -> set[str]:
    """Return the names of all that is called, plain or with a dot."""
    calls = [
        node.func
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
    ]
    plain = {call.id for call in calls if isinstance(call, ast.Name)}
    return plain | {
        call.attr for call in calls if isinstance(call, ast.Attribute)
    }


def test_the_census_sees_functions_and_calls():
    code = "def a(): b(c.d, e)\ndef _f(): pass\nasked.g()(h)\n"
    assert functions(code) == {"a"}
    assert called(code) == {"b", "g"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_function_of_the_results_is_called(module):
    tests = Path(__file__).with_name(f"test_{module.name}")
    there = called(tests.read_text("utf-8")) if tests.exists() else set()
    missing = functions(module.read_text("utf-8")) - there
    assert not missing, f"{tests.name} does not call {missing}"
