"""Measure each claim of the pages from other random starts than the build's.

Run by hand, about an hour on two cores: python -m snippets.benchmarks.claims
It trains every model of the pages from eight starts, keeps each as a build
does (a second run goes on where the first one was stopped), and writes
claims.json beside this file, which the pages and the tests read.

After a change of a few claims: python -m snippets.benchmarks.claims MODULE ...
It measures anew what the named modules of snippets/claims hold, trains for it
only what that needs, and leaves the rest of the record as it is.
"""

import ast
import hashlib
import importlib
import json
from collections.abc import Callable
from pathlib import Path

from snippets.benchmarks.record import made, start, write
from snippets.checks import expect
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


def short(module: str) -> str:
    """Return the last part of a module's name."""
    return module.rpartition(".")[2]


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


def measure(
    starts: tuple[int, ...], modules: tuple[str, ...] | None = None
) -> dict:
    """Return every claim's values and those of every range, by start.

    modules: only those of these modules of snippets.claims.
    """

    def of(function: Callable) -> list:
        return [kept(function, seed=start) for start in starts]

    def asked(name: str) -> bool:
        return modules is None or name.partition(".")[0] in modules

    claims = {n: c.measure for n, c in sorted(CLAIMS.items()) if asked(n)}
    ranges = {n: f for n, f in sorted(RANGES.items()) if asked(n)}
    keep_all(
        (function, {"seed": start})
        for function in [*claims.values(), *ranges.values()]
        for start in starts
    )
    return {
        "claims": {name: of(function) for name, function in claims.items()},
        "ranges": {name: of(function) for name, function in ranges.items()},
    }


def measure_all(starts: tuple[int, ...]) -> dict:
    """Train every model of the pages, then measure all of it."""
    for stage in stages(starts):
        keep_all(stage)
    return measure(starts)


def renewed(record: dict, modules: tuple[str, ...]) -> dict:
    """Return a record with what some modules claim measured anew.

    "later" says of each of them when and on what it was measured.
    Raises ValueError if a model of the record is trained otherwise today:
    then other claims, too, are not what they were.
    """
    for path, models in settings().items():
        before = record["trained"].get(path, {})
        for name in models.keys() & before.keys():
            expect(models[name] == before[name], name, before[name], "others")
    digests = code()
    new = measure(tuple(record["starts"]), modules)
    kept_parts = {
        part: {
            n: v
            for n, v in record[part].items()
            if n[: n.index(".")] not in modules
        }
        for part in ("claims", "ranges")
    }
    return record | {
        "trained": settings(),
        "code": {
            name: digests[name] if short(name) in modules else digest
            for name, digest in (digests | record["code"]).items()
            if name in digests
        },
        "later": record.get("later", {})
        | {module: made() for module in modules},
        **{
            part: dict(sorted((old | new[part]).items()))
            for part, old in kept_parts.items()
        },
    }


def main(arguments: list[str] | None = None, path: Path = RECORD) -> None:
    """Measure and write the record to `path`."""
    every = tuple(short(module.__name__) for module in MODULES)
    modules = start(__doc__, arguments, some_of=every).some
    if modules:
        found = json.loads(path.read_text("utf-8"))
        found = renewed(found, modules)
        path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        return
    about = {"starts": STARTS, "trained": settings(), "code": code()}
    write(about | measure_all(STARTS), path)


if __name__ == "__main__":
    main()
