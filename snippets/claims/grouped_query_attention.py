"""What *Multi-Query and Grouped-Query Attention* shows of smaller caches."""

from snippets.claims.claim import ranged
from snippets.results.sharing import measured
from snippets.results.trainings import ONE_TEXT

PAGE = (
    "Multi-Query and Grouped-Query Attention",
    "beyond/grouped-query-attention.html",
)


@ranged
def quality(seed: int) -> dict[str, float]:
    """Return loss and exact match of each model."""
    return {
        f"{name}, {what}": measured(name, seed)[what]
        for name in ONE_TEXT
        for what in ("loss", "exact")
    }
