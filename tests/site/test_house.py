"""The rules of the house: what may stand where."""

import ast
import re
import subprocess
import sysconfig
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from pygments.lexers import get_lexer_by_name

from snippets.machinery import asked
from snippets.machinery.settings import ROOT
from snippets.machinery.source import QUOTE, quoted, spans
from tests.support.blocks import (
    Block,
    blocks,
    every_page,
    every_source,
    page_of,
    prose_of,
    relative,
)
from tests.support.code import SNIPPETS
from tests.support.constraints import CONSTRAINTS, HASHED, UNHASHED

TOP = {
    "docs",
    "snippets",
    "tests",
    "mkdocs.yml",
    "pyproject.toml",
    "constraints.txt",
    "README.md",
    "LICENSE",
    "CITATION.cff",
}
every_snippet = pytest.mark.parametrize("snippet", SNIPPETS, ids=relative)


def imported(code: str) -> set[str]:
    """Return the packages that code imports; "" is a relative import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add("" if node.level else str(node.module).split(".")[0])
    return names


def test_imported_sees_every_form():
    code = "import a.b as c, d\nfrom e.f import g\nfrom . import h\n"
    assert imported(code) == {"a", "d", "e", ""}


# Shown code.


@every_source
def test_shown_code_never_imports_the_project(source):
    for block in blocks(source):
        found = imported(block.example.source) & {"snippets", ""}
        assert not found, block.place()


@every_source
def test_quoted_code_never_imports_the_project(source):
    for quote in QUOTE.finditer(page_of(source).text):
        section = quoted(quote.group().strip())
        assert not re.search(
            r"^\s*(from|import) +(snippets|\.)", section, re.M
        )


@every_source
def test_page_uses_known_forms_only(source):
    """A misspelt name would be shown as plain text, and not run."""
    page = page_of(source)
    names = {part.fence for part in page.parts()} - {None, *asked.kinds()}
    assert all(map(get_lexer_by_name, names))  # or it raises
    languages = {span.fence for span in spans(prose_of(page))}
    assert languages <= {None, "", "value", "python"}
    assert not re.search(r"`(?:#!|:::)(?!\w)", prose_of(page))


@every_page
def test_page_types_nothing_that_a_snippet_has(page):
    for block in blocks(page):
        if not block.quotes:
            assert copied_runs(block) == {}, block.place()


RUN = 4


def copied_runs(block: Block) -> dict[str, tuple[str, ...]]:
    """Return which snippets have which runs of a block's lines."""
    own = runs_of_lines(block.example.source)
    found = {
        relative(path): own & runs_of_lines(path.read_text("utf-8"))
        for path in SNIPPETS
    }
    return {path: min(runs) for path, runs in found.items() if runs}


def runs_of_lines(code: str) -> set[tuple[str, ...]]:
    """Return every run of lines that say something, however indented."""
    lines = [line.strip() for line in code.splitlines()]
    telling = [
        line
        for line in lines
        if re.search(r"\w{2}", line)
        and not line.startswith(("#", "import ", "from "))
    ]
    return {
        tuple(telling[start : start + RUN])
        for start in range(len(telling) - RUN + 1)
    }


def test_runs_of_lines_skips_what_says_nothing():
    code = "import os\n\n# A\none = 1\n(\n  two()\n)\n\n  three = 3\nfour()\n"
    assert runs_of_lines(code) == {("one = 1", "two()", "three = 3", "four()")}


# The snippets.


def lines_of_code(text: str) -> int:
    """Count the lines that are no docstring, no comment and not empty."""
    prose: set[int] = set()
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            first = node.body[0]
            prose |= {*range(first.lineno, (first.end_lineno or 0) + 1)}
    return sum(
        number not in prose and bool(line.split("#")[0].strip())
        for number, line in enumerate(text.split("\n"), 1)
    )


def test_lines_of_code_counts_code():
    text = '"""A\nB."""\n\n# C\none = 1  # D\n\n\ndef two():\n    """E."""\n'
    assert lines_of_code(text) == 2


