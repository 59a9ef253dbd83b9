"""The timings of a benchmark run by hand, read from its record.

The record is attention.json of snippets.benchmarks; its numbers depend on the
machine, so a page that prints them prints facts() with them.
"""

import json
from pathlib import Path
from statistics import median, quantiles

from snippets.results.benchmark import made_on, two_digits

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
            "with backward": typical(row["both"]),
        }
        for row in record()["rows"]
    ]


def of_rounds(timed: dict) -> list[float]:
    """Return ours / PyTorch of each round."""
    return [times["ours"] / times["pytorch"] for times in timed["rounds"]]


def typical(timed: dict) -> str:
    """Write the median of the rounds, and where their middle half lies."""
    found = of_rounds(timed)
    low, _, high = quantiles(found, n=4, method="inclusive")
    spread = f"{two_digits(low)} to {two_digits(high)}"
    return f"{two_digits(median(found))} ({spread})"


def facts() -> dict[str, str | int]:
    """Return when, where and how it was measured."""
    found = record()
    return {
        **made_on(found),
        "heads": found["heads"],
        "head_dim": found["head_dim"],
        "rounds": found["rounds"],
    }
