"""A tiny project around the real machinery, to be broken on purpose."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

from snippets.machinery.settings import ROOT

# The real settings, but for what a tiny project does not have.
SETTINGS = """\
INHERIT: real.yml
nav: {nav}
plugins: {plugins}
extra_css: []
extra_javascript: []
extra: {{logo: "", share: null, book: null}}
theme: {{custom_dir: theme}}
"""
QUIET = {"NO_MKDOCS_2_WARNING": "1", "OMP_NUM_THREADS": "1"}
BUILD = "from mkdocs.__main__ import cli; cli(prog_name='mkdocs')"


class Built(NamedTuple):
    """What one build left behind."""

    status: int
    log: str
    site: Path

    def files(self) -> dict[str, bytes]:
        """Return the content of each file of the site."""
        return {
            path.relative_to(self.site).as_posix(): path.read_bytes()
            for path in sorted(self.site.rglob("*"))
            if path.is_file()
        }


class Project:
    """A folder with the machinery, the style of figures, and no page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("snippets/machinery", "docs", "theme"):
            (folder / name).mkdir(parents=True)
        for path in [
            *(ROOT / "snippets" / "machinery").glob("*.py"),
            *(ROOT / "snippets" / "figures").glob("__init__.py"),
            *(ROOT / "snippets" / "figures").glob("style.py"),
            *(ROOT / "snippets" / "results").glob("__init__.py"),
        ]:
            self.write(path.relative_to(ROOT).as_posix(), path.read_text())
        shutil.copy(ROOT / "mkdocs.yml", folder / "real.yml")
        self.settings()

    def settings(self, nav: str = "null", plugins: str = "[]") -> None:
        """Write the settings, which switch every plugin off by default."""
        text = SETTINGS.format(nav=nav, plugins=plugins)
        self.write("mkdocs.yml", text)

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def page(self, text: str) -> None:
        """Write the project's only page."""
        self.write("docs/index.md", text)

    def build(
        self, *options: str, before: str = "", site: str = "site", **env: str
    ) -> Built:
        """Build the site; `before` is Python that runs first."""
        code = f"{before}\n{BUILD}"
        result = self.python(
            "-c", code, "build", "--site-dir", site, *options, **env
        )
        return Built(result.returncode, result.stdout, self.folder / site)

    def python(self, *arguments: str, **env: str) -> CompletedProcess:
        """Run Python in the project, which is the only one it can import."""
        paths = {
            "PYTHONPATH": str(self.folder),
            "EXECUTED_CACHE": str(self.folder / ".cache"),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, **QUIET, **paths, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
