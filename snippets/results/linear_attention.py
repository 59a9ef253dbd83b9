"""The numbers of *Linear Attention*."""

import json
from pathlib import Path

from snippets.claims import record
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
RECORDED = "linear_attention.recalled"  # accuracy from the other starts


def accuracy_of(kind: str, times: int) -> dict[int, float]:
    """Return the accuracy of one kind in this build, by pairs."""
    found = kept(measure, **RECALL[kind], seed=SEEDS[0])["accuracy"]
    return {pairs: found[times][pairs] for pairs in PAIRS}


def others(kind: str, times: int) -> dict[int, tuple[float, float]]:
    """Return from where to where it goes in the record, by pairs."""
    return {
        pairs: record.span(RECORDED, f"{kind}, {times}, {pairs}")
        for pairs in PAIRS
    }


def _told(times: int, pairs: int) -> dict[str, str]:
    """Return the accuracy of each kind, and the range of other starts."""
    return {
        kind: record.beside(
            accuracy_of(kind, times)[pairs],
            RECORDED,
            f"{kind}, {times}, {pairs}",
            ".0%",
        )
        for kind in RECALL_KINDS
    }


def once() -> dict[str, str]:
    """Return the accuracy at the most pairs, each key written once."""
    return _told(1, PAIRS[-1])


def twice_at_few() -> dict[str, str]:
    """Return the accuracy at the fewest pairs, keys written twice."""
    return _told(2, PAIRS[0])


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
