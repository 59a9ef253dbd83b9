"""What *Self-Attention* says of its scale and of its trained example."""

from snippets.claims.claim import claim
from snippets.results.lookup_models import SOURCE, trained
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


@claim(least=0.4)
def word_or_itself(seed: int) -> float:
    """So a query looks at its word or, from some starts, at itself."""
    run = trained("self-attention", seed)
    weights, places = run["example"], run["position"].tolist()
    both = [
        weights[i, i] + weights[i, SOURCE + j] for i, j in enumerate(places)
    ]
    return sum(both).item() / len(both)
