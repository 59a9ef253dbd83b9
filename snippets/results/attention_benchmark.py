"""The timings of a benchmark run by hand, read from its record.

The record is attention.json of snippets.benchmarks; its numbers depend on the
machine, so a page that prints them prints facts() with them.
"""

import json
from pathlib import Path
from statistics import median, quantiles

from snippets.results.benchmark import two_digits

RECORD = Path(__file__).parents[1] / "benchmarks" / "attention.json"


def record() -> dict:
    """Return the whole record."""
    return json.loads(RECORD.read_text("utf-8"))


def ratios() -> list[dict[str, str | int]]:
    """Return ours / PyTorch for each length: the median and the spread."""
    return [
        {
            "words": row["length"],
            "forward": typical(row["forward"]),
            "forward, middle half": spread(row["forward"]),
            "with backward": typical(row["both"]),
            "with backward, middle half": spread(row["both"]),
        }
        for row in record()["rows"]
    ]


def of_rounds(timed: dict) -> list[float]:
    """Return ours / PyTorch of each round."""
    return [times["ours"] / times["pytorch"] for times in timed["rounds"]]


def typical(timed: dict) -> str:
    """Write the median of the rounds."""
    return two_digits(median(of_rounds(timed)))


def spread(timed: dict) -> str:
    """Write between which ratios the middle half of the rounds lies."""
    low, _, high = quantiles(of_rounds(timed), n=4, method="inclusive")
    return f"{two_digits(low)} to {two_digits(high)}"


def facts() -> dict[str, str | int]:
    """Return when, where and how it was measured."""
    found = record()
    return {
        "date": found["date"],
        "machine": (
            f"{found['machine']}, {found['processor']}, "
            f"{found['cores']} cores, one thread"
        ),
        "torch": found["torch"].partition("+")[0],
        "heads": found["heads"],
        "head_dim": found["head_dim"],
        "rounds": found["rounds"],
    }
