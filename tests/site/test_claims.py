"""Each sentence about a trained model has a check, and holds elsewhere."""

import ast

import pytest
import torch

from snippets.benchmarks import claims as benchmark
from snippets.claims import every, record
from snippets.claims.claim import CLAIMS, RANGES, Claim, claim
from snippets.machinery import source
from snippets.machinery.settings import DOCS
from snippets.results import claims

every_claim = pytest.mark.parametrize("name", sorted(CLAIMS))


def marked() -> list[tuple[str, str, str]]:
    """Return name, text before it, and place of each mark of each page."""
    found = []
    for page in source.pages():
        for name, before, line in source.claims(page.text):
            place = page.at(page.first_line + line - 1)
            found.append((name, before, place))
    return found


def test_every_mark_names_a_claim():
    assert [(n, place) for n, _, place in marked() if n not in CLAIMS] == []


@every_claim
def test_every_claim_stands_behind_its_sentence(name):
    places = [(b, place) for n, b, place in marked() if n == name]
    assert places, f"no page has <!-- claim: {name} -->"
    for before, place in places:
        assert before.endswith(CLAIMS[name].sentence), place


def test_every_module_of_claims_is_imported():
    folder = benchmark.RECORD.parents[1] / "claims"
    names = {path.stem for path in folder.glob("*.py")}
    imported = {m.__name__.rpartition(".")[2] for m in every.MODULES}
    assert names == imported | {"__init__", "claim", "every", "record"}


def test_every_module_of_claims_names_its_page():
    for title, address in claims.PAGES.values():
        page = (DOCS / address).with_suffix(".md")
        assert f"\n# {title}\n" in page.read_text("utf-8")


# The record.


def test_the_record_is_of_the_claims_and_of_the_trainings():
    found = record.record()
    assert set(found["claims"]) == set(CLAIMS)
    assert set(found["ranges"]) == set(RANGES)
    assert found["trained"] == benchmark.settings()
    assert found["code"] == benchmark.code(), "run the benchmark again"
    assert found["starts"] == [*benchmark.STARTS]
    assert len(found["starts"]) >= 8
    used = {seed for claim in CLAIMS.values() for seed in claim.builds}
    assert not used & set(found["starts"])


@pytest.fixture
def older(monkeypatch):
    """Return a record of which some claims are computed otherwise today."""
    fades = {
        name: Claim(name, "So it is.", lambda seed: seed / 1000, 0, None, ())
        for name in ("why.fades", "why.stays", "using.stays")
    }
    today = {"why.fades": "2", "why.stays": "1", "using.stays": "2"}
    monkeypatch.setattr(benchmark, "CLAIMS", fades)
    monkeypatch.setattr(benchmark, "RANGES", {})
    monkeypatch.setattr(benchmark, "keep_all", list)
    monkeypatch.setattr(benchmark, "kept", lambda run, seed: run(seed))
    monkeypatch.setattr(benchmark, "code", lambda: today)
    before = ["why.fades", "why.gone", "why.stays", "using.stays"]
    return {
        "date": "2026-01-01",
        "starts": [100, 101],
        "trained": benchmark.settings(),
        "code": dict.fromkeys(before, "1"),
        "claims": {name: [7, 7] for name in before},
        "ranges": {},
    }


def test_what_changed_is_measured_anew_and_the_rest_stays(older):
    found = benchmark.renewed(older, ("why",))
    again = benchmark.renewed(older, ("why.stays",))
    assert again["claims"]["why.stays"] == [0.1, 0.101]
    assert again["claims"]["why.fades"] == [7, 7]
    assert found["claims"] == {
        "using.stays": [7, 7],
        "why.fades": [0.1, 0.101],
        "why.stays": [7, 7],
    }
    assert found["code"] == {
        "using.stays": "1",
        "why.fades": "2",
        "why.stays": "1",
    }
    assert found["date"] == "2026-01-01"
    assert [*found["later"]] == ["why.fades"]
    assert found["later"]["why.fades"]["torch"] == torch.__version__


