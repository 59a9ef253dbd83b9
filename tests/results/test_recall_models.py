"""What is measured of a model that recalls: on which data, by which key."""

from torch import nn

from snippets.results import recall_models as results
from snippets.tasks.recall_training import PAIRS
from tests.results.made import same


def test_accuracies_are_ordered_by_times_and_pairs(monkeypatch):
    def accuracy(model, pairs, times, questions, seed):
        assert (model, questions) == ("model", 6400)
        return (pairs, times, seed)

    monkeypatch.setattr(results, "accuracy", accuracy)
    same(
        results.accuracies("model", 77),
        {
            times: {pairs: (pairs, times, 77) for pairs in PAIRS}
            for times in (1, 2)
        },
    )


def test_a_model_is_measured_on_new_sequences(monkeypatch):
    model = nn.Linear(2, 3)  # of nine numbers

    def train(report, **settings):
        assert (report, settings) == (print, {"kind": "linear", "seed": 7})
        return model

    def accuracies(given, seed):
        assert given is model
        return f"data {seed}"

    monkeypatch.setattr(results, "train_recall", train)
    monkeypatch.setattr(results, "accuracies", accuracies)
    same(
        results.measure(report=print, kind="linear", seed=7),
        {"accuracy": "data 2000000", "parameters": 9},
    )
