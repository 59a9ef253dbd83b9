"""Old names, until the pages' half is rewritten."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snippets.machinery import pool, run, settings
from snippets.machinery.run import RunFailed as RunFailed
from snippets.machinery.settings import DOCS

log = logging.getLogger("mkdocs.machinery")
REFERENCE = re.compile(
    r"^[ >]*(?:`{3,}|~{3,})[ ]*(?P<fence>figure|table|output)\b[^\n]*?"
    r'\brun="(?P<run>[^"\n]+)"|`+[ ]*(?:\#!|:::)value[ ]+(?P<value>[\w.]+)',
    re.M,
)


class Run(run.Run):
    """A run by what a page asks for."""

    @classmethod
    def named(cls, kind: str, name: str) -> run.Run:  # type: ignore[override]
        """Read `topic.function` as it stands in a page."""
        known = settings.load()
        package = known.figures if kind == "figure" else known.results
        return run.Run.named(package, name)


def references() -> Iterator[tuple[str, str]]:
    """Yield kind and name of every run that the pages ask for."""
    for page in sorted(DOCS.rglob("*.md")):
        yield from page_references(page)


def page_references(page: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and name of every run that one page asks for."""
    for found in REFERENCE.finditer(page.read_text("utf-8")):
        if found["fence"]:
            yield found["fence"], found["run"]
        else:
            yield "value", found["value"]


def result(kind: str, name: str) -> dict[str, Any]:
    """Return what `name` gives, from the cache or by running it."""
    asked = Run.named(kind, name)
    found = pool.result(
        asked, lambda: [Run.named(*pair) for pair in references()]
    )
    if ("figure" in found) != (kind == "figure"):
        name = f"{asked.module}.{asked.function}"
        raise RunFailed(f"{name} returned no {kind}")
    for warning in found["warnings"]:
        log.warning("%s.%s warned: %s", asked.module, asked.function, warning)
    return found
