"""What *Linear Attention* says of attentions that learnt to recall."""

from snippets.claims.claim import claim
from snippets.machinery.kept import kept
from snippets.results.recall_models import measure
from snippets.results.trainings import RECALL, SEEDS
from snippets.tasks.recall_training import PAIRS

PAGE = "Linear Attention", "beyond/linear-attention.html"
STATES = ("linear", "gated", "delta")
FEW, MANY = PAIRS[0], PAIRS[-1]


def right(kind: str, times: int, pairs: int, seed: int) -> float:
    """Return how often a trained model recalls the right value."""
    found = kept(measure, **RECALL[kind], seed=seed)
    return found["accuracy"][times][pairs]


@claim(least=0.9, builds=SEEDS)
def few_fit(seed: int) -> float:
    """Few pairs fit, many do not."""
    return min(right(kind, 1, FEW, seed) for kind in STATES)


@claim(most=0.9, builds=SEEDS)
def many_do_not(seed: int) -> float:
    """Few pairs fit, many do not."""
    return max(right(kind, 1, MANY, seed) for kind in STATES)


@claim(most=0.12, builds=SEEDS)
def no_more_room(seed: int) -> float:
    """Here neither a gate nor the delta rule makes room for more."""
    gated, delta = (right(kind, 1, MANY, seed) for kind in STATES[1:])
    return max(gated, delta) - right("linear", 1, MANY, seed)


@claim(most=0.65, builds=SEEDS)
def sum_guesses(seed: int) -> float:
    """the plain sum holds both values of a key and can only guess"""
    return right("linear", 2, FEW, seed)


@claim(least=0.03, builds=SEEDS)
def gate_helps(seed: int) -> float:
    """a gate can fade the older one"""
    return right("gated", 2, FEW, seed) - right("linear", 2, FEW, seed)


@claim(least=0.9, builds=SEEDS)
def delta_replaces(seed: int) -> float:
    """the delta rule replaces it"""
    return right("delta", 2, FEW, seed)
