"""Measure each claim of the pages from other random starts than the build's.

Run by hand, about an hour on two cores: python -m snippets.benchmarks.claims
It trains every model of the pages from eight starts, keeps each as a build
does (a second run goes on where the first one was stopped), and writes
claims.json beside this file, which the pages and the tests read.
"""

import ast
import hashlib
import importlib
from collections.abc import Callable
from pathlib import Path

from snippets.benchmarks.record import start, write
from snippets.claims.claim import CLAIMS, RANGES
from snippets.claims.every import MODULES
from snippets.machinery.kept import kept
from snippets.machinery.pool import keep_all
from snippets.results.trainings import RECORDED, STAGES, TRAINED

RECORD = Path(__file__).with_suffix(".json")
STARTS = tuple(range(100, 108))  # none that a build uses


def named(path: str) -> Callable:
    """Return the function `package.module.function`."""
    module, _, function = path.rpartition(".")
    return getattr(importlib.import_module(module), function)


def settings() -> dict[str, dict[str, dict]]:
    """Return what every model is trained with: function, name, settings."""
    return {
        path: TRAINED.get(path, {}) | RECORDED.get(path, {})
        for path in TRAINED | RECORDED
    }


def code() -> dict[str, str]:
    """Return a digest of what each module of claims computes.

    Sentences and bounds are left out: the record does not depend on them.
    """
    digests = {}
    for module in MODULES:
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                node.decorator_list = []
            if isinstance(node, ast.Module | ast.FunctionDef):
                is_text = ast.get_docstring(node) is not None
                node.body = node.body[is_text:] or [ast.Pass()]
        text = ast.unparse(tree).encode()
        digests[module.__name__] = hashlib.sha256(text).hexdigest()[:16]
    return digests


def stages(starts: tuple[int, ...]) -> list[list[tuple[Callable, dict]]]:
    """Return all trainings, and what each later stage makes of them."""
    first = [
        (named(path), chosen | {"seed": start})
        for path, models in settings().items()
        for chosen in models.values()
        for start in starts
    ]
    later = [
        [(named(path), {"seed": start}) for path in stage for start in starts]
        for stage in STAGES[1:]
    ]
    return [first, *later]


def measure_all(starts: tuple[int, ...]) -> dict:
    """Return every claim's values and those of every range, by start."""
    for stage in stages(starts):
        keep_all(stage)
    functions = [claim.measure for claim in CLAIMS.values()]
    keep_all(
        (function, {"seed": start})
        for function in [*functions, *RANGES.values()]
        for start in starts
    )

    def of(function: Callable) -> list:
        return [kept(function, seed=start) for start in starts]

    return {
        "claims": {name: of(c.measure) for name, c in sorted(CLAIMS.items())},
        "ranges": {name: of(f) for name, f in sorted(RANGES.items())},
    }


def main(arguments: list[str] | None = None, path: Path = RECORD) -> None:
    """Measure and write the record to `path`."""
    start(__doc__, arguments)
    made = {"starts": STARTS, "trained": settings(), "code": code()}
    write(made | measure_all(STARTS), path)


if __name__ == "__main__":
    main()
