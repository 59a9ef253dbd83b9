"""What *A Transformer Block* says of blocks, trained and not trained."""

from snippets.claims.claim import claim, ranged
from snippets.machinery.kept import kept
from snippets.results.measured import measure_transformer, measured
from snippets.results.trainings import SHORT
from snippets.results.transformer import untrained
from snippets.translator.number_words import LENGTH_BINS

PAGE = "A Transformer Block", "beyond/transformer-block.html"
LONGEST = LENGTH_BINS[-1]


@claim(least=1.5)
def numbers_grow(seed: int) -> float:
    """With pre-norm each part adds to the numbers, so they grow; a last norm
    at the end of the stack takes care of that.
    """
    return untrained(norm_first=True, seed=seed)[-1]


@claim(least=0.6, builds=())
def short_training(seed: int) -> float:
    """A short training, some ten seconds on a quiet processor, gets most
    numbers right:
    """
    return kept(measure_transformer, **SHORT, seed=seed)["exact"]


@claim(most=0.1)
def nearly_level(seed: int) -> float:
    """Up to twenty words the two are nearly level."""
    own = measured("transformer", seed)["by_length"]
    other = measured("attention", seed)["by_length"]
    return max(other[b] - own[b] for b in LENGTH_BINS if b[1] <= 20)


@claim(least=0.5)
def falls_behind(seed: int) -> float:
    """Beyond, the Transformer falls behind: of the mistakes that the two make
    at 26 to 30 words, most are its own.
    """
    own = 1 - measured("transformer", seed)["by_length"][LONGEST]
    other = 1 - measured("attention", seed)["by_length"][LONGEST]
    return own / (own + other)


@ranged
def exact(seed: int) -> dict[str, float]:
    """Return exact match of both, together and by length."""
    found = {}
    for kind, name in {
        "Transformer": "transformer",
        "GRU": "attention",
    }.items():
        run = measured(name, seed)
        found[kind] = run["exact"]
        for (low, high), share in run["by_length"].items():
            found[f"{kind}, {low} to {high}"] = share
    return found
