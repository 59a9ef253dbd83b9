"""What *Change the Weights* says of a translator with other weights."""

from snippets.claims.claim import claim, ranged
from snippets.results.interventions import pointed, unchanged

PAGE = "Change the Weights", "beyond/change-the-weights.html"


@claim(most=0.12)
def weights_matter(seed: int) -> float:
    """With equal weights, moved ones, or without the largest, hardly any
    translation stays the same.
    """
    found = unchanged(seed)
    names = "equal", "moved one word on", "all but the largest"
    return max(found[name] for name in names)


@claim(least=0.5)
def largest_is_enough(seed: int) -> float:
    """The largest weight alone is enough for most of them."""
    return unchanged(seed)["only the largest"]


@claim(least=0.97)
def sharper_is_the_same(seed: int) -> float:
    """Sharper weights change next to nothing."""
    return unchanged(seed)["sharper"]


@ranged
def same(seed: int) -> dict[str, float]:
    """Return how many translations stay the same, by change."""
    return unchanged(seed)


@ranged
def by_one_row(seed: int) -> dict[str, float]:
    """Return how often what one row looks at is what is written."""
    return pointed(seed)
