"""Expensive work that figures and results share: done once and kept."""

import base64
import json
import pickle
from typing import Any

from snippets.build import runs


def kept(function: str, report: Any = None, **arguments: Any) -> Any:
    """Return what `package.module.function(**arguments)` gives.

    It comes from the cache, where the build has put it before it runs
    anything that asks for it, or is computed here and kept. The arguments
    are JSON: texts, numbers, None, True and False. What is computed tells
    `report` how far it is, which is no part of its key.

    Raises runs.RunFailed with the traceback of the function.
    """
    module, _, name = function.rpartition(".")
    run = runs.Run(module, name, json.dumps(arguments, sort_keys=True))
    found = runs.stored(run) or runs.run_here(run, report)
    # Written by this build and checked against its digest when read.
    return pickle.loads(base64.b64decode(found["pickle"]))
