"""What the first page says of its picture."""

from snippets.claims.claim import claim
from snippets.results.measured import translator
from snippets.results.translator import EXAMPLE
from snippets.translator.evaluation import translate
from snippets.translator.number_words import alignment, german

PAGE = "What Attention Does, in One Picture", "index.html"


def crossings(name: str, seed: int) -> int:
    """Count the pairs of units and tens in the example whose lines cross.

    The largest weight of the units, the earlier word, is further to the
    right than that of the tens. A wrong translation has none.
    """
    [(morphemes, weights)] = translate(translator(name, seed), [EXAMPLE])
    if morphemes != german(EXAMPLE):
        return 0
    looked = weights.argmax(dim=1).tolist()
    between = [i for i, at in enumerate(alignment(EXAMPLE)) if at is None]
    return sum(looked[i - 1] > looked[i + 1] for i in between)


@claim(least=1.5)
def lines_cross(seed: int) -> float:
    """Where German says the units before the tens, the lines cross."""
    return crossings("attention", seed)
