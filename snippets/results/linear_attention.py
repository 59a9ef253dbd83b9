"""The numbers of *Linear Attention*."""

import json
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

from snippets.attention import attention
from snippets.build.kept import kept
from snippets.kv_cache import KVCache
from snippets.linear_attention import linear_attention, unit_length
from snippets.recall_task import KEYS, VALUES
from snippets.recall_training import FEATURES, HEAD_DIM, PAIRS
from snippets.results.trainings import (
    RECALL,
    RECALL_FUNCTION,
    RECALL_KINDS,
    RECALL_TRAINING,
    SEEDS,
)

RECORD = Path(__file__).parents[1] / "benchmarks" / "recall.json"

# Reading back what was written, without any training.

SIZE = 64  # d: numbers in a key and in a value
STEP, STEPS = 8, 24  # values written from one reading to the next
ROUNDS = 8  # random sets of keys and values
SHARP = 32.0  # softmax: much weight on the one key that fits


def read_errors() -> dict:
    """Return the error of reading values back, after more and more writes.

    The root of the mean square of the error, as a share of the values' own.
    "newest" counts the values whose error under the delta rule is in
    "newest_values".
    """
    generator = torch.Generator().manual_seed(0)
    shape = ROUNDS, 1, STEP * STEPS, SIZE
    key = unit_length(torch.randn(shape, generator=generator))
    value = torch.randn(shape, generator=generator)
    counts = [STEP * (step + 1) for step in range(STEPS)]
    found = {"size": SIZE, "newest": STEP, "counts": counts}
    found |= {kind: [] for kind in ("linear", "delta", "newest_values")}
    found["softmax"] = []
    strength = torch.ones(ROUNDS, 1, STEP)
    options = dict(feature_map=unit_length, normalise=False)
    plain = delta = None
    for count in counts:
        new = [tensor[:, :, count - STEP : count] for tensor in (key, value)]
        arguments = new[0], *new
        _, plain = linear_attention(*arguments, state=plain, **options)
        _, delta = linear_attention(
            *arguments, state=delta, beta=strength, **options
        )
        keys, values = key[:, :, :count], value[:, :, :count]
        context, _ = attention(keys, keys, values, scale=SHARP)
        found["linear"].append(_error(keys @ plain, values))
        found["delta"].append(_error(keys @ delta, values))
        found["newest_values"].append(_error(new[0] @ delta, new[1]))
        found["softmax"].append(_error(context, values))
    return found


def _error(read: Tensor, values: Tensor) -> float:
    """Return the size of the error over the size of the values."""
    return ((read - values).norm() / values.norm()).item()


def reading() -> dict[str, int | float]:
    """Return what the page says about reading back."""
    found = read_errors()
    at_d = found["counts"].index(SIZE)
    return {
        "size": SIZE,
        "sets": ROUNDS,
        "linear_at_d": found["linear"][at_d],
        "delta_at_d": found["delta"][at_d],
        "newest": STEP,
        "newest_last": found["newest_values"][-1],
    }


# What is kept of what has been read.


def memory() -> list[dict[str, int]]:
    """Return the numbers that one head keeps after so many positions."""
    rows = []
    for length in (16, 256, 4096, 65536):
        cache = KVCache(1, 1, length, SIZE)
        one = torch.zeros(1, 1, 1, SIZE)
        _, state = linear_attention(one, one, one)
        rows.append(
            {
                "positions read": length,
                "keys and values": 2 * cache.key.stored.numel(),
                "state": state.numel(),
            }
        )
    return rows


# Recall, trained.


def accuracy_of(kind: str, times: int) -> dict[int, list[float]]:
    """Return the accuracy of one kind: by pairs, one number a seed."""
    runs = [
        kept(RECALL_FUNCTION, **RECALL[f"{kind} {seed}"])["accuracy"][times]
        for seed in SEEDS
    ]
    return {pairs: [run[pairs] for run in runs] for pairs in PAIRS}


def once() -> dict[str, float]:
    """Return the mean accuracy at the most pairs, each key written once."""
    return _at_most_pairs(1)


def twice() -> dict[str, float]:
    """Return the mean accuracy at the most pairs, each key written twice."""
    return _at_most_pairs(2)


def twice_at_few() -> dict[str, float]:
    """Return the mean accuracy at the fewest pairs, keys written twice."""
    return {k: fmean(accuracy_of(k, 2)[PAIRS[0]]) for k in RECALL_KINDS}


def _at_most_pairs(times: int) -> dict[str, float]:
    return {k: fmean(accuracy_of(k, times)[PAIRS[-1]]) for k in RECALL_KINDS}


def task() -> dict[str, int | float]:
    """Return the sizes of the task, of the models and of their training."""
    return {
        "keys": KEYS,
        "values": VALUES,
        "features": FEATURES,
        "head_dim": HEAD_DIM,
        "most": PAIRS[-1],
        "steps": RECALL_TRAINING["steps"],
        "rate": RECALL_TRAINING["rate"],
        "seeds": len(SEEDS),
    }


def sweep() -> dict[str, int | float]:
    """Return how many rates were tried, and what the shared one costs.

    points: by how many points of accuracy it is behind the best, at most.
    """
    rows = json.loads(RECORD.read_text("utf-8"))["rows"]
    rate = RECALL_TRAINING["rate"]
    [chosen] = [row for row in rows if row["rate"] == rate]
    behind = [
        max(row[kind] for row in rows) - chosen[kind] for kind in RECALL_KINDS
    ]
    return {"rates": len(rows), "points": 100 * max(behind)}


def rates() -> list[dict[str, str]]:
    """Return accuracy on validation data, one row a peak learning rate."""
    return [
        {"peak rate": f"{row['rate']:g}"}
        | {kind: f"{row[kind]:.1%}" for kind in RECALL_KINDS}
        for row in json.loads(RECORD.read_text("utf-8"))["rows"]
    ]
