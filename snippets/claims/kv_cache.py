"""What *Decoding with a KV Cache* says of a decoder that is not trained."""

from statistics import fmean

from snippets.claims.claim import claim, ranged
from snippets.results.decoding import errors

PAGE = "Decoding with a KV Cache", "beyond/kv-cache.html"


def mistakes(seed: int) -> dict[str, tuple[float, float]]:
    """Return error and share of right words of each mistake."""
    found = errors(seed)
    del found["none"]
    return found


@claim(least=0.01)
def wrong_logits(seed: int) -> float:
    """Each of these runs, and gives wrong logits:"""
    return min(error for error, _ in mistakes(seed).values())


@claim(least=0.5)
def right_word(seed: int) -> float:
    """Reading what the model writes does not replace it: on average, wrong
    logits here name the right next word more often than not.
    """
    return fmean(same for _, same in mistakes(seed).values())


@ranged
def each_mistake(seed: int) -> dict[str, float]:
    """Return error and share of right words, by mistake."""
    return {
        f"{name}, {what}": number
        for name, numbers in errors(seed).items()
        for what, number in zip(("error", "same"), numbers, strict=True)
    }
