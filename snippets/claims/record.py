"""The record of many random starts, made by snippets.benchmarks.claims."""

import json
from pathlib import Path

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


def written(name: str, key: str, form: str = ".1%") -> str:
    """Write such a span."""
    low, high = (f"{number:{form}}" for number in span(name, key))
    return low if low == high else f"{low} to {high}"


def beside(value: float, name: str, key: str, form: str = ".1%") -> str:
    """Write a number of this build, and that span in brackets."""
    low, high = (f"{number:{form}}".rstrip("%") for number in span(name, key))
    others = low if low == high else f"{low} to {high}"
    return f"{value:{form}} ({others})"
