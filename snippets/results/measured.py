"""What is measured of each trained model that translates, for all pages."""

from collections.abc import Callable

from torch import nn

from snippets.machinery.kept import kept
from snippets.results.trainings import LONGER, TRANSFORMERS, TRANSLATORS
from snippets.transformer.model import Transformer
from snippets.transformer.training import load_transformer, train_transformer
from snippets.translator.evaluation import (
    alignment_accuracy,
    exact_match,
    exact_match_by_length,
)
from snippets.translator.model import Translator
from snippets.translator.number_words import make_splits
from snippets.translator.training import load_translator, train_translator

Report = Callable[[int, int, float], None] | None


def measure(report: Report = None, **settings) -> dict:
    """Train a translator, unless it is kept, and measure it on unseen data."""
    trained = kept(train_translator, report=report, **settings)
    attends = settings["attention"] != "none"
    return _measurements(trained, load_translator(trained), attends)


def measure_transformer(report: Report = None, **settings) -> dict:
    """Train a Transformer, unless it is kept; measure it on unseen data."""
    trained = kept(train_transformer, report=report, **settings)
    return _measurements(trained, load_transformer(trained), attends=True)


def _measurements(trained: dict, model: nn.Module, attends: bool) -> dict:
    """Measure a model; one that does not attend has no alignment."""
    splits = make_splits()
    unseen = splits["held_out"]
    return {
        "losses": trained["losses"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact": exact_match(model, unseen),
        "by_length": exact_match_by_length(model, splits["by_length"]),
        "alignment": alignment_accuracy(model, unseen) if attends else {},
    }


def measured(name: str, seed: int = 0) -> dict:
    """Return the measurements of a translator or a Transformer."""
    if name in TRANSFORMERS:
        return kept(measure_transformer, **TRANSFORMERS[name], seed=seed)
    return kept(measure, **(TRANSLATORS | LONGER)[name], seed=seed)


def translator(name: str, seed: int = 0) -> Translator:
    """Return the trained translator of one of TRANSLATORS."""
    trained = kept(train_translator, **TRANSLATORS[name], seed=seed)
    return load_translator(trained)


def transformer(name: str = "transformer", seed: int = 0) -> Transformer:
    """Return the trained Transformer of one of TRANSFORMERS."""
    trained = kept(train_transformer, **TRANSFORMERS[name], seed=seed)
    return load_transformer(trained)
