"""What the first pages beyond the article say of trained models."""

from snippets.figures import cross_attention as cross_figures
from snippets.results import cross_attention


def test_the_claims_of_the_pages_hold():
    facts = cross_attention.facts()
    assert facts["exact"] > 0.98
    assert facts["words"] > 0.98
    assert facts["target"] != facts["source"]
    _, shown = cross_figures.roles()
    assert shown["right"] == "5 of 5"
