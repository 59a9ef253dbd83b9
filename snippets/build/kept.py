"""Expensive work that figures and results share: done once and kept."""

import base64
import pickle
from collections.abc import Callable
from typing import Any

from snippets.build import runs


def kept(function: Callable, report: Any = None, **arguments: Any) -> Any:
    """Return what `function(**arguments)` gives.

    It comes from the cache, where the build has put it before it runs
    anything that asks for it, or is computed here and kept. The function
    stands in a module of the project; the arguments are JSON: texts, numbers,
    None, True and False. What is computed tells `report` how far it is, which
    is no part of its key.

    Raises ValueError for another function or other arguments, and
    runs.RunFailed with the traceback of the function.
    """
    run = runs.Run.of(function, arguments)
    found = runs.stored(run) or runs.run_here(run, report)
    # Written by this build and checked against its digest when read.
    return pickle.loads(base64.b64decode(found["pickle"]))
