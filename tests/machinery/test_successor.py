"""Is the site ready for another generator, as far as can be seen from here?"""

import re

import jinja2
import pytest
from jinja2 import nodes

from snippets.machinery.settings import DOCS
from tests.support.successor import Part, difference, parts

TEMPLATES = sorted(
    path
    for path in (DOCS / "overrides").rglob("*")
    if path.suffix in (".html", ".xml")
)
# What MiniJinja, which Zensical uses, does as Jinja does it.
FILTERS = {
    *("e", "first", "length", "replace", "selectattr", "striptags"),
    *("script_tag", "url"),  # MkDocs' own, which Zensical has too
}
TESTS = {"defined", "undefined"}
FUNCTIONS = {"super", "namespace", "lang.t"}
# Asked only where MkDocs hands over files.
GUARDED = {"item.inclusion.is_included"}


def written(node: nodes.Node) -> str:
    """Return a name with its attributes as it stands in a template."""
    if isinstance(node, nodes.Getattr):
        return f"{written(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_uses_nothing_that_only_python_has(path):
    tree = jinja2.Environment().parse(path.read_text("utf-8"))
    used = {found.name for found in tree.find_all(nodes.Filter)}
    assert used <= FILTERS
    assert {found.name for found in tree.find_all(nodes.Test)} <= TESTS
    macros = {found.name for found in tree.find_all(nodes.Macro)}
    called = {written(found.node) for found in tree.find_all(nodes.Call)}
    assert called <= FUNCTIONS | GUARDED | macros


# What the plugin hands over is not there with another generator: only a
# template that asks for it first may use it.
HANDED = "theme_styles page_files page_tags page_data reading_minutes".split()


@pytest.mark.parametrize("name", HANDED)
def test_what_the_plugin_hands_over_is_asked_for(name):
    texts = [path.read_text("utf-8") for path in TEMPLATES]
    using = [text for text in texts if re.search(rf"\b{name}\b", text)]
    assert using
    for text in using:
        first = re.search(rf"\b{name}\b.*", text)
        assert first and first[0].startswith(f"{name} is defined")


PAGE = """\
<figure class="drawn"><svg></svg><figcaption>A caption.</figcaption></figure>
<p><span class="measured" data-run="a.b">1</span> <math><mi>x</mi></math></p>
<div class="language-text highlight run-output output"><pre>3</pre></div>
<figure class="measured-table"><table></table></figure>
<div class="language-python highlight"><pre>print()</pre></div>
"""


def test_every_kind_is_found_in_the_order_of_the_page():
    kinds = [part.kind for part in parts(PAGE)]
    assert kinds == ["figure", "value", "formula", "output", "table", "code"]


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("A caption", "A text", "figure 1"),
        ("<svg>", '<svg width="1">', "figure 1"),
        (">1<", ">2<", "value 1"),
        ("a.b", "a.c", "value 1"),
        ("<mi>x", "<mi>y", "formula 1"),
        ("<pre>3", "<pre>4", "output 1"),
        ("<table>", "<table><tr></tr>", "table 1"),
        ("print", "input", "code 1"),
    ],
)
def test_the_first_difference_is_named(right, wrong, kind):
    assert difference(parts(PAGE), parts(PAGE)) == ""
    other = parts(PAGE.replace(right, wrong))
    assert difference(parts(PAGE), other).startswith(f"{kind} differs after")


def test_what_is_missing_is_named():
    both = [Part("formula", "<math>1</math>"), Part("formula", "<math>2")]
    for pair in ((both, both[:1]), (both[:1], both)):
        found = difference(*pair)
        assert found.startswith("formula 2 differs after 0 characters")
        assert "(nothing)" in found
