"""What *The Types Compared* says of its small task and of the translators."""

from snippets.claims.claim import claim, ranged
from snippets.results.lookup_models import trained
from snippets.results.measured import measured
from snippets.results.trainings import LOOKUP_KINDS, SCORES
from snippets.results.types_of_attention import found_in_same_space

PAGE = "The Types Compared", "types-of-attention/comparison.html"

ROWS = {"additive": "attention"} | {name: name for name in SCORES}
LAST_STEPS = 20


def last_loss(kind: str, seed: int) -> float:
    """Return the mean loss of the last steps."""
    losses = trained(kind, seed)["losses"][-LAST_STEPS:]
    return sum(losses) / len(losses)


@ranged
def partner_found(seed: int) -> dict[str, float]:
    """Return how often each kind finds the partner."""
    return {kind: trained(kind, seed)["found"] for kind in LOOKUP_KINDS}


@ranged
def scores(seed: int) -> dict[str, float]:
    """Return exact match and alignment of a translator with each score."""
    found = {}
    for title, name in ROWS.items():
        run = measured(name, seed)
        found[f"{title}, exact"] = run["exact"]
        found[f"{title}, words"] = run["alignment"]["words"]
        found[f"{title}, hundert"] = run["alignment"]["hundert"]
    return found


@claim(most=0.6)
def dot_cannot_turn(seed: int) -> float:
    """**dot** learns nothing, so it cannot undo the rotation."""
    return trained("dot", seed)["found"]


@claim(least=0.85)
def dot_in_one_language(seed: int) -> float:
    """Without the rotation the same score finds
    `#!value types_of_attention.same_space .0%` of the words: it works where
    both sides speak one language.
    """
    return found_in_same_space(seed)


@claim(least=0.8)
def general_turns(seed: int) -> float:
    """**general** puts one matrix between the two sides. A rotation *is* a
    matrix, so this is exactly what the task needs.
    """
    return trained("general", seed)["found"]


@claim(least=0.03)
def local_misses(seed: int) -> float:
    """It finds fewer than general does alone."""
    found = partner_found(seed)
    return found["general"] - found["local-p"]


@claim(least=0.2)
def bias_matters(seed: int) -> float:
    """So it cannot express "these two agree". Two vectors that agree still
    agree when both are flipped, but their score would change sign.
    """
    found = partner_found(seed)
    return found["additive"] - found["concat"]


@claim(most=0.2)
def self_attention_returns(seed: int) -> float:
    """**self-attention** gets queries and words mixed into one sequence, and
    it returns what was asked for.
    """
    return last_loss("self-attention", seed)


@claim(least=1.5)
def concat_stays_high(seed: int) -> float:
    """Concat, without a bias, stays highest."""
    others = "additive", "general", "self-attention"
    return last_loss("concat", seed) / max(last_loss(k, seed) for k in others)


@claim(least=0.9)
def all_translate(seed: int) -> float:
    """All of them learn to translate."""
    return min(measured(name, seed)["exact"] for name in ROWS.values())


@claim(least=0.9)
def concat_translates(seed: int) -> float:
    """*Concat*, which failed above, does well here, probably because the
    states of a trained encoder are not spread evenly around zero, so that the
    missing bias can be made from them.
    """
    return measured("concat", seed)["exact"]
