"""The record of many random starts, made by snippets.benchmarks.claims."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

RECORD = Path(__file__).parents[1] / "benchmarks" / "claims.json"


def record() -> dict:
    """Return the whole record."""
    return json.loads(RECORD.read_text("utf-8"))


def starts() -> int:
    """Return from how many other random starts everything was trained."""
    return len(record()["starts"])


def values(name: str) -> list[float]:
    """Return the values of a claim, one a start."""
    return record()["claims"][name]


def span(name: str, key: str) -> tuple[float, float]:
    """Return the least and the largest value of one number of a table."""
    found = [row[key] for row in record()["ranges"][name]]
    return min(found), max(found)


def middle(name: str, key: str) -> float:
    """Return the mean of one number of a table."""
    return fmean(row[key] for row in record()["ranges"][name])


def spread(values: Iterable[float], form: str = ".1%") -> str:
    """Write the least and the largest value, or one if they look alike."""
    values = [*values]
    low, high = f"{min(values):{form}}", f"{max(values):{form}}"
    return low if low == high else f"{low} to {high}"


def written(name: str, key: str, form: str = ".1%") -> str:
    """Write such a span."""
    return spread(span(name, key), form)


def beside(value: float, name: str, key: str, form: str = ".1%") -> str:
    """Write a number of this build, and that span in brackets."""
    others = written(name, key, form).replace("%", "")
    return f"{value:{form}} ({others})"
