"""Formulas as MathML, and the colours of the roles."""

import re

import pytest
from bs4 import BeautifulSoup

from snippets.machinery import formulas


@pytest.mark.parametrize(
    ("macro", "role"),
    [
        ("query", "query"),
        ("key", "key"),
        ("val", "val"),
        ("context", "context"),
    ],
)
def test_roles_in_formulas_become_classes(macro, role):
    math = formulas.to_mathml(rf"\{macro}{{x}} + y", display=False)
    assert f'class="{role}"' in math
    assert math.count("class=") == 1
    assert "style=" not in math


@pytest.mark.parametrize("display", [True, False])
def test_names_of_functions_are_set_like_letters(display):
    """An operator would be set in the font of what stretches."""
    math = formulas.to_mathml(
        r"\operatorname{softmax}_j(x) + \tanh(y)", display=display
    )
    assert math.count("<mi>softmax</mi>") == math.count("<mi>tanh</mi>") == 1
    assert not re.search(r"<mo[^>]*>[a-z]+</mo>", math)
    for below in BeautifulSoup(math, "html.parser").find_all("msub"):
        assert len(below.find_all(recursive=False)) == 2  # name, and index


def test_formulas_become_mathml():
    marked = (
        r'<p><span class="arithmatex">\(a &lt; b\)</span></p>'
        '<div class="arithmatex">\\[\nc\n\\]</div>'
    )
    inline, display = formulas.render(marked).split("</p>")
    assert inline.startswith("<p><math>")
    assert "<mo>&lt;</mo>" in inline
    assert display.startswith('<div class="formula" tabindex="0"><math ')
    assert ">c</mi>" in display


def test_formula_says_its_tex():
    math = formulas.to_mathml(r"\query{q_i} < \frac{a}{\tanh b}", display=True)
    note = '<annotation encoding="application/x-tex">'
    assert rf"{note}{{q_i}} &lt; \frac{{a}}{{\tanh b}}</annotation>" in math
    assert math.count("<semantics>") == 1


def test_invalid_formula_is_named():
    with pytest.raises(formulas.FormulaError, match="cannot be read") as error:
        formulas.to_mathml(r"\frac{1}", display=True)
    assert error.value.tex == r"\frac{1}"
