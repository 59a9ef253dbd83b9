"""The key of a run: everything its result depends on, without importing it."""

import ast
import functools
import hashlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from snippets.machinery.processor import processor_name
from snippets.machinery.settings import ROOT

PROJECT = "snippets"
# What gives a result its form: in every key, in those of figures, and in
# those of kept work.
CONTENT = "snippets.machinery.content"
DRAWING = "snippets.machinery.svg"
FROZEN = "snippets.machinery.frozen"
# A docstring here is a sentence of a page, and is shown: it is in the key.
CLAIMS = ("snippets", "claims")
# What cannot change a result: in no key, and never followed.
NEUTRAL = {
    f"snippets.machinery.{name}"
    for name in "audit closure progress runs settings store worker".split()
}


class Code(NamedTuple):
    """What one file of code says, whatever its comments and its form."""

    imports: frozenset[str]  # of modules, or of names in modules
    packages: frozenset[str]  # of other projects
    texts: str  # those in the code, which may name a data file
    digest: str
    docstrings: dict[str, str | None]  # of functions; in no digest


def _is_text(node: ast.stmt) -> bool:
    """Tell whether a statement is a text alone, such as a docstring."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


@functools.lru_cache(maxsize=512)
def _read(source: bytes, package: tuple[str, ...]) -> Code:
    """Read a module of `package` from its text."""
    tree = ast.parse(source)
    docstrings = {
        node.name: ast.get_docstring(node)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    names: set[str] = set()
    texts = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        body = getattr(node, "body", None)
        if isinstance(body, list) and package[:2] != CLAIMS:
            node.body = [part for part in body if not _is_text(part)]
        waiting.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1]
            base = start if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            # `from package import name` may import a module or an attribute.
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    tops = {name.partition(".")[0] for name in names} - {PROJECT}
    return Code(
        frozenset(n for n in names if n.partition(".")[0] == PROJECT),
        frozenset(tops - sys.stdlib_module_names),
        "\n".join(texts),
        hashlib.sha256(ast.dump(tree).encode()).hexdigest(),
        docstrings,
    )


def _files() -> dict[str, Path]:
    """Return all modules by name and all data files (JSON) by path."""
    files = {}
    for folder, folders, names in os.walk(ROOT / PROJECT):
        folders[:] = [name for name in folders if name != "__pycache__"]
        package = Path(folder).relative_to(ROOT).parts
        for name in names:
            stem, _, kind = name.rpartition(".")
            if kind == "py":
                last = () if stem == "__init__" else (stem,)
                files[".".join(package + last)] = Path(folder, name)
            elif kind == "json":
                files["/".join((*package, name))] = Path(folder, name)
    return files


def module_path(module: str) -> Path | None:
    """Return the file of a project module, None if there is no such file."""
    if module.partition(".")[0] != PROJECT:
        return None
    return _files().get(module)


def _code(module: str, path: Path) -> Code:
    parts = tuple(module.split("."))
    package = parts if path.stem == "__init__" else parts[:-1]
    return _read(path.read_bytes(), package)


def _follow(modules: tuple[str, ...], files: dict[str, Path]) -> dict:
    """Return name and code of each module that `modules` need."""
    found: dict[str, Code] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found or module in NEUTRAL or module not in files:
            continue
        found[module] = _code(module, files[module])
        waiting.extend(found[module].imports)
        waiting.append(module.rpartition(".")[0])
    return dict(sorted(found.items()))


def closure(*modules: str) -> dict[str, Path]:
    """Return name and file of each project module that `modules` need."""
    files = _files()
    return {name: files[name] for name in _follow(modules, files)}


class Held(NamedTuple):
    """What the key of a run holds."""

    files: dict[str, Path]
    facts: list[str]


def held(module: str, function: str, arguments: str) -> Held:
    """Return what the result of one run depends on.

    This is what each project module says that the function's module imports
    or that gives a result its form, each data file (JSON) of the project that
    one of them names, the function's name and arguments, a figure's
    docstring (its text alternative), the versions of Python and of every
    package that one of the modules imports, and the processor, on whose make
    the last digits depend.
    """
    figure = module.startswith(f"{PROJECT}.figures.") and not arguments
    start = [module, CONTENT]
    start += [DRAWING] if figure else []
    start += [FROZEN] if arguments else []
    files = _files()
    codes = _follow(tuple(start), files)
    texts = "\n".join(code.texts for code in codes.values())
    data = [
        name
        for name in sorted(files)
        if "/" in name and name.rpartition("/")[2] in texts
    ]
    facts = [platform.python_version(), platform.machine()]
    facts += [processor_name()]
    facts += [module, function, arguments]
    if figure and module in codes:
        facts.append(str(codes[module].docstrings.get(function)))
    packages = set().union(*(code.packages for code in codes.values()))
    facts += [f"{name} {version(name)}" for name in sorted(packages)]
    facts += [f"{name} {code.digest}" for name, code in codes.items()]
    for name in data:
        content = hashlib.sha256(files[name].read_bytes())
        facts.append(f"{name} {content.hexdigest()}")
    return Held({name: files[name] for name in [*codes, *data]}, facts)


def run_key(module: str, function: str, arguments: str) -> str:
    """Return the key under which the result of one run is kept."""
    facts = held(module, function, arguments).facts
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()


@functools.cache
def version(package: str) -> str:
    """Return the installed version of what `import package` imports."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # it has another name, or is not
        names = sorted({*_distributions().get(package, [])})
        return " ".join(f"{name} {metadata.version(name)}" for name in names)


# Slow, hence asked only for what is not called as its distribution is.
_distributions = functools.cache(metadata.packages_distributions)
