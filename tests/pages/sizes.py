"""Where code has the sizes that the pages repeat in words."""

import ast
import importlib
import re
from functools import cache

from snippets.machinery.settings import ROOT
from tests.support.blocks import SCRIPT, blocks


@cache
def calls(page: str) -> list[tuple[str, list[int]]]:
    """Return what a page's code makes: a name, and a call's whole numbers."""
    path = ROOT / page
    return [
        (ast.unparse(node.targets[0]), whole_numbers(node.value))
        for block in blocks(path)
        if path == SCRIPT or not block.quotes
        for node in ast.walk(ast.parse(block.example.source))
        if isinstance(node, ast.Assign)
    ]


def whole_numbers(expression: ast.expr) -> list[int]:
    """Return the whole numbers that are written in an expression."""
    return [
        part.value
        for part in ast.walk(expression)
        if isinstance(part, ast.Constant) and type(part.value) is int
    ]


def made(page: str, name: str, which: int = 0) -> list[int]:
    """Return the whole numbers in what a page's code gives a name."""
    return [numbers for known, numbers in calls(page) if known == name][which]


def written(path: str, pattern: str) -> list[int]:
    """Return the whole numbers at the first match of a pattern in a file."""
    match = re.search(pattern, (ROOT / "snippets" / path).read_text("utf-8"))
    assert match, f"{path} has no {pattern}"
    return [int(text.replace("_", "")) for text in match.groups()]


@cache
def told(figure: str) -> dict[str, str]:
    """Return the facts that a figure puts into its text alternative."""
    module, function = figure.split(".")
    figures = importlib.import_module(f"snippets.figures.{module}")
    return getattr(figures, function)()[1]
