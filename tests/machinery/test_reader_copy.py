"""What a reader copies or downloads runs by itself, without the project."""

import functools
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import nbformat
import pytest
from nbclient import NotebookClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from snippets.machinery.downloads import MEANT_TO_FAIL
from tests.conftest import PUBLISHED
from tests.support.blocks import PAGES, blocks
from tests.support.built import (
    NOTEBOOK,
    copied,
    html_name,
    python_blocks,
    soup,
)

WITH_CODE = sorted(
    [NOTEBOOK, *(html_name(page) for page in PAGES if blocks(page))]
)
# Trained for two steps only: test_docs.py runs the same blocks as they are.
SHORTER = {
    "step-by-step/training-a-translator.html": ("steps=450", "steps=2"),
    "beyond/transformer-block.html": ("steps=500", "steps=2"),
}
# A notebook has the blocks of the script, one a cell. A kernel runs the one
# of the hands-on page, and those in which a cell is meant to fail.
NOTEBOOKS = [
    NOTEBOOK,
    *(
        html_name(page)
        for page in PAGES
        if any(block.raises for block in blocks(page))
    ),
]
# An editable installation would make the project importable anywhere.
BLOCK = """\
import sys
for name in {names}:
    sys.modules.setdefault(name, None)
del name, sys
"""


def distributions(wanted: set[str]) -> set[str]:
    """Return the packages that an installation of `wanted` consists of."""
    found: set[str] = set()
    waiting = {canonicalize_name(name) for name in wanted}
    while waiting:
        name = waiting.pop()
        found.add(name)
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        for need in map(Requirement, needs):
            if not need.marker or need.marker.evaluate({"extra": ""}):
                waiting.add(canonicalize_name(need.name))
        waiting -= found
    return found


owners = functools.cache(importlib.metadata.packages_distributions)


def without_others(wanted: set[str]) -> str:
    """Return code that lets nothing but `wanted` be imported from now on."""
    there = distributions(wanted)
    names = ["snippets"] + [
        module
        for module, by in owners().items()
        if not set(map(canonicalize_name, by)) & there
    ]
    return BLOCK.format(names=sorted(names))


def needs(text: str) -> set[str]:
    """Return the packages that the first lines of a download ask for."""
    _, told, rest = text.partition("pip install ")
    return set(rest.split("\n")[0].strip("`.").split()) if told else set()


def test_only_what_is_installed_can_be_imported():
    assert {"torch", "sympy", "jinja2"} <= distributions({"torch"})
    assert "numpy" in distributions({"matplotlib"}) - distributions({"torch"})
    code = without_others({"torch"})
    assert "'numpy'" in code and "'snippets'" in code
    assert "'torch'" not in code and "'sympy'" not in code


def run(code: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script in an empty folder, with only what it asks for."""
    folder.mkdir(parents=True)
    blocked = without_others(needs(code[:1000]))
    (folder / "copied.py").write_text(blocked + code, "utf-8")
    return subprocess.run(
        [sys.executable, "-I", "copied.py"],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


def run_notebook(path: Path, folder: Path) -> list:
    """Run a notebook, as in `run`; return its cells, but for the first."""
    folder.mkdir(parents=True)
    book = nbformat.reads(path.read_text("utf-8"), as_version=4)
    blocked = without_others({"ipykernel", *needs(book.cells[0].source)})
    book.cells.insert(0, nbformat.v4.new_code_cell(blocked))
    book.cells.append(nbformat.v4.new_code_cell("import snippets"))
    book.cells[-1].metadata.tags = ["raises-exception"]
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=600, resources=where).execute()
    assert book.cells.pop().outputs[0].ename == "ModuleNotFoundError"
    return book.cells[1:]


@pytest.mark.parametrize("name", WITH_CODE)
def test_downloaded_script_runs(site, name, tmp_path):
    code = (site / name).with_suffix(".py").read_text("utf-8")
    if name in SHORTER:
        whole, shorter = SHORTER[name]
        assert code.count(whole) == 1
        code = code.replace(whole, shorter)
    result = run(code, tmp_path / "reader")
    assert result.returncode == 0, result.stdout
    assert "initialize NumPy" not in result.stdout  # how PyTorch would begin
    for block in failing(site / name):
        said = f"{block['data-raises']}, as it should be: "
        assert said in result.stdout


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_downloaded_notebook_runs(site, name, tmp_path, monkeypatch):
    # A reader's own kernel: no settings and no path of ours.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    path = (site / name).with_suffix(".ipynb")
    cells = run_notebook(path, tmp_path / "reader")
    errors = [
        output.ename
        for cell in cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    expected = [block["data-raises"] for block in failing(site / name)]
    assert errors == expected


def failing(path: Path) -> list:
    return soup(path).select("div.language-python.raises")


@pytest.mark.parametrize("name", WITH_CODE)
def test_downloads_hold_the_blocks_of_the_page(site, name):
    shown = python_blocks(soup(site / name))
    codes = [copied(block).strip("\n") for block in shown]
    book = nbformat.reads(
        (site / name).with_suffix(".ipynb").read_text("utf-8"), as_version=4
    )
    nbformat.validate(book)
    cells = [c for c in book.cells if c.cell_type == "code"]
    assert [cell.source for cell in cells] == codes
    may_fail = [
        "raises-exception" in c.metadata.get("tags", ()) for c in cells
    ]
    assert may_fail == ["raises" in block["class"] for block in shown]
    script = (site / name).with_suffix(".py").read_text("utf-8")
    for block, code in zip(shown, codes, strict=True):
        if "raises" in block["class"]:
            code = indent(code, "    ")
            before, _, after = MEANT_TO_FAIL.partition("{code}")
            after = after.replace("{name}", str(block["data-raises"]))
            code = before + code + after
        head, found, script = script.partition(code)
        assert found, code
        lines = head.strip().splitlines()
        assert all(line.startswith("# ") for line in lines)
    assert script == "\n"


@pytest.mark.parametrize("name", WITH_CODE)
def test_downloads_say_where_they_are_from(site, name):
    address = PUBLISHED["SITE_URL"] + name
    script = (site / name).with_suffix(".py").read_text("utf-8")
    first = script.split("\n\n")[0].splitlines()
    assert first[0].startswith("# ") and first[0].endswith(address)
    book = (site / name).with_suffix(".ipynb").read_text("utf-8")
    cell = nbformat.reads(book, as_version=4).cells[0]
    assert cell.cell_type == "markdown" and f"({address})" in cell.source
    assert needs(script) == needs(cell.source)
    page = soup(site / name)
    offered = [str(a["href"]) for a in page.select(".page-code a")]
    stem = Path(name).stem
    assert offered == [f"{stem}.ipynb", f"{stem}.py"]


def test_reader_has_no_project(tmp_path):
    result = run("import snippets", tmp_path / "reader")
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stdout


def test_reader_has_nothing_that_is_not_asked_for(tmp_path):
    result = run("# pip install torch\nimport numpy", tmp_path / "reader")
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stdout


def test_copy_of_failing_code_must_fail(tmp_path):
    for raised, code in [("KeyError", 0), ("LookupError", 1), ("OSError", 1)]:
        text = MEANT_TO_FAIL.replace("{code}", "    {}[1]")
        result = run(text.replace("{name}", raised), tmp_path / raised)
        assert result.returncode == code, result.stdout
    text = MEANT_TO_FAIL.replace("{code}", "    {1: 2}[1]")
    result = run(text.replace("{name}", "KeyError"), tmp_path / "nothing")
    assert "this did not fail" in result.stdout
    assert result.returncode == 1
