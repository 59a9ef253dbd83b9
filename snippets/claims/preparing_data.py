"""What *Preparing Data* says of translators with and without a mask."""

from snippets.claims.claim import claim, ranged
from snippets.results.batch_mates import measured

PAGE = "Preparing Data", "step-by-step/preparing-data.html"


@ranged
def neighbours(seed: int) -> dict[str, float]:
    """Return the shares of both models."""
    return {
        f"{title}, {kind}": share
        for title, shares in measured(seed).items()
        for kind, share in shares.items()
    }


@claim(least=0.95)
def right_alone(seed: int) -> float:
    """Tested one number at a time, both are nearly always correct."""
    return min(shares["alone"] for shares in measured(seed).values())


@claim(most=0.0)
def mask_changes_nothing(seed: int) -> float:
    """With the mask not a single output changes."""
    return measured(seed)["with mask"]["changed"]
