"""Expensive work that figures and results share: done once and kept."""

from collections.abc import Callable
from typing import Any

from snippets.machinery import pool, worker
from snippets.machinery.content import thaw
from snippets.machinery.run import Run, stored


def kept(
    function: Callable[..., Any], report: Any = None, **arguments: Any
) -> Any:
    """Return what `function(**arguments)` gives.

    It comes from the cache, where the build has put it before it runs
    anything that asks for it, or is computed now and kept. The function
    stands in a module of the project and is imported, so that the key of what
    asks for it holds its code; the arguments are JSON. What is computed tells
    `report` how far it is, which is no part of its key.

    Raises ValueError for another function or other arguments, and RunFailed
    with the traceback of the function.
    """
    run = Run.of(function, arguments)
    found = stored(run)
    if found is None and worker.is_here():
        found = worker.execute(run, report)
    elif found is None:
        found = pool.run_alone(run)
    return thaw(found)
