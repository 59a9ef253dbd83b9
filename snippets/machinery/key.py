"""The key of a run: everything its result depends on, without importing it."""

import ast
import functools
import hashlib
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from snippets.machinery import settings
from snippets.machinery.settings import ROOT

PROJECT, _, _rest = __name__.partition(".")
MACHINERY = __name__.rpartition(".")[0]
# What gives a result its form: in every key, and in those of figures.
CONTENT = f"{MACHINERY}.content"
DRAWING = f"{MACHINERY}.drawing"
# What cannot change a result: in no key, and never followed.
NEUTRAL = {
    f"{MACHINERY}.{name}"
    for name in "key pool run settings store worker".split()
}
RACY = 2.0  # seconds in which a file can change and keep its time and size


class CodeError(ValueError):
    """A module that Python cannot read: its file, its line, and why."""


class Code(NamedTuple):
    """What one file of code says, whatever its comments and its form."""

    imports: frozenset[str]  # of modules, or of names in modules
    packages: frozenset[str]  # of other projects
    texts: str  # those in the code, which may name a data file
    digest: str
    docstrings: dict[str, str | None]  # of functions; in no digest
    classes: frozenset[str]


def _is_text(node: Any) -> bool:
    """Tell whether a statement is a text alone, such as a docstring."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


@functools.lru_cache(maxsize=512)
def _read(source: bytes, package: tuple[str, ...], told: bool) -> Code:
    """Read a module of `package`; docstrings count where they are `told`."""
    tree = ast.parse(source)
    names: set[str] = set()
    texts = []

    def said(node: Any) -> str:
        """Write a part of the code, and note what it names."""
        if isinstance(node, list):
            parts = (p for p in node if told or not _is_text(p))
            return f"[{','.join(map(said, parts))}]"
        if not isinstance(node, ast.AST):
            return repr(node)
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
        parts = (said(getattr(node, name, None)) for name in node._fields)
        return f"{type(node).__name__}({','.join(parts)})"

    digest = hashlib.sha256(said(tree).encode("utf-8", "surrogatepass"))
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    tops = {name.partition(".")[0] for name in names} - {PROJECT}
    return Code(
        frozenset(n for n in names if n.partition(".")[0] == PROJECT),
        frozenset(tops - sys.stdlib_module_names),
        "\n".join(texts),
        digest.hexdigest(),
        {node.name: ast.get_docstring(node) for node in functions},
        frozenset(n.name for n in tree.body if isinstance(n, ast.ClassDef)),
    )


def _parsed(module: str, path: str) -> Code:
    """Read a module; CodeError says in which line Python cannot."""
    source = Path(path).read_bytes()
    parts = tuple(module.split("."))
    package = parts if path.endswith("__init__.py") else parts[:-1]
    claims = tuple(settings.load().claims.split("."))
    # A docstring there is a sentence of a page, and is shown.
    told = package[: len(claims)] == claims
    line: int | None
    try:
        return _read(source, package, told)
    except SyntaxError as error:
        line, why = error.lineno, error.msg
    except ValueError as error:
        line, why = None, str(error)
    if b"\0" in source:
        line, why = (
            source.count(b"\n", 0, source.index(b"\0")) + 1,
            "null byte",
        )
    elif "can't decode" in why or not line:
        try:
            source.decode()
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            why = f"byte {error.start} is not UTF-8"
    place = os.path.relpath(path, ROOT)
    raise CodeError(f"{place}:{line or 1}: {why}") from None


class Needs(NamedTuple):
    """What all functions of a module depend on, whatever they are called."""

    files: dict[str, Path]
    packages: list[str]
    facts: list[str]


class _Tree:
    """The project's modules and data files as they are at one moment."""

    def __init__(self, states: dict[str, tuple[str, int, int]]) -> None:
        """Take path, time and size of each file by its name."""
        self.states = states
        newest = max((time for _, time, _ in states.values()), default=0)
        self.is_settled = newest < time.time_ns() - RACY * 1e9
        self.codes: dict[str, Code] = {}
        self.followed: dict[str, dict[str, Code]] = {}
        self.needed: dict[tuple[str, ...], Needs] = {}

    def code(self, module: str) -> Code:
        """Return what a module says."""
        if module not in self.codes:
            self.codes[module] = _parsed(module, self.states[module][0])
        return self.codes[module]

    def follow(self, module: str) -> dict[str, Code]:
        """Return name and code of each module that `module` needs."""
        if module in self.followed:
            return self.followed[module]
        found: dict[str, Code] = {}
        waiting = [module]
        while waiting:
            name = waiting.pop()
            if name in found or name in NEUTRAL or name not in self.states:
                continue
            found[name] = self.code(name)
            waiting.extend(found[name].imports)
            waiting.append(name.rpartition(".")[0])
        return self.followed.setdefault(module, found)

    def needs(self, *start: str) -> Needs:
        """Return what the functions of these modules depend on."""
        if start in self.needed:
            return self.needed[start]
        found = {n: c for one in start for n, c in self.follow(one).items()}
        codes = dict(sorted(found.items()))
        texts = "\n".join(code.texts for code in codes.values())
        files = {name: Path(self.states[name][0]) for name in codes}
        packages = {name for code in codes.values() for name in code.packages}
        facts = [f"{name} {code.digest}" for name, code in codes.items()]
        for name in sorted(self.states):
            if "/" in name and name.rpartition("/")[2] in texts:
                files[name] = Path(self.states[name][0])
                content = hashlib.sha256(files[name].read_bytes())
                facts.append(f"{name} {content.hexdigest()}")
        return self.needed.setdefault(
            start, Needs(files, sorted(packages), facts)
        )


