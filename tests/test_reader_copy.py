"""What a reader copies from a page runs by itself, without the project."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import indent

import nbformat
import pytest
from nbclient import NotebookClient

from tests.built import NAMES, NOTEBOOK, copied, python_blocks, soup

# An editable installation would make the project importable anywhere.
BLOCKED = 'import sys; sys.modules["snippets"] = None\n'
MUST_RAISE = """\
try:
{code}
except Exception as error:
    if type(error).__name__ != {name!r}:
        raise
else:
    raise SystemExit("this raised nothing, not {name}: " + {code_text!r})
"""


def script(path: Path) -> str:
    """Return all Python blocks of a built page as one script."""
    parts = []
    for block in python_blocks(soup(path)):
        code = copied(block)
        if "raises" in block["class"]:
            name = str(block["data-raises"])
            code = MUST_RAISE.format(
                code=indent(code, "    "), name=name, code_text=code
            )
        parts.append(code)
    return "\n".join(parts)


def run(code: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script in an empty folder that knows nothing of the project."""
    folder.mkdir(parents=True)
    (folder / "copied.py").write_text(BLOCKED + code, "utf-8")
    return subprocess.run(
        [sys.executable, "-I", "copied.py"],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def copies(site, tmp_path_factory):
    """Every page's run, all of them under way at the same time."""
    folder = tmp_path_factory.mktemp("reader")
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield {
            name: threads.submit(run, script(site / name), folder / name)
            for name in NAMES
        }


@pytest.mark.parametrize("name", NAMES)
def test_copied_code_runs(copies, name):
    result = copies[name].result()
    assert result.returncode == 0, result.stdout


def test_reader_has_no_project(tmp_path):
    result = run("import snippets", tmp_path / "reader")
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stdout


def test_copy_of_failing_code_must_fail(tmp_path):
    for raised, code in [("KeyError", 0), ("LookupError", 1), ("OSError", 1)]:
        text = MUST_RAISE.format(code="    {}[1]", name=raised, code_text="")
        result = run(text, tmp_path / raised)
        assert result.returncode == code, result.stdout
    text = MUST_RAISE.format(
        code="    {1: 2}[1]", name="KeyError", code_text=""
    )
    result = run(text, tmp_path / "nothing")
    assert "this raised nothing, not KeyError" in result.stdout
    assert result.returncode == 1


def test_downloaded_script_runs(site, tmp_path):
    downloaded = (site / NOTEBOOK).with_suffix(".py")
    result = run(downloaded.read_text("utf-8"), tmp_path / "reader")
    assert result.returncode == 0, result.stdout


def test_downloaded_notebook_runs(site, tmp_path, monkeypatch):
    # A reader's own kernel: no settings and no path of ours.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    folder = tmp_path / "reader"
    folder.mkdir()
    downloaded = (site / NOTEBOOK).with_suffix(".ipynb")
    book = nbformat.reads(downloaded.read_text("utf-8"), as_version=4)
    nbformat.validate(book)
    book.cells.insert(0, nbformat.v4.new_code_cell(BLOCKED))
    book.cells.append(nbformat.v4.new_code_cell("import snippets"))
    book.cells[-1].metadata.tags = ["raises-exception"]
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=600, resources=where).execute()
    assert book.cells[-1].outputs[0].ename == "ModuleNotFoundError"
