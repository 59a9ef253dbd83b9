"""The tables of the translator's benchmark, from a record made by hand."""

import subprocess
import sys

import pytest

from snippets.machinery.settings import ROOT
from snippets.results import benchmark as results
from tests.results.made import keep, printed


def record(tutorial_seconds=35.42, goal_ratio=6.904, ours_seconds=5.13):
    return {
        "date": "2001-02-03",
        "machine": "abacus",
        "processor": "Wooden Beads",
        "cores": 7,
        "threads": 1,
        "python": "3.11.1",
        "torch": "2.13.0+cpu",
        "sweep": {
            "rows": [
                {"rate": 0.005, "additive": 0.9126, "none": 0.6034},
                {"rate": 0.01, "additive": 0.9987, "none": 0.7},
            ]
        },
        "equal_time": {
            "timed_steps": 100,
            "rounds": [{}, {}, {}],
            "seconds_attention": 4.0641,
            "seconds_fixed": 2.5493,
            "ratio": 1.4754,
            "attention_steps": 450,
            "fixed_steps": 664,
        },
        "scores": {"cost": {"additive": 1.0, "concat": 1.25, "dot": 0.75}},
        "against_tutorial": {
            "goal": 0.85,
            "stop_at": 200.0,
            "ours": {
                "parameters": 67089,
                "steps": 450,
                "seconds": 13.448,
                "exact": 0.9987,
                "pairs_a_second": 4253.0,
                "seconds_to_goal": ours_seconds,
            },
            "tutorial": {
                "parameters": 295594,
                "steps": 192,
                "seconds": 13.9,
                "exact": 0.0042,
                "pairs_a_second": 455.8,
                "seconds_to_goal": tutorial_seconds,
                "exact_at_the_end": 0.91,
            },
            "goal_ratio": goal_ratio,
            "pairs_ratio": 9.331,
        },
    }


@pytest.fixture
def made(tmp_path, monkeypatch):
    keep(record(), results, tmp_path, monkeypatch)


def test_the_record_is_read_whole(made):
    assert results.record() == record()


def test_every_record_says_when_and_on_what_it_was_made():
    printed(
        results.made_on(record()),
        {
            "date": "2001-02-03",
            "machine": "abacus, Wooden Beads, 7 cores, one thread",
            "python": "3.11.1",
            "torch": "2.13.0",
        },
    )


def test_each_rate_has_its_own_shares(made):
    printed(
        results.sweep(),
        [
            {
                "peak rate": "0.005",
                "with attention": "91.3%",
                "fixed vector": "60.3%",
            },
            {
                "peak rate": "0.01",
                "with attention": "99.9%",
                "fixed vector": "70.0%",
            },
        ],
    )


def test_the_steps_of_equal_time(made):
    printed(
        results.equal_time(),
        {
            "training": 18,
            "attention_steps": 450,
            "fixed_steps": 664,
            "timed_steps": 100,
            "rounds": 3,
            "seconds_attention": 4.1,
            "seconds_fixed": 2.5,
            "ratio": 1.48,
        },
    )


def test_each_score_has_its_own_cost(made):
    costs = [results.cost(score) for score in ("additive", "concat", "dot")]
    assert costs == [1.0, 1.25, 0.75]


OURS = {
    "recipe": "ours",
    "parameters": 67089,
    "pairs a CPU second": 4300,
    "CPU seconds to 85%": "5.1",
}
TUTORIAL = {
    "recipe": "tutorial recipe",
    "parameters": 295594,
    "pairs a CPU second": 460,
    "CPU seconds to 85%": "35",
}


def test_both_recipes_side_by_side(made):
    printed(results.against_tutorial(), [OURS, TUTORIAL])


FACTS = {
    "date": "2001-02-03",
    "machine": "abacus, Wooden Beads, 7 cores, one thread",
    "python": "3.11.1",
    "torch": "2.13.0",
    "tutorial_steps": 192,
    "step_ratio": "1.5",
    "pairs_ratio": "9.3",
    "goal_ratio": "6.9",
}


def test_where_and_how_it_was_measured(made):
    printed(results.facts(), FACTS)


def test_a_goal_that_the_tutorial_misses_is_said(tmp_path, monkeypatch):
    keep(record(None, None), results, tmp_path, monkeypatch)
    missed = TUTORIAL | {"CPU seconds to 85%": "more than 200"}
    printed(results.against_tutorial(), [OURS, missed])
    # 200 / 5.13
    printed(results.facts(), FACTS | {"goal_ratio": "more than 39"})


def test_a_goal_that_we_miss_is_said(tmp_path, monkeypatch):
    keep(record(None, None, None), results, tmp_path, monkeypatch)
    [ours, _] = results.against_tutorial()
    printed(ours, OURS | {"CPU seconds to 85%": "more than 200"})
    printed(results.facts(), FACTS | {"goal_ratio": "unknown"})


def test_the_time_to_a_goal():
    assert results.seconds_to_goal(None, 123.4) == "more than 123"
    assert results.seconds_to_goal(5.13, 123.4) == "5.1"


def test_timings_are_given_with_two_digits():
    values = (2951.7, 198.2, 12.4, 1.26)
    assert [results.rounded(value) for value in values] == [3000, 200, 12, 1]
    values = (1.553, 9.94, 9.96, 14.9, 146.0)
    texts = [results.two_digits(value) for value in values]
    assert texts == ["1.6", "9.9", "10", "15", "150"]


def test_pages_need_no_torch_to_read_the_record():
    code = (
        "import sys; from snippets.results import benchmark as found;"
        "found.facts(), found.sweep(), found.equal_time();"
        "found.against_tutorial(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
