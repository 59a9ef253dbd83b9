"""What *Self-Attention* says of its scale and of its trained example."""

from snippets.claims.claim import claim
from snippets.results.lookup_models import trained
from snippets.results.self_attention import largest_weights

PAGE = "Self-Attention", "types-of-attention/self-attention.html"


@claim(least=0.85)
def unscaled_takes_all(seed: int) -> float:
    """Unscaled, one word takes nearly everything."""
    return largest_weights(seed)["unscaled"][-1]


@claim(most=0.1)
def scaled_stays(seed: int) -> float:
    """Scaled, it stays where it was."""
    largest = largest_weights(seed)["scaled"]
    return max(largest) - min(largest)


@claim(least=0.75)
def finds_words(seed: int) -> float:
    """The queries find their words, in the upper right; in unseen sentences,
    `#!value types_of_attention.self_attention.found .0%` of them (by the
    largest of the weights on words).
    """
    return trained("self-attention", seed)["found"]
