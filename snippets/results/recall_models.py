"""What is measured of each model that is trained to recall."""

from collections.abc import Callable

from snippets.tasks.recall_training import (
    PAIRS,
    TIMES,
    RecallModel,
    accuracy,
    train_recall,
)

# Seeds of the data that models are measured on; trainings have small ones.
VALIDATION, TEST = 1_000_000, 2_000_000
QUESTIONS = 6400  # a number of pairs


def accuracies(model: RecallModel, seed: int) -> dict[int, dict[int, float]]:
    """Return the accuracy by how often keys are written, then by pairs."""
    return {
        times: {
            pairs: accuracy(model, pairs, times, QUESTIONS, seed)
            for pairs in PAIRS
        }
        for times in TIMES
    }


def measure(
    report: Callable[[int, int, float], None] | None = None, **settings
) -> dict:
    """Train a model and measure it on new sequences."""
    model = train_recall(report=report, **settings)
    return {
        "accuracy": accuracies(model, TEST),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
