"""Runs the notebook's cells as mkdocs-jupyter does, in a kernel of Jupyter."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import nbformat

from snippets.machinery.drawing import adapt
from snippets.machinery.key import version
from snippets.machinery.run import Run

# What its outputs depend on, besides its own text.
LIBRARIES = ("torch", "numpy", "matplotlib")
# Black on white, as matplotlib draws for a reader, becomes the page's own
# ink on its own ground.
INK = {"#000000": "currentColor", "#ffffff": "none"}
KERNEL_SETTINGS = """\
c.IPKernelApp.log_level = "ERROR"
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {
    "bbox_inches": "tight", "metadata": {"Date": None}
}
c.InlineBackend.rc = {"svg.hashsalt": "hands-on", "svg.fonttype": "none"}
"""


class CellFailed(Exception):
    """A cell that raised; the message begins with its number."""


def run(cells: list[tuple[str, str]]) -> Run:
    """Return the run that gives what each cell of code printed and drew.

    cells: their numbers in the notebook, and their code.
    """
    given = {
        "cells": [*map(list, cells)],
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return Run.of(executed, given)


def executed(
    cells: list[tuple[str, str]], libraries: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Return `text` and `svg` of each cell by its number, "" for none.

    Raises CellFailed with the number of the cell.
    """
    # Slow to import, and needed only where the notebook is not kept.
    from mkdocs_jupyter.convert import get_nbconvert_app
    from nbclient.exceptions import CellExecutionError
    from nbconvert.exporters import NotebookExporter

    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(code) for _, code in cells]
    with TemporaryDirectory() as folder:
        profile = Path(folder, "profile_default")
        profile.mkdir()
        settings = profile / "ipython_kernel_config.py"
        settings.write_text(KERNEL_SETTINGS, "utf-8")
        # Nothing that this machine says of Jupyter or of matplotlib counts.
        Path(folder, "matplotlibrc").write_text("", "utf-8")
        told = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MATPLOTLIBRC")
        with mock.patch.dict(os.environ, dict.fromkeys(told, folder)):
            os.environ.pop("MPLBACKEND", None)  # the kernel would draw nothing
            app = get_nbconvert_app(
                execute=True, allow_errors=False, kernel_name="python3"
            )
            exporter: Any = NotebookExporter
            try:
                text, _ = exporter(config=app.config).from_notebook_node(
                    book, resources={"metadata": {"path": folder}}
                )
            except CellExecutionError as error:
                why = f"{error.ename}: {error.evalue}"
                for number, code in cells:
                    if f"-\n{code}\n-" in str(error):
                        raise CellFailed(f"{number}: {why}") from None
                raise
    done = json.loads(text)["cells"]
    return {
        number: _gave(cell["outputs"], number)
        for (number, _), cell in zip(cells, done, strict=True)
    }


def _gave(outputs: list[dict[str, Any]], number: str) -> dict[str, str]:
    gave = {"text": "", "svg": ""}
    for out in outputs:
        data = out.get("data", {})
        if svg := data.get("image/svg+xml"):
            gave["svg"] = adapt("".join(svg), f"hands-on-cell-{number}", INK)
        else:
            # The kernel cuts what a cell prints at arbitrary places.
            said = out.get("text") or data.get("text/plain", "")
            gave["text"] += "".join(said)
    return gave
