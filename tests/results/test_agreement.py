"""What is measured of the small language model, on models made by hand."""

import pytest
import torch
from torch import nn

from snippets.results import agreement as results
from snippets.tasks.agreement import (
    END,
    INDEX,
    NOUNS,
    WORDS,
    verb_of,
)
from tests.results.made import keep_calls, printed, reader


class Made(nn.Module):
    """Says the verb of the noun at a place, and looks there alone."""

    def __init__(self, place):
        super().__init__()
        self.place = place
        self.one = nn.Parameter(torch.zeros(3))

    def forward(self, words):
        batch, length = words.shape
        logits = torch.zeros(batch, length, len(WORDS))
        weights = torch.zeros(batch, length, length)
        for row, numbers in enumerate(words.tolist()):
            said = [WORDS[number] for number in numbers]
            nouns = [i for i, word in enumerate(said) if word in NOUNS]
            at = nouns[self.place]
            logits[row, -1, INDEX[verb_of(["the", said[at]])]] = 1
            logits[row, -1, INDEX[END]] = 2  # likelier, but no verb
            weights[row, -1, at] = 0.75
        return logits, weights


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ("the black cat near the dogs", True),
        ("the cat near the cat", False),
        ("the cat near the dog behind the cat", False),
        ("the black cat", False),
    ],
)
def test_hard_are_beginnings_with_other_nouns_alone(begun, expected):
    assert results.hard(begun.split()) is expected


@pytest.mark.parametrize(
    ("begun", "place"), [("the cat near the dog", 1), ("the old dogs", 2)]
)
def test_the_subject_is_the_first_noun(begun, place):
    assert results.subject(begun.split()) == place


def test_look_reads_verb_and_weights_after_the_last_word():
    found = results.look(Made(-1), results.EXAMPLE)
    assert found == {"verb": "bark", "weights": [0, 0, 0, 0, 0, 0.75]}


@pytest.mark.parametrize(("place", "share"), [(0, 1.0), (-1, 0.0)])
def test_measure_counts_the_first_noun(monkeypatch, place, share):
    calls = []

    def train(attends, seed):
        calls.append((attends, seed))
        return Made(place)

    monkeypatch.setattr(results, "train", train)
    monkeypatch.setattr(results, "UNSEEN", 50)
    monkeypatch.setattr(results, "write", lambda model, number: number)
    found = results.measure(attends="equal", seed=7)
    assert calls == [("equal", 7)]
    assert found.pop("grid")[-1][2 if place == 0 else 5] == 0.75
    assert found == {
        "right": share,
        "largest": share,
        "after": "purrs" if place == 0 else "bark",
        "written": [0, 1, 2, 3, 4],
        "parameters": 3,
    }


class Next(nn.Module):
    """Is sure of the next word of this text, whatever came before."""

    def __init__(self, text):
        super().__init__()
        self.text = text.split()

    def forward(self, words):
        logits = torch.full((*words.shape, len(WORDS)), -torch.inf)
        logits[:, -1, INDEX[self.text[words.size(1)]]] = 0
        return logits, None


def test_write_stops_at_the_end_or_when_it_is_long():
    text = "the cat purrs . the"
    assert results.write(Next(text), seed=0) == "the cat purrs ."
    assert (
        results.write(Next("the " * 9), seed=0, longest=4)
        == "the " * 3 + "the"
    )


def test_write_draws_by_the_seed():
    torch.manual_seed(0)

    def any_word(words):
        return torch.zeros(*words.shape, len(WORDS)), None

    drawn = [results.write(any_word, seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


KNOWN = {
    results.LEARNT: {
        "right": 0.9876,
        "largest": 0.8765,
        "parameters": 4321,
        "written": ["the cat purrs .", "the dogs bark ."],
    },
    results.EQUAL: {"right": 0.4567},
}


def test_facts_and_what_is_written(monkeypatch):
    monkeypatch.setattr(results, "measured", reader(KNOWN, results.LEARNT))
    printed(
        results.facts(),
        {
            "unseen": 500,
            "parameters": 4321,
            "right": "98.8%",
            "largest": "87.6%",
            "equal": "46%",
        },
    )
    printed(results.written(), "the cat purrs .\nthe dogs bark .")


def test_each_model_is_kept_by_its_settings(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    results.measured()
    results.measured(results.EQUAL, 3)
    assert [settings for _, _, settings in calls] == [
        {"attends": "learnt", "seed": 0},
        {"attends": "equal", "seed": 3},
    ]
    assert {function for function, _, _ in calls} == {results.measure}
