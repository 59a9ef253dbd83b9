"""Every Python block of every page is linted, run and compared."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest
import torch
from ruff.__main__ import find_ruff_bin

from snippets.machinery.settings import ROOT
from tests.support.blocks import (
    OPENING,
    Block,
    blocks,
    every_page,
    every_source,
)
from tests.support.built import copied, html_name, python_blocks, soup

LINE_LENGTH = 79


def fail(place: str, reason: str):
    pytest.fail(f"{place}: {reason}", pytrace=False)


# Run.


@every_page
def test_page_runs(page, eval_example, tmp_path, monkeypatch):
    # On Python 3.11, the traceback that pytest-examples rebuilds for an error
    # crashes the interpreter.
    name = "pytest_examples.run_code.create_example_traceback"
    monkeypatch.setattr(name, lambda *args: None)
    share_namespace(monkeypatch)
    eval_example.set_config(line_length=LINE_LENGTH)
    # A function of an earlier block prints as well.
    eval_example.include_print = lambda *args: True
    torch.seed()  # no page may live on the seed of another test
    for block in blocks(page):
        run(block, eval_example, tmp_path)


def share_namespace(monkeypatch) -> None:
    """Let all blocks run in one module, as they do in a reader's session.

    pytest-examples can only copy names from one block's module to the next
    one's: a function would not see what is defined below it.
    """
    page, create = ModuleType("__main__"), importlib.util.module_from_spec

    def module_from_spec(spec):
        if spec.name != "__main__":
            return create(spec)
        page.__spec__, page.__file__ = spec, spec.origin
        return page

    monkeypatch.setattr(importlib.util, "module_from_spec", module_from_spec)
    # pytest-examples leaves its module as `__main__`.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def run(block: Block, eval_example, folder: Path) -> None:
    """Run one block; it must do exactly what the page says it does."""
    own = not (block.quotes or block.raises)
    update = eval_example.update_examples and own
    how = "run_print_update" if update else "run_print_check"
    wrong = None
    try:
        getattr(eval_example, how)(block.example)
        if block.raises:
            wrong = block.place(), f"raised nothing, not {block.raises}"
    except pytest.fail.Exception as different:
        wrong = block.place(), str(different)
    except Exception as error:
        if type(error).__name__ != block.raises:
            file = str(folder / f"{block.example.module_name}.py")
            said = "".join(traceback.format_exception(error))
            wrong = block.place(line_of(error, file)), said
    if wrong:
        fail(*wrong)


def line_of(error: Exception, file: str) -> int:
    """Return the line of `file` at which an error left it."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 0 for f in frames if f.filename == file), 0)


@every_page
def test_printed_output_is_shown(page):
    for block in blocks(page):
        if not block.quotes:
            for line, reason in unlike_output(block):
                fail(block.place(line), reason)


def unlike_output(block: Block) -> list[tuple[int, str]]:
    """Find prints without their output and output without its print."""
    lines = ["", *block.example.source.splitlines(), ""]
    ends = [
        node.end_lineno or 0
        for node in ast.walk(ast.parse(block.example.source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    if block.raises and ends:
        return [(ends[0], "a block that raises prints nothing: unchecked")]
    silent = [
        (end, "the output of this print is not shown")
        for end in ends
        if not re.match(r' *(#> |""")', lines[end + 1])
    ]
    stale = [
        (number, "no print stands above this output")
        for number, line in enumerate(lines)
        if re.match(r" *#>", line)
        and not re.match(r" *#>", lines[number - 1])
        and number - 1 not in ends
    ]
    return silent + stale


# Lint and format.


@every_source
def test_page_is_clean(source, tmp_path):
    found = blocks(source)
    check_style(
        [(block.example.source, block.place) for block in found], tmp_path
    )


def check_style(sources: list, folder: Path) -> None:
    """Fail for the first thing that ruff says about code on a page.

    A name may come from an earlier block and an import may serve a later
    one: these two rules look at the page as a whole.
    """
    places = {}
    for number, (source, place) in enumerate(sources):
        path = folder / f"block_{number:03}.py"
        # `#>` is no comment that a formatter would leave alone.
        path.write_text(re.sub(r"^( *#)> ", r"\1 > ", source, flags=re.M))
        places[path.name] = place
    whole = folder / "whole"
    whole.mkdir()
    (whole / "page.py").write_text("".join(source for source, _ in sources))
    alone = ["--extend-ignore=D1,F401,F821", "--exclude=whole"]
    for said in ruff("check", "--output-format=json", *alone, folder):
        for found in json.loads(said):
            place = places[Path(found["filename"]).name]
            what = f"{found['code']} {found['message']}"
            fail(place(found["location"]["row"]), what)
    for said in ruff("check", "--select=F401,F821", whole):
        fail(sources[0][1](), said)
    for said in ruff("format", "--diff", "--exclude=whole", folder):
        name = re.search(r"block_\d+\.py", said)
        fail(places[name[0]](), f"not as ruff formats it:\n{said}")


def ruff(*arguments: str | Path) -> list[str]:
    """Return what ruff has to say, nothing if it is content."""
    config: list = ["--config", ROOT / "pyproject.toml", "--no-cache"]
    result = subprocess.run(
        [find_ruff_bin(), arguments[0], *config, *arguments[1:]],
        capture_output=True,
        text=True,
    )
    if result.returncode > 1:
        raise RuntimeError(result.stderr)
    return [result.stdout] if result.returncode else []


# Count.


@every_page
def test_every_python_block_is_tested(page, site):
    tested = blocks(page)
    lines = enumerate(page.read_text("utf-8").splitlines(), 1)
    openings = [number for number, line in lines if OPENING.match(line)]
    starts = [block.example.start_line for block in tested]
    assert openings == starts, "write ```python, indented by spaces or not"
    shown = python_blocks(soup(site / html_name(page)))
    assert [copied(block).strip("\n") for block in shown] == [
        block.example.source.strip("\n") for block in tested
    ]
