"""The numbers of *Long Inputs*, of readers and lookups made by hand."""

import pytest
import torch

from snippets.results import long_inputs as results
from snippets.tasks import sink_lookup, window_recall
from tests.results.made import (
    columns,
    keep_calls,
    printed,
    reader,
    recorded,
    same,
    table,
)


def test_a_reader_is_known_by_its_settings_and_random_start(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.recall("3 layers, window 4", 2) == "what is kept"
    results.recall("2 layers, all words")
    assert calls == [
        (window_recall.train, None, dict(layers=3, left=4, steps=400, seed=2)),
        (
            window_recall.train,
            None,
            dict(layers=2, left=None, steps=200, seed=0),
        ),
    ]


@pytest.mark.parametrize("sink", ["start", "zero", "none"])
def test_a_lookup_gets_what_was_learnt(monkeypatch, sink):
    torch.manual_seed(3)
    learnt = sink_lookup.Lookup(sink).state_dict()
    calls = keep_calls(results, monkeypatch, learnt)
    model = results.lookup(sink, 2)
    results.lookup(sink)
    assert model.sink == sink
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, learnt[name])
    settings = dict(sink=sink, steps=800)
    assert calls == [
        (sink_lookup.train, None, settings | {"seed": 2}),
        (sink_lookup.train, None, settings | {"seed": 0}),
    ]


def test_answers_are_compared_by_kind_of_question(monkeypatch):
    """Names that are there: questions 0 and 2; both kinds apart."""
    there = torch.tensor([True, False, True, False])
    answer = torch.tensor([[1.0, 1], [0, 0], [2, 2], [0, 0]])
    context = torch.tensor([[1.0, 3], [0, 1], [2, 2], [1, 2]])
    weights = torch.tensor([[0.25, 1], [0.5, 1], [0.75, 1], [1, 1]])
    lists = torch.zeros(4), torch.ones(4), torch.full((4,), 2.0)

    def make_lists(batch, generator, length):
        assert (batch, generator.initial_seed(), length) == (2000, 1, 21)
        return *lists, answer, there

    def model(*given):
        assert [tensor[0].item() for tensor in given[:3]] == [0, 1, 2]
        assert given[3] == "a mask"
        return context, weights

    monkeypatch.setattr(sink_lookup, "make_lists", make_lists)
    same(
        results.asked(model, 21, "a mask"),
        {
            # squares of 0, 2, 0, 0 and of 0, 1, 1, 2
            "error, there": 1.0,
            "error, not there": 1.5,
            "first, there": 0.5,
            "first, not there": 0.75,
        },
    )


@pytest.mark.parametrize(
    ("sink", "sinks", "seen"),
    [
        # Of a start and 18 keys the last one and 16 before it.
        ("start", 0, [False, False, *[True] * 17]),
        ("start", 1, [True, False, *[True] * 17]),
        ("none", 0, [False, *[True] * 17]),
    ],
)
def test_the_window_holds_as_many_keys_as_in_training(
    monkeypatch, sink, sinks, seen
):
    def asked(model, length, mask):
        assert (model, length, mask.tolist()) == (sink, 18, [seen])
        return {"error, there": 0.25, "error, not there": 0.5}

    monkeypatch.setattr(results, "lookup", reader({(sink, 3): sink}))
    monkeypatch.setattr(results, "asked", asked)
    assert results.error_in_window(sink, 18, sinks, 3) == 0.5


def test_each_way_reads_the_stream_in_its_own_window(monkeypatch):
    known = {("start", 0): 100, ("start", 1): 200, ("none", 0): 300}
    monkeypatch.setattr(
        results,
        "error_in_window",
        lambda sink, length, sinks, seed: known[sink, sinks] + length + seed,
    )
    assert results.stream()["window"] == [*range(116, 127)]
    same(
        results.stream(1000),
        {
            "window": [*range(1116, 1127)],
            "window and first key": [*range(1216, 1227)],
            "trained without a first key": [*range(1316, 1327)],
        },
    )


ASKED = {
    "start": (0.00251, 0.01249, 0.0126, 0.8249),
    "zero": (0.0036, 0.0144, 0.0157, 0.7351),
    "none": (0.0044, 0.0566, 0.0178, 0.9),
}

WHAT = (
    "error, there",
    "error, not there",
    "first, there",
    "first, not there",
)


@pytest.fixture
def asked(monkeypatch):
    def asked(sink, length):
        assert length == 16
        return dict(zip(WHAT, ASKED[sink], strict=True))

    monkeypatch.setattr(
        results, "lookup", reader({sink: sink for sink in ASKED})
    )
    monkeypatch.setattr(results, "asked", asked)


def test_each_lookup_has_its_own_errors(asked, monkeypatch):
    others = [
        {
            f"{sink}, {what}": number + place / 10
            for place, sink in enumerate(ASKED)
            for what, number in zip(WHAT, numbers, strict=True)
        }
        for numbers in ((0.003, 0.02, 0.5, 0.6), (0.001, 0.03, 0.4, 0.7))
    ]
    recorded(monkeypatch, long_inputs__each_sink=others)
    names = "before the list", "there", "not there", "weight"
    rows = [
        (
            "a start",
            "0.003 (0.001 to 0.003)",
            "0.012 (0.020 to 0.030)",
            "82% (60 to 70)",
        ),
        (
            "a key of zeros",
            "0.004 (0.101 to 0.103)",
            "0.014 (0.120 to 0.130)",
            "74% (70 to 80)",
        ),
        (
            "nothing",
            "0.004 (0.201 to 0.203)",
            "0.057 (0.220 to 0.230)",
            "–",
        ),
    ]
    printed(results.sinks(), table(names, rows))


def test_the_numbers_of_sinks_that_the_page_names(asked):
    printed(
        results.sink_facts(),
        {
            "list": 16,
            "names": 24,
            "there": 0.0126,
            "not_there": 0.8249,
            "even": 1 / 16,
            "window": 16,
            "lost": 17,
            "tests": 2000,
            "models": 3,
        },
    )


def test_the_numbers_of_recall_that_the_page_names(monkeypatch):
    """Distance 1 comes first: 8 is the last word that two layers reach."""
    known = {
        "2 layers, all words": [0.0] * 19,
        "2 layers, window 4": [200 + distance for distance in range(1, 20)],
        "3 layers, window 4": [300 + distance for distance in range(1, 20)],
    }
    monkeypatch.setattr(results, "recall", reader(known))
    others = [
        {"2 layers, window 4": share, "3 layers, window 4": 0.5}
        for share in (0.92, 0.81)
    ]
    recorded(monkeypatch, long_inputs__at_the_end=others)
    printed(
        results.recall_facts(),
        {
            "left": 4,
            "facts": 8,
            "chance": 0.125,
            "far": 19,
            "two_last": 208,
            "two_last_others": "81% to 92%",
            "two_beyond": 209,
            "three_beyond": 313,
        },
    )


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_reach_ends_at_layers_times_window(layers):
    found = results.reach(layers, 3, 13)
    assert found.shape == (13,)
    assert torch.equal(found > 0, torch.arange(13) >= 12 - 3 * layers)


def test_the_costs_are_those_of_the_formulas():
    lengths = [256, 1024, 4096]
    tiles = [length // 128 for length in lengths]
    a_tile = 128 * 128
    printed(
        results.costs(),
        columns(
            {
                "words": lengths,
                "scores, all": [n * (n + 1) // 2 * a_tile for n in tiles],
                # Each tile of queries has 127 earlier keys at the most.
                "scores, window": [
                    a_tile + (n - 1) * 128 * (128 + 127) for n in tiles
                ],
            }
        ),
    )
