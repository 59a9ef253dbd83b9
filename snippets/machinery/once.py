"""Results of runs, looked up once a build however many pages show them."""

import functools
from typing import Any

from snippets.machinery import runs


@functools.cache
def result(kind: str, name: str) -> dict[str, Any]:
    """Return what `runs.result` returns; a failure is not remembered."""
    return runs.result(kind, name)


def forget() -> None:
    """Look everything up again: a new build begins."""
    result.cache_clear()
