"""The last good site answers while a page is broken and says what is wrong."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest

from snippets.machinery.settings import ROOT
from tests.support.tiny import BUILD, Project

PAGE = "# Page\n\n{}\n\n```citation\n```\n"
CITATION = 'title: "{}"\nauthors: [name: A]\nversion: "0.2"\nlicense: MIT\n'
PYPROJECT = '[project]\nversion = "0.2"\nlicense = "MIT"\n'
LIMIT = 60  # seconds for a build on a busy machine


class Served:
    """A project that `mkdocs serve` shows on a free port."""

    def __init__(self, project: Project) -> None:
        self.project = project
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = project.folder.with_name("log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", BUILD, "serve", "-a", self.address],
                cwd=project.folder,
                env=project.environment(),
                stdout=log,
                stderr=log,
            )

    def get(self, path: str = "index.html", timeout: float = LIMIT) -> str:
        """Return a page as it is shown."""
        with urlopen(f"http://{self.address}/{path}", timeout=timeout) as page:
            return page.read().decode()

    def wait(self, is_there: Callable[[str], bool]) -> str:
        """Return the page as soon as it shows something."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            try:
                if is_there(page := self.get()):
                    return page
            except ConnectionError:
                pass  # the first build goes on
            except OSError as error:
                assert "refused" in str(error), error
            time.sleep(0.1)
        raise AssertionError(self.log.read_text("utf-8"))

    def end(self) -> str:
        """End it as by Ctrl-C; return what it has said."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(LIMIT)
        return self.log.read_text("utf-8")


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    project = Project(tmp_path / "project")
    real = (ROOT / "mkdocs.yml").read_text("utf-8")
    [watched] = re.findall(r"^watch: (.+)$", real, re.M)
    project.settings(watch=watched)
    project.write("CITATION.cff", CITATION.format("First"))
    project.write("pyproject.toml", PYPROJECT)
    project.page(PAGE.format("Good."))
    served = Served(project)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait()


def test_last_good_page_stays_until_the_next_one(served):
    page = served.wait(lambda page: "Good." in page)
    assert 'role="alert"' not in page
    # Broken, by an error and by a warning: what is wrong stands above it.
    for text, said in {
        "`#!value found.seven`": (
            "docs/index.md:3: value found.seven: there is no module "
            "snippets.results.found"
        ),
        "[away](nowhere.md)": "docs/index.md:3: Doc file &#x27;index.md&#x27;",
    }.items():
        served.project.page(PAGE.format(text))
        served.wait(lambda page, said=said: said in page)
        page = served.get(timeout=2)
        assert page.index('role="alert"') < page.index("Good.")
        assert served.get("index.md", timeout=2).startswith("# Page\n\nGood.")
    served.project.page(PAGE.format("Mended."))
    page = served.wait(lambda page: "Mended." in page)
    assert 'role="alert"' not in page
    # How to cite the site is watched, too.
    served.project.write("CITATION.cff", CITATION.format("Second"))
    assert "First" not in served.wait(lambda page: "Second" in page)
    # An edited machinery is used, as if it had been started again.
    file = "snippets/machinery/preview.py"
    text = (served.project.folder / file).read_text("utf-8")
    old, new = "as it was before the last change", "not what you wrote"
    assert text.count(old) == 1
    served.project.write(file, text.replace(old, new))
    served.project.write("CITATION.cff", CITATION.format("Third"))
    served.wait(lambda page: "Third" in page)
    served.project.page(PAGE.format("[away](nowhere.md)"))
    assert old not in served.wait(lambda page: new in page)
    assert "Traceback" not in served.end()
    assert served.process.returncode == 0
    left = [*served.project.folder.glob(".new-*")]
    assert left == []
