"""What *Multi-Head Attention* says of the heads of trained Transformers."""

from statistics import median

from snippets.claims.claim import claim, ranged
from snippets.results.measured_heads import measured

PAGE = "Multi-Head Attention", "beyond/multi-head-attention.html"


def aligned(seed: int) -> list[float]:
    """Return how often each head looks at the word being written."""
    hits = measured(seed)["hits"]
    return [share for found in hits.values() for share in found["written now"]]


@claim(least=0.75)
def some_align(seed: int) -> float:
    """Some head looks at the word being written nearly always."""
    return max(aligned(seed))


@claim(most=0.05)
def most_heads(seed: int) -> float:
    """Most single heads can go at little cost."""
    found = measured(seed)
    return median(
        found["exact"] - share
        for shares in found["without"].values()
        for share in shares
    )


@claim(most=0.75)
def one_cross(seed: int) -> float:
    """Without all four heads of one of the cross-attentions, many
    translations fail.
    """
    found = measured(seed)["without all"]
    return min(found["cross 1"], found["cross 2"])


@claim(most=0.05)
def encoder_can_go(seed: int) -> float:
    """The encoder's first attention can go altogether."""
    found = measured(seed)
    return found["exact"] - found["without all"]["encoder 1"]


@claim(most=0.5)
def encoder_looks_everywhere(seed: int) -> float:
    """It looks everywhere a little:"""
    return measured(seed)["largest"]["encoder 1"]


@ranged
def hits(seed: int) -> dict[str, float]:
    """Return how often a head's largest weight is on which word."""
    return {
        f"{name}, {title}, head {number}": share
        for name, found in measured(seed)["hits"].items()
        for title, shares in found.items()
        for number, share in enumerate(shares, 1)
    }


@ranged
def without(seed: int) -> dict[str, float]:
    """Return exact match with all heads, without the worst one, without all.

    By attention; "worst" is the one of all heads that is missed most.
    """
    found = measured(seed)
    one = {name: min(shares) for name, shares in found["without"].items()}
    return (
        {"none": found["exact"], "worst": min(one.values())}
        | {f"{name}, one": share for name, share in one.items()}
        | {f"{name}, all": s for name, s in found["without all"].items()}
    )
