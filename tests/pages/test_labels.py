"""The label of a figure is its text alternative, whatever is in it."""

import ast
import re
from xml.etree.ElementTree import fromstring

from snippets.machinery.asked import asked
from snippets.machinery.fences import Cell, Figure
from snippets.machinery.run import Run
from snippets.machinery.settings import ROOT
from tests.support.blocks import SCRIPT, every_page, page_of
from tests.support.built import NOTEBOOK, html_name, soup
from tests.support.tiny import Project

ODD = (
    r"""a "b" 'c' <d> & &amp; &lt; {e} {{f}} `g` $h$ \(i\) *j* [k](l) ä """
    r"""− “m” \n #!value n 8<-- <!-- o --> ]]> |p| _q_"""
)
FIGURE = '''\
"""A figure."""

from matplotlib.figure import Figure


def odd():
    """Shows   {what},
    in two lines.
    """
    figure = Figure(figsize=(4, 3))
    figure.text(0.5, 0.5, "odd")
    return figure, {"what": %r}
'''


def test_label_has_every_character_of_the_alternative(tmp_path):
    project = Project(tmp_path / "project")
    project.write("snippets/figures/drawn.py", FIGURE % ODD)
    project.page('# Page\n\n```figure run="drawn.odd"\nUp.\n```\n')
    built = project.build()
    assert built.status == 0, built.log
    wanted = f"Shows {' '.join(ODD.split())}, in two lines."
    [drawing] = soup(built.site / "index.html").select("figure.drawn > svg")
    assert drawing["aria-label"] == wanted
    alone = (built.site / "figures" / "drawn-odd.svg").read_text("utf-8")
    assert fromstring(alone)[0].text == wanted
    plain = (built.site / "index.md").read_text("utf-8")
    assert f"> What it shows: {wanted}\n" in plain


def alternative(run: Run) -> re.Pattern[str]:
    """Return what a figure's docstring says, whatever it has computed."""
    path = ROOT / f"{run.module.replace('.', '/')}.py"
    [function] = [
        node
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == run.function
    ]
    said = " ".join(ast.get_docstring(function).split())
    pieces = re.split(r"\{\w+\}", said)
    return re.compile("([^{}]+)".join(map(re.escape, pieces)))


@every_page
def test_labels_of_the_site_are_the_alternatives(page, site):
    drawings = soup(site / html_name(page)).select("figure.drawn > svg")
    figures = [f for f in asked(page_of(page)) if isinstance(f, Figure)]
    assert len(drawings) == len(figures)
    for drawing, figure in zip(drawings, figures, strict=True):
        label = str(drawing["aria-label"])
        assert alternative(figure.run()).fullmatch(label), figure.name
        assert label == figure.shown()["figure"]["alt"]


def test_label_in_the_notebook_is_its_alternative(site):
    told = [c.part.options for c in asked(page_of(SCRIPT)) if type(c) is Cell]
    labels = [options["alt"] for options in told if "alt" in options]
    drawings = soup(site / NOTEBOOK).select("figure.drawn > svg")
    assert [drawing["aria-label"] for drawing in drawings] == labels != []
