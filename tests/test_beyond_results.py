"""What the first pages beyond the article say of trained models."""

from snippets.figures import beyond as beyond_figures
from snippets.figures import masks as mask_figures


def test_the_claims_of_the_pages_hold():
    _, shown = mask_figures.after_softmax()
    assert shown["before"] == "1.00"
    assert all(float(s) < 0.95 for s in shown["after"].split(", ")[:-1])
    _, shown = mask_figures.polarity()
    assert float(shown["leaked"].rstrip("%")) > 30
    _, shown = beyond_figures.arguments()
    sharp, plain, soft = (float(shown[n]) for n in ("sharp", "plain", "soft"))
    assert sharp > 0.95 > plain > 2 * soft