@every_snippet
def test_snippet_is_short(snippet):
    assert lines_of_code(snippet.read_text("utf-8")) <= 120


@every_snippet
def test_snippet_needs_no_machinery(snippet):
    code = snippet.read_text("utf-8")
    assert not re.search(r"snippets\.(machinery|figures|results)", code)
    assert not imported(code) & {"matplotlib", "mkdocs", "markdown"}


# The repository.


def test_top_of_the_repository():
    assert visible_strangers(tracked(ROOT)) == set()


def tracked(folder: Path) -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return listing.stdout.splitlines()


def visible_strangers(names: list[str]) -> set[str]:
    tops = {name.split("/")[0] for name in names}
    return {top for top in tops if not top.startswith(".")} - TOP


def test_visible_strangers():
    names = ["docs/a.md", ".github/x", "scripts/run.py", "LICENSE", "todo"]
    assert visible_strangers(names) == {"scripts", "todo"}


# What is installed.


def pins() -> list[Requirement]:
    """Return what pyproject.toml names, to build, to run and to test."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [
        settings["build-system"]["requires"],
        settings["project"]["dependencies"],
        *settings["project"]["optional-dependencies"].values(),
    ]
    return [Requirement(text) for text in chain(*lists)]


def constraints(file: Path) -> dict[str, str]:
    """Return the pins of a file that hold here, by package."""
    lines = file.read_text("utf-8").splitlines()
    stated = [line.strip(" \\") for line in lines if re.match(r"\w", line)]
    return {
        canonicalize_name(each.name): str(each.specifier)
        for each in map(Requirement, stated)
        if each.marker is None or each.marker.evaluate()
    }


def closure(roots: list[Requirement]) -> set[str]:
    """Return the packages that are needed here, and all that these need."""
    seen, waiting = set(), list(roots)
    while waiting:
        need = waiting.pop()
        if str(need) in seen:
            continue
        seen.add(str(need))
        for text in metadata.requires(need.name) or []:
            deeper = Requirement(text)
            cases = [{"extra": extra} for extra in ("", *need.extras)]
            if not deeper.marker or any(map(deeper.marker.evaluate, cases)):
                waiting.append(deeper)
    return {canonicalize_name(Requirement(text).name) for text in seen}


@pytest.mark.pins
def test_dependencies_are_pinned():
    assert pins()
    pinned = re.compile(r"==[\w.]+")
    unpinned = [p for p in pins() if not pinned.fullmatch(str(p.specifier))]
    assert unpinned == []


@pytest.mark.pins
def test_constraints_name_the_release_of_everything():
    stated = constraints(CONSTRAINTS)
    for pin in pins():
        assert stated[canonicalize_name(pin.name)] == str(pin.specifier)
    for name in closure(pins()):
        version = metadata.version(name)
        assert version in SpecifierSet(stated[name]), f"{name} {version}"


@pytest.mark.pins
def test_digests_are_known_but_of_pytorch():
    stated, hashed = constraints(CONSTRAINTS), constraints(HASHED)
    rest = stated.keys() - hashed.keys()
    assert "torch" in rest
    assert all(UNHASHED.match(f"{name}==") for name in rest)
    assert hashed == {name: stated[name] for name in hashed}
    each = re.split(r"^(?=\w)", HASHED.read_text("utf-8"), flags=re.M)
    assert all("--hash=sha256:" in text for text in each[1:])


# Style and types: what is checked before a commit is checked here.


def hooks() -> list:
    """Return the commands of .pre-commit-config.yaml."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    return [
        pytest.param(hook["entry"].split(), id=hook["id"])
        for repository in config["repos"]
        for hook in repository["hooks"]
    ]


@pytest.mark.parametrize("command", hooks())
def test_hook_has_nothing_to_say(command):
    tool = Path(command[0])
    assert tool.parent == Path(".venv/bin")
    result = subprocess.run(
        [Path(sysconfig.get_path("scripts"), tool.name), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
