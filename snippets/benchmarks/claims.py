"""Measure each claim of the pages from other random starts than the build's.

Run by hand, about an hour on two cores: python -m snippets.benchmarks.claims
It trains every model of the pages from eight starts, keeps each as a build
does (a second run goes on where the first one was stopped), and writes
claims.json beside this file, which the pages and the tests read.

After a change of a few claims: python -m snippets.benchmarks.claims NAME ...
A name is a module of snippets/claims, of which it measures what is new or
computed otherwise, or one claim, module.function, measured in any case. It
trains only what that needs, and leaves the rest as it is.
"""

import ast
import copy
import hashlib
import importlib
import json
from collections.abc import Callable, Iterable
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
    """Return by claim and range a digest of what is computed for it.

    It covers the function and what of its module the function names, in turn.
    Sentences and bounds are left out: the record does not depend on them.
    """
    digests = {}
    for module in MODULES:
        text = Path(str(module.__file__)).read_text("utf-8")
        defined = definitions(ast.parse(text))
        for name in [*CLAIMS, *RANGES]:
            topic, _, function = name.partition(".")
            if topic == short(module.__name__):
                digests[name] = digest(function, defined)
    return digests


def definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return what each name of a module stands for, without sentences."""
    defined: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
            node.body = node.body[ast.get_docstring(node) is not None :]
            node.body = node.body or [ast.Pass()]
            defined[node.name] = node
        elif isinstance(node, ast.ImportFrom | ast.Import):
            for alias in node.names:
                one = copy.copy(node)
                one.names = [alias]
                defined[alias.asname or alias.name] = one
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                names = (
                    n for n in ast.walk(target) if isinstance(n, ast.Name)
                )
                defined |= dict.fromkeys((n.id for n in names), node)
    return defined


def digest(function: str, defined: dict[str, ast.stmt]) -> str:
    """Return a digest of a function and of all that it names."""
    needed, waiting = {}, [function]
    while waiting:
        name = waiting.pop()
        if name in defined and name not in needed:
            node = defined[name]
            needed[name] = ast.unparse(node)
            waiting += [
                n.id for n in ast.walk(node) if isinstance(n, ast.Name)
            ]
    text = "\n".join(needed[name] for name in sorted(needed))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stages(starts: tuple[int, ...]) -> list[list[tuple[Callable, dict]]]:
    """Return all trainings, and what each later stage makes of them."""
    first = [
        (named(path), chosen | {"seed": start})
        for path, models in settings().items()
        for chosen in models.values()
        for start in starts
    ]
    later = [
        [
            (named(path), {"seed": start})
            for path, calls in stage.items()
            if "seed" in calls[0]
            for start in starts
        ]
        for stage in STAGES[1:]
    ]
    return [first, *later]


def measure(starts: tuple[int, ...], names: Iterable[str]) -> dict:
    """Return the values of claims and ranges, by these names, by start."""
    asked = {*names}

    def functions(known: dict[str, Callable]) -> dict[str, Callable]:
        return {name: known[name] for name in sorted(known) if name in asked}

    parts = {
        "claims": functions({n: c.measure for n, c in CLAIMS.items()}),
        "ranges": functions(RANGES),
    }
    keep_all(
        (function, {"seed": start})
        for part in parts.values()
        for function in part.values()
        for start in starts
    )
    return {
        part: {
            name: [kept(function, seed=start) for start in starts]
            for name, function in chosen.items()
        }
        for part, chosen in parts.items()
    }


def measure_all(starts: tuple[int, ...]) -> dict:
    """Train every model of the pages, then measure all of it."""
    for stage in stages(starts):
        keep_all(stage)
    return measure(starts, [*CLAIMS, *RANGES])


def renewed(record: dict, names: tuple[str, ...]) -> dict:
    """Return a record in which some claims are measured anew.

    names: of claims, and of modules of which only what changed is measured.

    "later" says of each such claim or range when and on what it was measured.
    Raises ValueError if a model of the record is trained otherwise today:
    then other claims, too, are not what they were.
    """
    for path, models in settings().items():
        before = record["trained"].get(path, {})
        for name in models.keys() & before.keys():
            expect(models[name] == before[name], name, before[name], "others")
    digests = code()
    changed = [
        name
        for name in digests
        if name in names
        or (
            name.partition(".")[0] in names
            and record["code"].get(name) != digests[name]
        )
    ]
    new = measure(tuple(record["starts"]), changed)

    def with_new(old: dict, new: dict) -> dict:
        known = {name: old[name] for name in old if name in digests}
        return dict(sorted((known | new).items()))

    return record | {
        "trained": settings(),
        "code": with_new(record["code"], {n: digests[n] for n in changed}),
        "later": with_new(
            record.get("later", {}), dict.fromkeys(changed, made())
        ),
        "claims": with_new(record["claims"], new["claims"]),
        "ranges": with_new(record["ranges"], new["ranges"]),
    }


def main(arguments: list[str] | None = None, path: Path = RECORD) -> None:
    """Measure and write the record to `path`."""
    every = (*(short(module.__name__) for module in MODULES), *CLAIMS, *RANGES)
    names = start(__doc__, arguments, some_of=every).some
    if names:
        found = json.loads(path.read_text("utf-8"))
        found = renewed(found, names)
        path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        return
    about = {"starts": STARTS, "trained": settings(), "code": code()}
    write(about | measure_all(STARTS), path)


if __name__ == "__main__":
    main()
