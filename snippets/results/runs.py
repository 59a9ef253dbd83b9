"""How many runs of each model a page speaks of, in words."""

from snippets.results.trainings import (
    LOOKUP_KINDS,
    LOOKUPS,
    ONE_TEXT,
    READERS,
    RECALL_KINDS,
    SCORES,
    seeds,
)

# What the pages call them, and the models that are meant.
MODELS = {
    "translator": ("attention", "fixed vector"),
    "short": (
        "attention, at most 16 words",
        "fixed vector, at most 16 words",
    ),
    "unmasked": ("attention, no mask",),
    "scores": SCORES,
    "partners": LOOKUP_KINDS,
    "recall": RECALL_KINDS,
    "transformer": ("transformer",),
    "one_text": ONE_TEXT,
    "readers": READERS,
    "sinks": LOOKUPS,
}
WORDS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
)


def of() -> dict[str, str]:
    """Return for each of MODELS the runs that a build makes: `one run`."""
    return {
        name: said({len(seeds(model)) for model in models})
        for name, models in MODELS.items()
    }


def said(counts: set[int]) -> str:
    """Return a count of runs in words, the same for all models meant.

    Raises ValueError if the models have different counts.
    """
    if len(counts) != 1:
        raise ValueError(f"the models must have as many runs each: {counts}")
    [count] = counts
    return f"{WORDS[count - 1]} run{'' if count == 1 else 's'}"
