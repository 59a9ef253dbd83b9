"""What *Self-Attention* says of its scale and of its language model."""

from snippets.claims.claim import claim
from snippets.results.agreement import EQUAL, measured
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


@claim(least=0.8)
def looks_at_the_subject(seed: int) -> float:
    """The word before the verb mostly has its largest weight on the noun that
    the verb belongs to.
    """
    return measured(seed=seed)["largest"]


@claim(least=0.95)
def right_verb(seed: int) -> float:
    """The model finds the right verb."""
    return measured(seed=seed)["right"]


@claim(most=0.75)
def equal_weights_fail(seed: int) -> float:
    """With equal weights for all words it fails about half of the time:"""
    return measured(EQUAL, seed)["right"]
