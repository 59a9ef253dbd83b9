"""What *Why Do We Need Attention?* says of the trained translators."""

from snippets.claims.claim import claim
from snippets.results.measured import measured
from snippets.results.trainings import SEEDS

PAGE = "Why Do We Need Attention?", "why-do-we-need-attention.html"


@claim(least=0.97, builds=SEEDS)
def attention_exact(seed: int) -> float:
    """With attention nearly all are right, whatever their length."""
    return measured("attention", seed)["exact"]
