"""What *Additive Attention* says of its trained example."""

from snippets.claims.claim import claim
from snippets.results.lookup_models import trained

PAGE = "Additive Attention", "types-of-attention/additive.html"


@claim(least=0.95)
def compares(seed: int) -> float:
    """The network has learnt to compare two vectors that it was never told
    how to compare.
    """
    return trained("additive", seed)["found"]
