"""No figure of a page goes unread."""

import ast

from snippets.machinery import source
from snippets.machinery.asked import asked
from snippets.machinery.fences import Figure
from snippets.machinery.settings import ROOT


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
    shown = {
        thing.name
        for page in source.pages()
        for thing in asked(page)
        if isinstance(thing, Figure)
    }
    assert len(shown) > 50
    assert sorted(shown - read_back()) == []
