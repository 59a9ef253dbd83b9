"""Try learning rates for the recall models, the same for every kind.

Run by hand, about two CPU minutes: python -m snippets.benchmarks.recall
It writes recall.json beside this file, which the pages read.
"""

from pathlib import Path
from statistics import fmean

from snippets.benchmarks.record import start, write
from snippets.results.recall_models import VALIDATION, accuracies
from snippets.results.trainings import RECALL_TRAINING
from snippets.tasks.recall_training import KINDS, train_recall

STEPS = RECALL_TRAINING["steps"]
RECORD = Path(__file__).with_suffix(".json")
RATES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
SEED = 100  # no seed that the pages use


def sweep(rates: tuple[float, ...], steps: int) -> list[dict]:
    """Train every kind with every rate; score them on validation data."""
    rows = []
    for rate in rates:
        row: dict[str, float] = {"rate": rate}
        for kind in KINDS:
            model = train_recall(kind=kind, seed=SEED, steps=steps, rate=rate)
            found = accuracies(model, VALIDATION).values()
            row[kind] = fmean(fmean(counts.values()) for counts in found)
        print(row)
        rows.append(row)
    return rows


def main(arguments: list[str] | None = None, path: Path = RECORD) -> None:
    """Measure, print and write the record to `path`."""
    start(__doc__, arguments)
    rows = sweep(RATES, STEPS)
    write({"seed": SEED, "steps": STEPS, "rows": rows}, path)


if __name__ == "__main__":
    main()