def test_nothing_is_measured_anew_where_a_model_is_trained_otherwise(older):
    path, models = next(iter(older["trained"].items()))
    name = next(iter(models))
    changed = {name: models[name] | {"steps": 1}}
    older["trained"] = older["trained"] | {path: changed}
    with pytest.raises(ValueError, match=f"{name}: expected"):
        benchmark.renewed(older, ("why",))


MODULE = """
from far import first as measured, other
import torch
FEW = 3
MANY = FEW + 1

@claim(least=0.5)
def fades(seed):
    '''It fades.'''
    return helper(seed) < MANY

def helper(seed):
    return measured(seed)

@claim(least=1)
def stays(seed):
    return torch.tensor(seed)
"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("least=0.5", "least=0.7", set()),
        ("It fades.", "It hardly fades.", set()),
        ("FEW = 3", "FEW = 4", {"fades"}),
        ("first as measured", "second as measured", {"fades"}),
        (", other", "", set()),
        ("measured(seed)\n", "measured(seed) + 1\n", {"fades"}),
        ("import torch", "import numpy as torch", {"stays"}),
    ],
)
def test_a_record_fits_the_code_that_it_was_made_by(old, new, changed):
    def digests(text):
        defined = benchmark.definitions(ast.parse(text))
        return {n: benchmark.digest(n, defined) for n in ("fades", "stays")}

    assert MODULE.count(old) == 1
    before, after = digests(MODULE), digests(MODULE.replace(old, new))
    assert {name for name in before if before[name] != after[name]} == changed


@every_claim
def test_a_claim_holds_from_every_other_start_with_room_to_spare(name):
    found, values = CLAIMS[name], record.values(name)
    assert len(values) == record.starts()
    assert all(map(found.holds, values)), values
    assert claims.margin(found) >= claims.spread(found), values


@every_claim
def test_a_claim_holds_in_this_build_as_in_the_record(name):
    assert claims.wrong(CLAIMS[name]) == [], record.values(name)


# What a claim is.


def test_margins_are_measured_inwards_from_the_nearer_bound():
    both = Claim("a.b", "A.", len, 0.2, 0.9, (0,))
    assert both.margin(0.5) == pytest.approx(0.3)
    assert both.margin(0.8) == pytest.approx(0.1)
    assert both.margin(0.1) == pytest.approx(-0.1)
    assert [both.holds(value) for value in (0.1, 0.2, 0.9, 0.95)] == [
        False,
        True,
        True,
        False,
    ]
    assert both._replace(most=None).holds(7)
    assert both._replace(least=None).holds(-7)


def test_a_claim_needs_a_bound_and_a_sentence():
    with pytest.raises(ValueError, match="least: expected a bound"):
        claim()
    with pytest.raises(ValueError, match="docstring: expected a sentence"):
        claim(least=1)(lambda seed: 1.0)


@pytest.mark.parametrize(
    ("values", "usual", "unusual"),
    [
        # as far beyond the record as its values lie apart
        ([0.90, 0.94], (0.861, 0.979), (0.859, 0.981)),
        # values that never varied: half the way to the bound
        ([0.9, 0.9], (0.81, 0.99), (0.79, 1.01)),
    ],
)
def test_what_is_unusual(monkeypatch, values, usual, unusual):
    monkeypatch.setattr(record, "values", lambda name: values)
    near = Claim(
        "a.b", "A.", len, 0.88 if len({*values}) > 1 else 0.7, None, ()
    )
    assert [claims.unusual(near, value) for value in usual] == [False] * 2
    assert [claims.unusual(near, value) for value in unusual] == [True] * 2


def test_marks_are_no_part_of_a_page():
    text = "It is so. <!-- claim: a.b -->\nIt is not.\n<!-- claim: c.d -->\n"
    assert source.without_claims(text) == "It is so.\nIt is not.\n"
    assert source.claims(text) == [
        ("a.b", "It is so.", 1),
        ("c.d", "It is so. It is not.", 3),
    ]
