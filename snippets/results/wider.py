"""A fixed vector of four times the numbers, for the record of many starts."""

from collections.abc import Callable
from unittest.mock import patch

from snippets import translator_training
from snippets.build.kept import kept
from snippets.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    make_splits,
)
from snippets.results.trainings import WIDER
from snippets.translator import Translator
from snippets.translator_evaluation import exact_match, exact_match_by_length

[NAME] = WIDER
TIMES = 4
ENCODER, DECODER = 48, 56  # of one direction, and of the state, as on the page


def new_translator(settings: dict) -> Translator:
    """Make one without attention whose two sides have four times the size."""
    return Translator(
        len(ENGLISH_WORDS),
        len(GERMAN_MORPHEMES),
        attention=settings["attention"],
        encoder_size=TIMES * ENCODER,
        hidden_size=TIMES * DECODER,
    )


def measure(
    report: Callable[[int, int, float], None] | None = None, **settings
) -> dict:
    """Train it as the other translators are, and measure it.

    The loop is the one that the pages show; only the model that it makes is
    another one.
    """
    with patch.object(translator_training, "new_translator", new_translator):
        trained = translator_training.train_translator(
            report=report, **settings
        )
        model = translator_training.load_translator(trained)
    splits = make_splits()
    return {
        "exact": exact_match(model, splits["held_out"]),
        "by_length": exact_match_by_length(model, splits["by_length"]),
    }


def measured(seed: int) -> dict:
    """Return what was measured from one random start."""
    return kept(measure, **WIDER[NAME], seed=seed)
