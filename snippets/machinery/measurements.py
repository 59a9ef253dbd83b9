"""Every number that the pages print, with its page and its function."""

import re
from collections.abc import Iterator
from typing import Any

from snippets.machinery import once, runs
from snippets.machinery.settings import DOCS


def measurements() -> Iterator[dict[str, Any]]:
    """Yield name, value, unit, page and function of each printed number.

    A table gives one entry a cell, named after its row and its column; its
    first column names the rows. Raises runs.RunFailed, as the pages do.
    """
    for page in sorted(DOCS.rglob("*.md")):
        seen: set[str] = set()
        for kind, name in runs.page_references(page):
            if kind not in ("value", "table") or name in seen:
                continue
            seen.add(name)
            run = runs.Run.named(kind, name)
            place = {
                "page": page.relative_to(DOCS).as_posix(),
                "function": f"{run.module}.{run.function}",
            }
            found = once.result(kind, name)["value"]
            for label, value in _numbers(kind, name, found):
                yield {
                    "name": label,
                    "value": value,
                    "unit": _unit(value),
                    **place,
                }


def _numbers(kind: str, name: str, found: Any) -> Iterator[tuple[str, Any]]:
    if kind == "value":
        for key in name.split(".")[2:]:
            found = found[key]
        yield name, found
        return
    for row in found:
        (_, title), *cells = row.items()
        for column, cell in cells:
            if _unit(cell) != "text":
                yield _words(f"{name}: {title}, {column}"), cell


def _words(label: str) -> str:
    """Take Markdown's links and emphasis out of a label."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)|[*`]", r"\1", label)


def _unit(value: Any) -> str:
    """Say what kind of number this is: a count, a percentage, a number."""
    if isinstance(value, int):
        return "count"
    if isinstance(value, float):
        return "number"
    numbers = [part.rstrip("%") for part in value.split(" to ")]
    if not all(part.replace(".", "", 1).isdigit() for part in numbers):
        return "text"
    return "percent" if value.endswith("%") else "number"
