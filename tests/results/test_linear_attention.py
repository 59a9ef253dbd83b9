"""The numbers of *Linear Attention*, of models and a record made by hand."""

import pytest

from snippets.results import linear_attention as results
from snippets.results.recall_models import measure
from snippets.tasks.recall_training import PAIRS
from tests.results.made import keep, printed, recorded, same, table

KINDS = "softmax", "linear", "gated", "delta"


def accuracy(kind, times, pairs, seed):
    """Another number for each."""
    place = KINDS.index(kind) + 4 * PAIRS.index(pairs) + 32 * (times - 1)
    return (place + seed) / 100


@pytest.fixture
def made(monkeypatch):
    def kept(function, kind, seed, **settings):
        assert function is measure
        assert settings == {"steps": 1000, "rate": 0.04}
        return {
            "accuracy": {
                times: {
                    pairs: accuracy(kind, times, pairs, seed)
                    for pairs in PAIRS
                }
                for times in (1, 2)
            }
        }

    monkeypatch.setattr(results, "kept", kept)
    rows = [
        {
            f"{kind}, {times}, {pairs}": accuracy(kind, times, pairs, seed)
            for kind in KINDS
            for times in (1, 2)
            for pairs in PAIRS
        }
        for seed in (30, 20, 27)
    ]
    recorded(monkeypatch, linear_attention__recalled=rows)


def test_each_kind_has_a_number_of_this_build(made):
    same(
        results.accuracy_of("gated", 2),
        {pairs: accuracy("gated", 2, pairs, 0) for pairs in PAIRS},
    )


def test_each_kind_has_the_range_of_the_other_starts(made):
    same(
        results.others("delta", 1),
        {
            pairs: tuple(
                accuracy("delta", 1, pairs, seed) for seed in (20, 30)
            )
            for pairs in PAIRS
        },
    )


def said(place):
    """What is said of each kind, the first of them at a place."""
    return {
        kind: f"{place + i}% ({place + i + 20} to {place + i + 30})"
        for i, kind in enumerate(KINDS)
    }


def test_once_is_told_at_the_most_pairs(made):
    assert PAIRS[-1] == max(PAIRS)
    printed(results.once(), said(4 * (len(PAIRS) - 1)))


def test_twice_is_told_at_the_fewest_pairs(made):
    assert PAIRS[0] == min(PAIRS)
    printed(results.twice_at_few(), said(32))


def test_the_sizes_of_task_and_models():
    printed(
        results.task(),
        {
            "keys": 64,
            "values": 64,
            "features": 32,
            "head_dim": 16,
            "fewest": min(PAIRS),
            "most": max(PAIRS),
            "steps": 1000,
            "rate": 0.04,
        },
    )


RECORD = {
    "rows": [
        dict(rate=0.01, softmax=0.98, linear=0.6731, gated=0.25, delta=0.88),
        dict(rate=0.04, softmax=0.99, linear=0.6666, gated=0.5, delta=0.8555),
        dict(rate=0.08, softmax=0.97, linear=0.5, gated=0.7544, delta=0.8),
    ]
}


def test_the_shared_rate_is_behind_the_best_of_one_kind(tmp_path, monkeypatch):
    keep(RECORD, results, tmp_path, monkeypatch)
    points = pytest.approx(25.44)  # gated: 0.7544 - 0.5
    found = results.sweep()
    assert found == {"rates": 3, "points": points, "softmax_faster": 0.97}


def test_each_rate_has_its_own_accuracies(tmp_path, monkeypatch):
    keep(RECORD, results, tmp_path, monkeypatch)
    names = "peak rate", *KINDS
    rows = [
        ("0.01", "98.0%", "67.3%", "25.0%", "88.0%"),
        ("0.04", "99.0%", "66.7%", "50.0%", "85.5%"),
        ("0.08", "97.0%", "50.0%", "75.4%", "80.0%"),
    ]
    printed(results.rates(), table(names, rows))
