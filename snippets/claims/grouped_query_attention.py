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


@claim(least=1.0)
def one_costs(seed: int) -> float:
    """A single key head costs something here: the loss is larger than with
    all four.
    """
    return loss("1 key head", seed) / loss("4 key heads", seed)


@claim(most=1.0)
def latent_is_better(seed: int) -> float:
    """The latent takes as few bytes as a single key head and does better:
    keys and values of all heads differ again, though they come from one small
    vector.
    """
    return loss("latent", seed) / loss("1 key head", seed)


@ranged
def quality(seed: int) -> dict[str, float]:
    """Return loss and exact match of each model."""
    return {
        f"{name}, {what}": measured(name, seed)[what]
        for name in ONE_TEXT
        for what in ("loss", "exact")
    }