def _files(
    folder: str, package: str
) -> Iterable[tuple[str, os.DirEntry[str]]]:
    """Yield all modules by name and all data files (JSON) by path."""
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, _, kind = entry.name.rpartition(".")
            if kind == "py":
                name = package if stem == "__init__" else f"{package}.{stem}"
                yield name, entry
            elif kind == "json":
                yield f"{package.replace('.', '/')}/{entry.name}", entry
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _files(entry.path, f"{package}.{entry.name}")


_latest: _Tree | None = None


def _tree() -> _Tree:
    """Return the project as it is now, from memory if nothing has changed."""
    global _latest
    states = {}
    for name, entry in _files(os.path.join(ROOT, PROJECT), PROJECT):
        state = entry.stat()
        states[name] = (entry.path, state.st_mtime_ns, state.st_size)
    if not (_latest and _latest.is_settled and _latest.states == states):
        _latest = _Tree(states)
    return _latest


def module_path(module: str) -> Path | None:
    """Return the file of a project module, None if there is no such file."""
    state = _tree().states.get(module)
    return Path(state[0]) if state and "/" not in module else None


def code(module: str) -> Code | None:
    """Return what a project module says, None if there is no such module."""
    tree = _tree()
    known = module in tree.states and "/" not in module
    return tree.code(module) if known else None


def closure(*modules: str) -> dict[str, Path]:
    """Return name and file of each project module that `modules` need."""
    tree = _tree()
    names = {name for module in modules for name in tree.follow(module)}
    return {name: Path(tree.states[name][0]) for name in sorted(names)}


def held(module: str, function: str, arguments: str) -> Needs:
    """Return what the result of one run depends on.

    This is what each project module says that the function's module imports
    or that gives a result its form, each data file (JSON) of the project that
    one of them names, the function's name and arguments, a figure's
    docstring (its text alternative), the versions of Python and of every
    package that one of the modules imports, and the processor, on whose make
    the last digits depend.

    Raises CodeError for a module that cannot be read.
    """
    known = settings.load()
    figure = module.startswith(f"{known.figures}.") and not arguments
    colours = known.colours.partition(":")[0]
    tree = _tree()
    start = [DRAWING, colours] if figure else []
    files, packages, facts = tree.needs(module, CONTENT, *start)
    if figure and module in tree.states:
        told = tree.code(module).docstrings.get(function)
        facts = [str(told), *facts]
    machine = [platform.python_version(), platform.machine(), _processor()]
    machine += [f"{name} {version(name)}" for name in packages]
    facts = [*machine, module, function, arguments, *facts]
    return Needs(files, packages, facts)


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


def processor_name(listing: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's model; `listing` is where Linux names it."""
    lines = listing.read_text("utf-8").splitlines() if listing.exists() else []
    models = [line for line in lines if line.startswith("model name")]
    if models:
        return models[0].partition(":")[2].strip()
    if platform.system() == "Darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        told = subprocess.run(asked, capture_output=True, text=True)
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    return platform.processor() or "unknown"


_processor = functools.cache(processor_name)
