"""What is measured of each trained Transformer, once, for all pages."""

from collections.abc import Callable

from snippets.machinery.kept import kept
from snippets.results.trainings import TRANSFORMERS
from snippets.transformer.model import Transformer
from snippets.transformer.training import load_transformer, train_transformer
from snippets.translator.evaluation import (
    alignment_accuracy,
    exact_match,
    exact_match_by_length,
)
from snippets.translator.number_words import make_splits


def measure(
    report: Callable[[int, int, float], None] | None = None, **settings
) -> dict:
    """Train a Transformer, unless it is kept; measure it on unseen data."""
    trained = kept(train_transformer, report=report, **settings)
    model = load_transformer(trained)
    splits = make_splits()
    return {
        "losses": trained["losses"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact": exact_match(model, splits["held_out"]),
        "by_length": exact_match_by_length(model, splits["by_length"]),
        "alignment": alignment_accuracy(model, splits["held_out"]),
    }


def measured(name: str = "transformer", seed: int = 0) -> dict:
    """Return the measurements of one of TRANSFORMERS."""
    return kept(measure, **TRANSFORMERS[name], seed=seed)


def transformer(name: str = "transformer", seed: int = 0) -> Transformer:
    """Return the trained Transformer of one of TRANSFORMERS."""
    trained = kept(train_transformer, **TRANSFORMERS[name], seed=seed)
    return load_transformer(trained)
