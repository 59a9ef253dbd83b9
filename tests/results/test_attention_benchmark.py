"""The table of the timed attention, from a record made by hand."""

import subprocess
import sys

import pytest

from snippets.machinery.settings import ROOT
from snippets.results import attention_benchmark as results
from tests.results.made import keep, printed


def rounds(*ratios):
    """Timings with these ratios; PyTorch takes another time in each."""
    return {
        "rounds": [
            {"ours": ratio * 2**-place, "pytorch": 2**-place}
            for place, ratio in enumerate(ratios)
        ]
    }


RECORD = {
    "date": "2001-02-03",
    "machine": "abacus",
    "processor": "Wooden Beads",
    "cores": 7,
    "python": "3.11.1",
    "torch": "2.13.0+cpu",
    "batch": 1,
    "heads": 3,
    "head_dim": 5,
    "rounds": 11,
    "rows": [
        {
            "length": 64,
            "forward": rounds(40, 3, 1, 2, 4),
            "both": rounds(1.5, 2.5, 1.25, 9, 3.75),
        },
        {
            "length": 512,
            "forward": rounds(13, 90, 12, 15, 11),
            "both": rounds(0.5, 0.25, 0.75, 8, 0.1),
        },
    ],
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    keep(RECORD, results, tmp_path, monkeypatch)


def test_the_record_is_read_whole(made):
    assert results.record() == RECORD


def test_the_ratio_of_each_round():
    assert results.of_rounds(rounds(40, 3, 1)) == [40, 3, 1]


def test_the_median_stands_before_the_middle_half():
    """Of 1, 2, 3, 4 and 40 the mean would be 10."""
    assert results.typical(rounds(40, 3, 1, 2, 4)) == "3.0 (2.0 to 4.0)"


def test_each_length_has_its_own_ratios(made):
    printed(
        results.ratios(),
        [
            {
                "words": 64,
                "forward": "3.0 (2.0 to 4.0)",
                "with backward": "2.5 (1.5 to 3.8)",
            },
            {
                "words": 512,
                "forward": "13 (12 to 15)",
                "with backward": "0.5 (0.2 to 0.8)",
            },
        ],
    )


def test_where_and_how_it_was_measured(made):
    printed(
        results.facts(),
        {
            "date": "2001-02-03",
            "machine": "abacus, Wooden Beads, 7 cores, one thread",
            "python": "3.11.1",
            "torch": "2.13.0",
            "heads": 3,
            "head_dim": 5,
            "rounds": 11,
        },
    )


def test_the_page_needs_no_torch_to_read_the_record():
    code = (
        "import sys; from snippets.results import attention_benchmark as b;"
        "b.facts(), b.ratios(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
