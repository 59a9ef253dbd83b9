"""The numbers of *Linear Attention*."""

import json
from pathlib import Path
from statistics import fmean

from snippets.machinery.kept import kept
from snippets.results.recall_models import measure
from snippets.results.trainings import (
    RECALL,
    RECALL_KINDS,
    RECALL_TRAINING,
    SEEDS,
)
from snippets.tasks.recall import KEYS, VALUES
from snippets.tasks.recall_training import FEATURES, HEAD_DIM, PAIRS

RECORD = Path(__file__).parents[1] / "benchmarks" / "recall.json"


def accuracy_of(kind: str, times: int) -> dict[int, list[float]]:
    """Return the accuracy of one kind: by pairs, one number a seed."""
    runs = [
        kept(measure, **RECALL[kind], seed=seed)["accuracy"][times]
        for seed in SEEDS
    ]
    return {pairs: [run[pairs] for run in runs] for pairs in PAIRS}


def once() -> dict[str, float]:
    """Return the mean accuracy at the most pairs, each key written once."""
    return {k: fmean(accuracy_of(k, 1)[PAIRS[-1]]) for k in RECALL_KINDS}


def twice_at_few() -> dict[str, float]:
    """Return the mean accuracy at the fewest pairs, keys written twice."""
    return {k: fmean(accuracy_of(k, 2)[PAIRS[0]]) for k in RECALL_KINDS}


def softmax_twice() -> dict[str, float]:
    """Return the range of softmax at the fewest pairs, keys written twice."""
    runs = accuracy_of("softmax", 2)[PAIRS[0]]
    return {"low": min(runs), "high": max(runs)}


def task() -> dict[str, int | float]:
    """Return the sizes of the task, of the models and of their training."""
    return {
        "keys": KEYS,
        "values": VALUES,
        "features": FEATURES,
        "head_dim": HEAD_DIM,
        "fewest": PAIRS[0],
        "most": PAIRS[-1],
        "steps": RECALL_TRAINING["steps"],
        "rate": RECALL_TRAINING["rate"],
        "seeds": len(SEEDS),
    }


def sweep() -> dict[str, int | float]:
    """Return how many rates were tried, and what the shared one costs.

    points: by how many points of accuracy it is behind the best, at most;
    softmax_faster: the accuracy of softmax with twice that rate.
    """
    rows = json.loads(RECORD.read_text("utf-8"))["rows"]
    rate = RECALL_TRAINING["rate"]
    [chosen] = [row for row in rows if row["rate"] == rate]
    [faster] = [row for row in rows if row["rate"] == 2 * rate]
    behind = [
        max(row[kind] for row in rows) - chosen[kind] for kind in RECALL_KINDS
    ]
    return {
        "rates": len(rows),
        "points": 100 * max(behind),
        "softmax_faster": faster["softmax"],
    }


def rates() -> list[dict[str, str]]:
    """Return accuracy on validation data, one row a peak learning rate."""
    return [
        {"peak rate": f"{row['rate']:g}"}
        | {kind: f"{row[kind]:.1%}" for kind in RECALL_KINDS}
        for row in json.loads(RECORD.read_text("utf-8"))["rows"]
    ]
