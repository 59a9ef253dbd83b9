"""Old names, until the pages' half is rewritten."""

import functools
from typing import Any

from snippets.machinery import pool, runs


@functools.cache
def result(kind: str, name: str) -> dict[str, Any]:
    """Return what `runs.result` returns; a failure is not remembered."""
    return runs.result(kind, name)


def forget() -> None:
    """Look everything up again: a new build begins."""
    result.cache_clear()
    pool.forget()
