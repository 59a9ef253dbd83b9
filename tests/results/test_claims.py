"""The table of claims, of a record and of builds made by hand."""

import pytest

from snippets.claims import record
from snippets.claims.claim import Claim
from snippets.results import claims as results
from tests.results.made import printed, table


def first(seed):
    return seed


def second(seed):
    return seed


# The values of this build by measure and start; those of other starts.
BUILDS = {first: {0: 0.91, 1: 0.9876, 2: 0.95}, second: {0: 0.5}}
RECORD = {
    "why.first": [0.93, 0.98, 0.9444],
    "heads.second": [0.1, 0.2],
    "why.third": [0.25, 0.25],
}
OUTSIDE = "0.5, **outside the record**"
FIRST = Claim("why.first", "Most.", first, 0.9, None, (0, 1, 2))
SECOND = Claim("heads.second", "Few [heads](h.md#a).", second, None, 0.3, (0,))
THIRD = Claim("why.third", "Some.", float, 0.2, 0.4, ())


@pytest.fixture(autouse=True)
def made(monkeypatch):
    monkeypatch.setattr(
        results, "kept", lambda measure, seed: BUILDS[measure][seed]
    )
    monkeypatch.setattr(record, "values", RECORD.__getitem__)
    claims = {claim.name: claim for claim in (SECOND, FIRST, THIRD)}
    monkeypatch.setattr(results, "CLAIMS", claims)
    pages = {"why": ("Why?", "why.html"), "heads": ("Heads", "h.html")}
    monkeypatch.setattr(results, "PAGES", pages)


def test_draws_are_those_of_the_starts_of_the_build():
    assert results.draws(FIRST) == [0.91, 0.9876, 0.95]
    assert results.draws(THIRD) == []


def test_the_spread_and_the_margin_are_those_of_the_record():
    assert results.spread(FIRST) == pytest.approx(0.98 - 0.93)
    assert results.margin(FIRST) == pytest.approx(0.93 - 0.9)
    assert results.margin(SECOND) == pytest.approx(0.3 - 0.2)
    assert results.margin(THIRD) == pytest.approx(0.05)


def test_a_value_is_wrong_outside_the_bound_or_far_from_the_record():
    # Within 0.93 - 0.05 and 0.98 + 0.05.
    assert not results.unusual(FIRST, 0.89)
    assert results.unusual(FIRST, 0.87) and results.unusual(FIRST, 1.04)
    # Never varied; half of the way to the bound, 0.2, is 0.025.
    assert not results.unusual(THIRD, 0.27) and results.unusual(THIRD, 0.28)
    assert results.wrong(FIRST) == []
    assert results.wrong(FIRST._replace(least=0.92)) == [0.91]
    assert results.wrong(SECOND) == [0.5]
    assert results.wrong(SECOND._replace(most=0.6)) == [0.5]


def test_bounds_are_written_with_their_side():
    bounds = [results.bound(claim) for claim in (FIRST, SECOND, THIRD)]
    assert bounds == ["≥ 0.9", "≤ 0.3", "0.2 to 0.4"]


def test_a_spread_has_the_least_first():
    assert record.spread([0.981, 0.9906, 0.97]) == "97.0% to 99.1%"
    assert record.spread([0.5, 0.5001]) == "50.0%"
    assert record.spread([0.95, 0.98765, 0.91234], ".3g") == "0.912 to 0.988"


def test_what_this_build_gives():
    assert results.here(FIRST) == "0.91 to 0.988"
    assert results.here(SECOND) == OUTSIDE
    assert results.here(THIRD) == "–"


def test_claims_are_listed_page_by_page():
    names = "claim", "bound", "this build", "other starts"
    rows = [
        ("[Why?](why.html)", "", "", ""),
        ("Most.", "≥ 0.9", "0.91 to 0.988", "0.93 to 0.98"),
        ("Some.", "0.2 to 0.4", "–", "0.25"),
        ("[Heads](h.html)", "", "", ""),
        ("Few heads.", "≤ 0.3", OUTSIDE, "0.1 to 0.2"),
    ]
    printed(results.every_claim(), table(names, rows))


def test_how_the_record_was_made(monkeypatch):
    found = {
        "starts": [100, 101, 102, 103],
        "date": "2001-02-03",
        "machine": "abacus",
        "processor": "Wooden Beads",
        "cores": 7,
        "python": "3.11.1",
        "torch": "2.13.0+cpu",
    }
    monkeypatch.setattr(record, "record", lambda: found)
    printed(
        results.facts(),
        {
            "claims": 3,
            "starts": 4,
            "date": "2001-02-03",
            "machine": "abacus, Wooden Beads, 7 cores, one thread",
            "python": "3.11.1",
            "torch": "2.13.0",
        },
    )
