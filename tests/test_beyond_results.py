"""What the first pages beyond the article say of trained models."""

from snippets.figures import beyond as beyond_figures
from snippets.figures import cross_attention as cross_figures
from snippets.figures import masks as mask_figures
from snippets.results import cross_attention


def test_the_claims_of_the_pages_hold():
    facts = cross_attention.facts()
    assert facts["exact"] > 0.98
    assert facts["words"] > 0.98
    assert facts["target"] != facts["source"]
    _, shown = mask_figures.after_softmax()
    assert shown["before"] == "1.00"
    assert all(float(s) < 0.95 for s in shown["after"].split(", ")[:-1])
    _, shown = mask_figures.polarity()
    assert float(shown["leaked"].rstrip("%")) > 30
    _, shown = beyond_figures.arguments()
    sharp, plain, soft = (float(shown[n]) for n in ("sharp", "plain", "soft"))
    assert sharp > 0.95 > plain > 2 * soft
    _, shown = cross_figures.roles()
    assert shown["right"] == "5 of 5"
