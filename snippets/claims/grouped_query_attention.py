"""What *Multi-Query and Grouped-Query Attention* says of smaller caches."""

from snippets.claims.claim import claim, ranged
from snippets.results.sharing import measured
from snippets.results.trainings import ONE_TEXT

PAGE = (
    "Multi-Query and Grouped-Query Attention",
    "beyond/grouped-query-attention.html",
)


def loss(name: str, seed: int) -> float:
    """Return the loss of one of ONE_TEXT on unseen numbers."""
    return measured(name, seed)["loss"]


@claim(most=0.12)
def one_costs_little(seed: int) -> float:
    """With as many parameters, a single key head does nearly as well as all
    four.
    """
    return loss("1 key head", seed) - loss("4 key heads", seed)


@claim(most=0.15)
def latent_costs_little(seed: int) -> float:
    """So does the latent, which takes as few bytes:"""
    return loss("latent", seed) - loss("4 key heads", seed)


@ranged
def quality(seed: int) -> dict[str, float]:
    """Return loss and exact match of each model."""
    return {
        f"{name}, {what}": measured(name, seed)[what]
        for name in ONE_TEXT
        for what in ("loss", "exact")
    }
