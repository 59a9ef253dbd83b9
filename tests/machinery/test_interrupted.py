"""A build that is ended in the middle leaves the site as it was."""

import signal
import subprocess
import sys
import time

import pytest

from tests.support.tiny import BUILD, Project

# Says when the first page is being written, and waits.
SLOW = """\
import pathlib, time
from mkdocs.commands import build

write = build._build_page

def slow(*given, **named):
    write(*given, **named)
    pathlib.Path("writing").touch()
    time.sleep(60)

build._build_page = slow
"""


@pytest.fixture
def project(tmp_path) -> Project:
    project = Project(tmp_path / "project")
    project.page("# Page\n\nText.\n")
    project.write("docs/other.md", "# Other\n")
    return project


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (signal.SIGINT, 1, "Aborted!"),
        (signal.SIGTERM, 143, "The build was ended by SIGTERM"),
    ],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_site_is_whole_when_pages_are_being_written(
    project, sent, status, words
):
    built = project.build()
    assert built.status == 0, built.log
    there = built.files()
    project.page("# Page\n\nAnother text.\n")
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW + BUILD, "build"],
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    limit = time.monotonic() + 60
    while not (project.folder / "writing").exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert len([*project.folder.glob(".new-*")]) == 1
    process.send_signal(sent)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == status, said
    assert words in said
    assert "Traceback" not in said
    assert [*project.folder.glob(".new-*")] == []
    assert built.files() == there


def test_folder_that_cannot_be_made_is_named(project):
    project.write("taken", "text")
    built = project.build(site="taken/site")
    assert built.status == 1
    assert "ERROR   -  [Errno 17] File exists: " in built.log
    assert "mkdocs/commands/build.py" not in built.log
    assert (project.folder / "taken").read_text() == "text"


# Fails when the new site is to take the place of the old one.
FAILING = """\
import pathlib

rename = pathlib.Path.rename

def failing(old, new):
    if str(new).endswith("site") and old.name.startswith(".new-"):
        if not old.name.endswith("-old"):
            raise OSError(28, "No space left on device", str(new))
    return rename(old, new)

pathlib.Path.rename = failing
"""


def test_site_comes_back_if_the_new_one_cannot_take_its_place(project):
    assert project.build().status == 0
    project.page("# Page\n\nAnother text.\n")
    built = project.build(before=FAILING)
    assert built.status == 1
    assert "ERROR   -  [Errno 28] No space left on device" in built.log
    assert built.files() == built.before != {}
    assert [*project.folder.glob(".new-*")] == []
