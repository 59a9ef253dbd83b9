"""What a long neighbour in the batch does, with a mask and without."""

from snippets.machinery.kept import kept
from snippets.results.measured import translator
from snippets.translator.evaluation import translate
from snippets.translator.model import Translator
from snippets.translator.number_words import english, german, make_splits

MODELS = {"with mask": "attention", "without": "attention, no mask"}
SHORT, COUNT = 10, 300  # words at most, and how many such numbers


def mates() -> tuple[list[int], int]:
    """Return short unseen numbers, and the longest one as a neighbour."""
    unseen = make_splits()["held_out"]
    short = [n for n in unseen if len(english(n)) <= SHORT][:COUNT]
    return short, max(unseen, key=lambda n: len(english(n)))


def measure(*, seed: int) -> dict[str, dict[str, float]]:
    """Translate short numbers alone and beside a long one.

    Returns for each of MODELS the shares that are right "alone" and "beside"
    it, and the share whose output "changed".
    """
    return {
        title: compared(translator(name, seed))
        for title, name in MODELS.items()
    }


def compared(model: Translator) -> dict[str, float]:
    """Return the three shares of one model."""
    short, long = mates()
    alone = [translate(model, [n])[0][0] for n in short]
    beside = [translate(model, [n, long])[0][0] for n in short]
    right = [german(n) for n in short]

    def share(left: list[list[str]], other: list[list[str]]) -> float:
        equal = [a == b for a, b in zip(left, other, strict=True)]
        return sum(equal) / len(equal)

    return {
        "alone": share(alone, right),
        "beside": share(beside, right),
        "changed": 1 - share(alone, beside),
    }


def measured(seed: int = 0) -> dict[str, dict[str, float]]:
    """Return what was measured of the models from one random start."""
    return kept(measure, seed=seed)
