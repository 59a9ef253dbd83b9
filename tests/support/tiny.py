"""A tiny project around the real machinery, to be broken on purpose."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess, Popen
from typing import NamedTuple

from snippets.machinery.settings import DOCS, ROOT

# The real settings, but for what a tiny project does not have.
SETTINGS = """\
INHERIT: real.yml
nav: {nav}
plugins: {plugins}
watch: {watch}
extra_css: []
extra_javascript: []
extra: {{machinery: {{logo: "", card: "{card}", book: ""}}}}
theme: {{custom_dir: theme}}
"""
QUIET = {"NO_MKDOCS_2_WARNING": "1", "OMP_NUM_THREADS": "1"}
# What a process in the background starts may ignore Ctrl-C; what is tested
# listens to it.
LISTENS = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
BUILD = f"{LISTENS}from mkdocs.__main__ import cli; cli(prog_name='mkdocs')"
BUILDS = """\
import json, logging, os, sys, traceback
from mkdocs.__main__ import cli

answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    log, *arguments = json.loads(line)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    try:
        cli(arguments, prog_name="mkdocs")
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    logging.getLogger("mkdocs").handlers.clear()
    print(status, file=answers, flush=True)
"""


class Built(NamedTuple):
    """What one build left behind."""

    status: int
    log: str
    site: Path
    before: dict[str, bytes] = {}  # noqa: RUF012

    def files(self) -> dict[str, bytes]:
        """Return the content of each file of the site."""
        return content(self.site)


def content(folder: Path) -> dict[str, bytes]:
    """Return the content of each file in a folder, {} for none."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_refused(built: Built, first: str, *words: str) -> None:
    """Assert that a build failed, and left the site as it was.

    The first thing it says begins with `first`, the place; somewhere it says
    all of `words`. No traceback of MkDocs follows.
    """
    said = re.split(r"^(?:ERROR|WARNING) +- +", built.log, flags=re.M)[1:]
    assert built.status == 1, built.log
    assert said, built.log
    assert said[0].startswith(first), built.log
    for word in words:
        assert word in built.log
    assert "mkdocs/commands/build.py" not in built.log
    assert built.files() == built.before
    assert [*built.site.parent.glob(".new-*")] == []


class Project:
    """A folder with the machinery, the style of figures, and no page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: Popen | None = None
        for name in ("snippets/machinery", "docs", "theme"):
            (folder / name).mkdir(parents=True)
        for path in [
            *(ROOT / "snippets" / "machinery").glob("*.py"),
            *(ROOT / "snippets" / "figures").glob("__init__.py"),
            *(ROOT / "snippets" / "figures").glob("style.py"),
            *(ROOT / "snippets" / "results").glob("__init__.py"),
        ]:
            self.write(path.relative_to(ROOT).as_posix(), path.read_text())
        (folder / "docs/assets").mkdir()
        shutil.copy(DOCS / "assets/site.css", folder / "docs/assets")
        shutil.copy(ROOT / "mkdocs.yml", folder / "real.yml")
        self.settings()

    def settings(
        self,
        nav: str = "null",
        plugins: str = "[executed]",
        card: str = "",
        watch: str = "[snippets]",
    ) -> None:
        """Write the settings: no plugin but the machinery's by default."""
        text = SETTINGS.format(
            nav=nav, plugins=plugins, card=card, watch=watch
        )
        self.write("mkdocs.yml", text)

    def write(self, path: str, text: str) -> None:
        """Write a file of the project; a lone surrogate is a raw byte."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", "surrogateescape")

    def page(self, text: str) -> None:
        """Write the project's only page."""
        self.write("docs/index.md", text)

    def build(
        self, *options: str, before: str = "", site: str = "site", **env: str
    ) -> Built:
        """Build the site; `before` is Python that runs first."""
        folder = self.folder / site
        there = content(folder)
        arguments = ["build", "--site-dir", site, *options]
        if self.process and not before and not env:
            status, log = self._in_one_process(*arguments)
        else:
            code = f"{before}\n{BUILD}"
            result = self.python("-c", code, *arguments, **env)
            status, log = result.returncode, result.stdout
        return Built(status, log, folder, there)

    def _in_one_process(self, *arguments: str) -> tuple[int, str]:
        assert self.process and self.process.stdin and self.process.stdout
        log = self.folder.with_name("log")
        self.process.stdin.write(json.dumps([str(log), *arguments]) + "\n")
        self.process.stdin.flush()
        status = self.process.stdout.readline()
        return int(status or -1), log.read_text("utf-8")

    @contextmanager
    def one_process(self) -> Iterator[None]:
        """Let all builds run in one process, which is cheap."""
        command = [sys.executable, "-c", BUILDS]
        with Popen(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as self.process:
            yield
        self.process = None

    def environment(self, **env: str) -> dict[str, str]:
        """Return that of a process which can import this project only."""
        paths = {
            "PYTHONPATH": str(self.folder),
            "EXECUTED_CACHE": str(self.folder / ".cache"),
        }
        return {**os.environ, **QUIET, **paths, **env}

    def python(self, *arguments: str, **env: str) -> CompletedProcess:
        """Run Python in the project."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
