"""The tables of heads, of measurements made by hand."""

import pytest

from snippets.results import heads as results
from tests.results.made import printed, recorded, table

WITHOUT = {
    "encoder 1": [0.806, 0.99, 0.98, 0.97],
    "cross 1": [0.9, 0.91, 0.74, 0.93],
}
MEASURED = {
    "exact": 0.9876,
    "hits": {
        "cross 1": {
            "written now": [0.1, 0.2, 0.3, 0.4],
            "written last": [0.5, 0.6, 0.7, 0.8],
        },
        "cross 2": {
            "written now": [0.01, 0.02, 0.03, 0.04],
            "written last": [0.05, 0.06, 0.07, 0.08],
        },
    },
    "largest": {"encoder 1": 0.256, "encoder 2": 0.5, "cross 2": 0.754},
    "without": WITHOUT,
    "without all": {"encoder 1": 0.955, "cross 1": 0.04},
}
NUMBERS = {"cross 1, written now": 0.1, "cross 1, written last": 0.2}
NUMBERS |= {"cross 2, written now": 0.3, "cross 2, written last": 0.4}
HITS = [
    {
        f"{name}, head {head}": share + head / 100 + start / 10
        for name, share in NUMBERS.items()
        for head in (1, 2, 3, 4)
    }
    for start in range(2)
]
OTHERS = [
    {
        "none": 0.97,
        "worst": 0.7,
        "encoder 1, one": 0.95,
        "encoder 1, all": 0.96,
        "cross 1, one": 0.7,
        "cross 1, all": 0.2,
        "cross 2, all": 0.3,
    },
    {
        "none": 0.99,
        "worst": 0.8,
        "encoder 1, one": 0.85,
        "encoder 1, all": 0.98,
        "cross 1, one": 0.8,
        "cross 1, all": 0.5,
        "cross 2, all": 0.1,
    },
]


@pytest.fixture(autouse=True)
def made(monkeypatch):
    monkeypatch.setattr(results, "measured", lambda: MEASURED)
    recorded(
        monkeypatch,
        multi_head_attention__hits=HITS,
        multi_head_attention__without=OTHERS,
    )


def test_where_the_heads_look():
    names = "head", "written now", "written last"
    rows = [
        ("cross 1, head 1", "10%", "50%"),
        ("cross 1, head 2", "20%", "60%"),
        ("cross 1, head 3", "30%", "70%"),
        ("cross 1, head 4", "40%", "80%"),
        ("cross 1, other starts", "11% to 24%", "21% to 34%"),
        ("cross 2, head 1", "1%", "5%"),
        ("cross 2, head 2", "2%", "6%"),
        ("cross 2, head 3", "3%", "7%"),
        ("cross 2, head 4", "4%", "8%"),
        ("cross 2, other starts", "31% to 44%", "41% to 54%"),
    ]
    printed(results.cross(), table(names, rows))


def test_a_range_is_of_all_heads_and_starts():
    found = results.among("hits", "cross 2, written last, head")
    assert found == "41% to 54%"


def test_what_is_right_without_heads():
    names = "attention", "1", "2", "3", "4", "all"
    names += "worst one, others", "all, others"
    encoder = "81%", "99%", "98%", "97%", "96%", "85% to 95%", "96% to 98%"
    cross = "90%", "91%", "74%", "93%", "4%", "70% to 80%", "20% to 50%"
    rows = [("encoder 1", *encoder), ("cross 1", *cross)]
    printed(results.ablation(), table(names, rows))


def test_the_numbers_that_the_page_names():
    printed(
        results.facts(),
        {
            "unseen": 500,
            "exact": "98.8%",
            "exact_others": "97.0% to 99.0%",
            "worst": "cross 1, head 3",
            "worst_exact": "74%",
            "worst_others": "70% to 80%",
            "first_cross": 1,
            "encoder": "0.26",
            "cross": "0.75",
        },
    )
