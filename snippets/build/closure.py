"""The key of a run: everything its result depends on, without importing it."""

import ast
import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

from snippets.build.paths import ROOT

PROJECT = "snippets"
WORKER = "snippets.build.worker"
DRAWING = "snippets.build.svg"
LIBRARIES = ("torch", "numpy", "matplotlib")


def module_path(module: str) -> Path | None:
    """Return the file of a project module, None if there is no such file."""
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@functools.lru_cache(maxsize=512)
def _imports(module: str, path: Path, stamp: int) -> frozenset[str]:
    """Return the project modules that one file imports, read from its text.

    `stamp` (the file's time of change) is part of the key: while the site is
    served, an edited file is read again and every other one is not.
    """
    package = (
        module.split(".")
        if path.stem == "__init__"
        else (module.split(".")[:-1])
    )
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1]
            base = start if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            # `from package import name` may import a module or an attribute.
            names.add(source)
            names.update(f"{source}.{alias.name}" for alias in node.names)
    return frozenset(
        name
        for name in names
        if name.split(".")[0] == PROJECT and module_path(name)
    )


def closure(*modules: str) -> dict[str, Path]:
    """Return name and file of each project module that `modules` need."""
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        path = module_path(module)
        if module in found or path is None:
            continue
        found[module] = path
        waiting.extend(_imports(module, path, path.stat().st_mtime_ns))
        if "." in module:
            waiting.append(module.rpartition(".")[0])
    return dict(sorted(found.items()))


def run_key(module: str, function: str, arguments: str) -> str:
    """Return the key under which the result of one run is kept.

    It covers the bytes of the function's module, of every project module
    that it or the worker imports and of each data file (JSON) of the project
    that one of them names, the function's name and arguments, the version of
    Python and those of the libraries that a result's digits can depend on.
    """
    drawing = [DRAWING] if module.startswith(f"{PROJECT}.figures.") else []
    digest = hashlib.sha256()
    facts = [platform.python_version(), platform.machine()]
    facts += [f"{name} {version(name)}" for name in LIBRARIES]
    for fact in (*facts, module, function, arguments):
        digest.update(fact.encode() + b"\0")
    files = closure(module, WORKER, *drawing)
    code = {name: path.read_bytes() for name, path in files.items()}
    every = b"".join(code.values())
    data = {
        path.name: path.read_bytes()
        for path in sorted((ROOT / PROJECT).rglob("*.json"))
        if path.name.encode() in every
    }
    for name, content in (code | data).items():
        digest.update(f"{name} {len(content)}".encode() + b"\0" + content)
    return digest.hexdigest()
