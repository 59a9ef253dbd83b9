"""What *Why Do We Need Attention?* says of the trained translators."""

from snippets.claims.claim import claim, ranged
from snippets.fixed_vector import influence
from snippets.machinery.kept import kept
from snippets.results import influence as far_words
from snippets.results.measured import measure, measured
from snippets.results.trainings import LARGER, SEEDS

PAGE = "Why Do We Need Attention?", "why-do-we-need-attention.html"

SHORTEST, LATE, LAST = (1, 5), (21, 25), (26, 30)
JUST_BEYOND = (16, 20)  # of models that saw 16 words at most
ATTENTION, FIXED = "attention", "fixed vector"
LONGER = "fixed vector, four times the steps"
SHORT = "attention, at most 16 words"
MEASURED = (
    ATTENTION,
    FIXED,
    LONGER,
    SHORT,
    "fixed vector, at most 16 words",
)


@ranged
def translators(seed: int) -> dict[str, float]:
    """Return exact match of each model, together and by length."""
    runs = {name: measured(name, seed) for name in MEASURED}
    for name, settings in LARGER.items():
        runs[name] = kept(measure, **settings, seed=seed)
    found = {}
    for name, run in runs.items():
        found[name] = run["exact"]
        for (low, high), share in run["by_length"].items():
            found[f"{name}, {low} to {high}"] = share
    return found


@claim(least=0.9, builds=SEEDS)
def short_are_right(seed: int) -> float:
    """Up to five words both are nearly always right."""
    runs = measured(ATTENTION, seed), measured(FIXED, seed)
    return min(run["by_length"][SHORTEST] for run in runs)


@claim(least=0.8, builds=SEEDS)
def fixed_falls(seed: int) -> float:
    """After that the fixed vector drops off sharply."""
    found = measured(FIXED, seed)["by_length"]
    return found[SHORTEST] - found[LATE]


@claim(least=0.85, builds=SEEDS)
def attention_holds(seed: int) -> float:
    """Attention hardly notices."""
    return min(measured(ATTENTION, seed)["by_length"].values())


@claim(least=0.05, builds=())
def longer_helps(seed: int) -> float:
    """With four times the steps it reaches
    `#!value translator.exact.longer`
    """
    return measured(LONGER, seed)["exact"] - measured(FIXED, seed)["exact"]


@claim(least=0.15, builds=SEEDS)
def ahead_at_equal_cost(seed: int) -> float:
    """At equal cost attention is far ahead."""
    return measured(ATTENTION, seed)["exact"] - measured(FIXED, seed)["exact"]


@claim(most=1e-4)
def far_words_fade(seed: int) -> float:
    """The first of thirty words hardly reaches the decoder."""
    on_fixed, _ = influence(*far_words.sentence(seed))
    return (on_fixed[0] / on_fixed[-1]).item()


@claim(most=2.0)
def influence_is_flat(seed: int) -> float:
    """With attention the line is flat."""
    _, on_own = influence(*far_words.sentence(seed))
    return (on_own.max() / on_own.min()).item()


@claim(least=0.8)
def a_little_beyond(seed: int) -> float:
    """Trained on numbers of at most 16 words, it still does well a little
    beyond.
    """
    return measured(SHORT, seed)["by_length"][JUST_BEYOND]


@claim(least=0.3)
def far_beyond(seed: int) -> float:
    """Then it falls, too:"""
    found = measured(SHORT, seed)["by_length"]
    return found[JUST_BEYOND] - found[LAST]
