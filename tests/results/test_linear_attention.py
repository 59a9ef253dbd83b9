"""The numbers of *Linear Attention*, of models and a record made by hand."""

import pytest

from snippets.results import linear_attention as results
from snippets.results.recall_models import measure
from snippets.tasks.recall_training import PAIRS
from tests.results.made import keep, printed, same, table

KINDS = "softmax", "linear", "gated", "delta"


def accuracy(kind, times, pairs, seed):
    """Another number for each; the three starts are no arithmetic row."""
    place = KINDS.index(kind) + 4 * PAIRS.index(pairs) + 64 * times
    return (place + (0, 5, 1)[seed]) / 1024


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


def test_each_kind_has_a_number_for_each_random_start(made):
    same(
        results.accuracy_of("gated", 2),
        {
            pairs: [accuracy("gated", 2, pairs, seed) for seed in (0, 1, 2)]
            for pairs in PAIRS
        },
    )


def test_once_is_the_mean_at_the_most_pairs(made):
    most = PAIRS[-1]
    assert most == max(PAIRS)
    expected = {
        # the starts add 0, 5 and 1: 2 in the mean
        kind: pytest.approx(accuracy(kind, 1, most, 0) + 2 / 1024)
        for kind in KINDS
    }
    found = results.once()
    assert (found, [*found]) == (expected, [*expected])


def test_twice_is_the_mean_at_the_fewest_pairs(made):
    fewest = PAIRS[0]
    assert fewest == min(PAIRS)
    expected = {
        kind: pytest.approx(accuracy(kind, 2, fewest, 0) + 2 / 1024)
        for kind in KINDS
    }
    found = results.twice_at_few()
    assert (found, [*found]) == (expected, [*expected])


def test_the_range_of_softmax_is_that_at_the_fewest_pairs(made):
    first = accuracy("softmax", 2, min(PAIRS), 0)
    same(results.softmax_twice(), {"low": first, "high": first + 5 / 1024})


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
            "seeds": 3,
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
