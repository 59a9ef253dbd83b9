"""What the tests of results share: hand-made records, and how to compare."""

import json
from difflib import unified_diff
from pprint import pformat

from torch import nn

from snippets.claims import record
from snippets.machinery.content import present


def same(found, expected):
    """Equal in each value, in its kind and in the order of all columns."""
    __tracebackhide__ = True
    written = [
        pformat(value, sort_dicts=False, width=70).splitlines()
        for value in (expected, found)
    ]
    names = "expected", "found"
    differs = "\n".join(unified_diff(*written, *names, lineterm=""))
    assert not differs, differs


def printed(found, expected):
    """The same, and something that a page can print."""
    __tracebackhide__ = True
    same(found, expected)
    assert present(found, None, "it") == {"value": found}


def table(names, rows):
    """Return a table as pages get it, from what stands in its rows."""
    return [dict(zip(names, row, strict=True)) for row in rows]


def columns(by_name):
    """Return the same from what stands in each column."""
    return table(by_name, zip(*by_name.values(), strict=True))


def keep(record, module, folder, monkeypatch):
    """Let a module read this record in the place of its own."""
    path = folder / "record.json"
    path.write_text(json.dumps(record), "utf-8")
    monkeypatch.setattr(module, "RECORD", path)


def recorded(monkeypatch, **ranges):
    """Let the record have these rows, one a random start, under each name.

    ranges: by the name of the function, `module__function`.
    """
    named = {name.replace("__", "."): rows for name, rows in ranges.items()}
    count = len(next(iter(ranges.values())))
    made = {"starts": [*range(100, 100 + count)], "ranges": named}
    monkeypatch.setattr(record, "record", lambda: made)


def reader(known, name=None):
    """Stand in for what reads a trained model: by name and random start.

    known: by (name, seed), or by name alone where the seed is 0.
    name: the one that is read if none is given.
    """
    known = {
        key if isinstance(key, tuple) else (key, 0): value
        for key, value in known.items()
    }
    return lambda given=name, seed=0: known[given, seed]


def keep_calls(module, monkeypatch, found="what is kept"):
    """Let a module get this from kept; return the list of its calls."""
    calls = []

    def kept(function, report=None, **settings):
        calls.append((function, report, settings))
        return found

    monkeypatch.setattr(module, "kept", kept)
    return calls


def measure_by_hand(module, load, monkeypatch):
    """Let a module measure a model of nine numbers that nothing trained.

    load: the name of what makes a model of what is kept. Each way to measure
    says which numbers it was given. Returns what should be measured, and the
    list of calls of kept.
    """
    trained = {"losses": [3.0, 1.0], "state": "weights"}
    model = nn.Linear(2, 3)

    def loaded(given):
        assert given is trained
        return model

    def measuring(way):
        def measure(given, numbers):
            assert given is model
            return way, numbers

        return measure

    monkeypatch.setattr(module, load, loaded)
    names = "training", "validation", "held_out", "by_length"
    splits = {name: f"the numbers {name}" for name in names}
    monkeypatch.setattr(module, "make_splits", lambda: splits)
    for way in ("exact_match", "exact_match_by_length", "alignment_accuracy"):
        monkeypatch.setattr(module, way, measuring(way))
    expected = {
        "losses": [3.0, 1.0],
        "parameters": 9,
        "exact": ("exact_match", "the numbers held_out"),
        "by_length": ("exact_match_by_length", "the numbers by_length"),
        "alignment": ("alignment_accuracy", "the numbers held_out"),
    }
    return expected, keep_calls(module, monkeypatch, trained)
