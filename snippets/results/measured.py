"""What is measured of each trained translator, once, for all pages."""

from collections.abc import Callable

from snippets.machinery.kept import kept
from snippets.results.trainings import TRANSLATORS
from snippets.translator.evaluation import (
    alignment_accuracy,
    exact_match,
    exact_match_by_length,
)
from snippets.translator.model import Translator
from snippets.translator.number_words import make_splits
from snippets.translator.training import load_translator, train_translator


def measure(
    report: Callable[[int, int, float], None] | None = None, **settings
) -> dict:
    """Train a translator, unless it is kept, and measure it on unseen data."""
    trained = kept(train_translator, report=report, **settings)
    model = load_translator(trained)
    splits = make_splits()
    attends = settings["attention"] != "none"
    return {
        "losses": trained["losses"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact": exact_match(model, splits["held_out"]),
        "by_length": exact_match_by_length(model, splits["by_length"]),
        "alignment": (
            alignment_accuracy(model, splits["held_out"]) if attends else {}
        ),
    }


def settings(name: str, seed: int) -> dict:
    """Return what a translator of the pages is trained with."""
    return TRANSLATORS[name] | {"seed": seed}


def measured(name: str, seed: int = 0) -> dict:
    """Return the measurements of one of TRANSLATORS."""
    return kept(measure, **settings(name, seed))


def translator(name: str, seed: int = 0) -> Translator:
    """Return the trained translator of one of TRANSLATORS."""
    return load_translator(kept(train_translator, **settings(name, seed)))
