"""What *Linear Attention* says of attentions that learnt to recall."""

from snippets.claims.claim import claim, ranged
from snippets.machinery.kept import kept
from snippets.results.recall_models import measure
from snippets.results.trainings import RECALL
from snippets.tasks.recall_training import PAIRS, TIMES

PAGE = "Linear Attention", "beyond/linear-attention.html"
STATES = ("linear", "gated", "delta")
FEW, MANY = PAIRS[0], PAIRS[-1]


def right(kind: str, times: int, pairs: int, seed: int) -> float:
    """Return how often a trained model recalls the right value."""
    found = kept(measure, **RECALL[kind], seed=seed)
    return found["accuracy"][times][pairs]


@ranged
def recalled(seed: int) -> dict[str, float]:
    """Return how often each model recalls: by kind, times and pairs."""
    return {
        f"{kind}, {times}, {pairs}": right(kind, times, pairs, seed)
        for kind in RECALL
        for times in TIMES
        for pairs in PAIRS
    }


@claim(least=0.9)
def few_fit(seed: int) -> float:
    """Few pairs fit, many do not."""
    return min(right(kind, 1, FEW, seed) for kind in STATES)


@claim(most=0.9)
def many_do_not(seed: int) -> float:
    """Few pairs fit, many do not."""
    return max(right(kind, 1, MANY, seed) for kind in STATES)


@claim(most=0.12)
def no_more_room(seed: int) -> float:
    """Here neither a gate nor the delta rule makes room for more."""
    gated, delta = (right(kind, 1, MANY, seed) for kind in STATES[1:])
    return max(gated, delta) - right("linear", 1, MANY, seed)


@claim(most=0.65)
def sum_guesses(seed: int) -> float:
    """the plain sum holds both values of a key and can only guess"""
    return right("linear", 2, FEW, seed)


@claim(least=0.03)
def gate_helps(seed: int) -> float:
    """a gate can fade the older one"""
    return right("gated", 2, FEW, seed) - right("linear", 2, FEW, seed)


@claim(least=0.9)
def delta_replaces(seed: int) -> float:
    """the delta rule replaces it"""
    return right("delta", 2, FEW, seed)
