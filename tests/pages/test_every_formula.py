"""Every formula of the pages has a twin, and every twin its formula."""

from importlib import import_module
from pathlib import Path

from tests.pages.formulas import TWINS, claimed, displayed

for path in Path(__file__).parent.glob("test_formulas_*.py"):
    import_module(f"tests.pages.{path.stem}")  # it marks its twins

# Formulas inside sentences in which there is nothing to compute: bounds of a
# walk, pairs, infinity, the letters of papers, and sizes whose computed value
# follows them.
NOTHING_TO_COMPUTE = {
    "beyond/exact-attention-in-tiles.md": [r"n \times n", r"-\infty"],
    "beyond/linear-attention.md": [r"\exp(q^\top k)"],
    "beyond/long-inputs.md": [r"-\infty"],
    "beyond/positions.md": ["(a, b)", "(a_i, b_i)"],
    "beyond/what-it-costs.md": ["D =", "h =", "d =", "g =", "w =", "B ="],
    "notation.md": [
        r"-\infty",
        r"\operatorname{score}(h_t, \bar{h}_s)",
        "a_t(s)",
    ],
    "types-of-attention/additive.md": ["a(s_{i-1}, h_j)"],
}
LEFT_OUT = {
    (page, tex)
    for page, formulas in NOTHING_TO_COMPUTE.items()
    for tex in formulas
}


def test_every_formula_on_a_line_of_its_own_has_a_twin():
    assert set(displayed()) - set(TWINS) == set()


def test_every_formula_in_a_sentence_has_a_twin():
    assert set(claimed()) - LEFT_OUT - set(TWINS) == set()


def test_every_twin_has_its_formula_on_the_page():
    assert set(TWINS) - set(displayed()) - set(claimed()) == set()


def test_what_is_left_out_is_on_its_page_and_has_no_twin():
    assert LEFT_OUT - set(claimed()) == LEFT_OUT & set(TWINS) == set()


def test_formulas_are_found():
    """A census of nothing would always agree."""
    assert len(set(displayed())) > 30
    assert len(set(claimed())) > 50
