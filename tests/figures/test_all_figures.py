"""No figure of a page goes unread, and none misuses a colour."""

import ast
from importlib import import_module

import pytest

from snippets.machinery import source
from snippets.machinery.asked import asked
from snippets.machinery.fences import Figure
from snippets.machinery.settings import ROOT
from tests.support.drawn import STEMS, read

SHOWN = sorted(
    thing.name
    for page in source.pages()
    for thing in asked(page)
    if isinstance(thing, Figure)
)


def read_back() -> set[str]:
    """Return the figures that the tests beside this one name."""
    return {
        f"{node.value.id}.{node.attr}"
        for path in (ROOT / "tests" / "figures").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and path.stem == f"test_{node.value.id}"
    }


def test_each_figure_of_the_pages_is_read_back():
    assert len(SHOWN) > 50
    assert sorted({*SHOWN} - read_back()) == []


# Lines that belong to a part of attention: a window that the query predicts,
# and the largest tensor of attention in tiles, which is the context.
OF_A_PART = {
    "types_of_attention.local": {"query"},
    "flash_attention.memory": {"context"},
}


@pytest.mark.parametrize("name", SHOWN)
def test_curves_have_the_colours_of_methods(name):
    """Query, key, value and context mean one thing, on every page."""
    module, _, function = name.partition(".")
    figure = getattr(import_module(f"snippets.figures.{module}"), function)
    panels = read(figure).panels
    curves = {
        drawn.role
        for panel in panels
        for drawn in (*panel.bands, *(x for x in panel.lines if len(x.x) > 2))
    }
    assert curves & {*STEMS} == OF_A_PART.get(name, set())
