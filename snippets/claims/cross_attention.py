"""What *Cross-Attention* says of its trained translator."""

from snippets.claims.claim import claim, ranged
from snippets.claims.introduction import crossings
from snippets.results.cross_attention import TRAINING
from snippets.results.measured import measured

PAGE = "Cross-Attention", "beyond/cross-attention.html"


@ranged
def translator(seed: int) -> dict[str, float]:
    """Return exact match and alignment of the translator."""
    found = measured(TRAINING, seed)
    return {"exact": found["exact"], "words": found["alignment"]["words"]}


@claim(least=1.5)
def order_differs(seed: int) -> float:
    """Their order may differ, and does: *drei und achtzig* crosses *eighty
    three*.
    """
    return crossings(TRAINING, seed)
