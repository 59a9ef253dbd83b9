"""What *Using It in Practice* says of the weights of the translator."""

from snippets.claims.claim import claim, ranged
from snippets.results.measured import measured

PAGE = "Using It in Practice", "step-by-step/using-it-in-practice.html"


@ranged
def alignment(seed: int) -> dict[str, float]:
    """Return exact match and alignment of the translator."""
    found = measured("attention", seed)
    return {"exact": found["exact"], **found["alignment"]}


@claim(least=0.6)
def strong_in_one_place(seed: int) -> float:
    """After training, most of a row's weight lies on one word."""
    return measured("attention", seed)["alignment"]["weight"]


@claim(least=0.95)
def on_the_true_word(seed: int) -> float:
    """For numerals and scale words, nearly always."""
    return measured("attention", seed)["alignment"]["words"]
