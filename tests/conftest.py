"""The built site, and the rule that nothing is skipped where it counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from snippets.machinery.settings import ROOT

os.environ["MPLBACKEND"] = "Agg"  # pages that draw need no screen
# Small tensors gain nothing from more threads, and lose much on busy cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Built as it is published: the theme does more when it knows the addresses.
PUBLISHED = {
    "SITE_URL": "https://reader.example/attention/",
    "REPO_URL": "https://github.com/reader/attention",
}


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "engines: every page in Firefox and in WebKit"
    )
    config.addinivalue_line(
        "markers", "slow: builds the whole site from nothing, in minutes"
    )
    config.addinivalue_line(
        "markers", "pins: about pinned versions; not for the newest ones"
    )


def pytest_collection_modifyitems(items):
    """First the modules that look at the site.

    Its build takes all cores, and fills the cache that other tests read.
    """
    looking = {item.path for item in items if "site" in item.fixturenames}
    items.sort(key=lambda item: item.path not in looking)


def build_site(folder: Path, *python: str, **env: str) -> str:
    """Build the project's site into `folder`; return what is wrong, if any."""
    command = [sys.executable, *(python or ["-m", "mkdocs"])]
    result = subprocess.run(
        [*command, "build", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, **PUBLISHED, "PYTHONPATH": str(ROOT), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if not result.returncode:
        return ""
    return f"the site cannot be built:\n{result.stdout}"


@pytest.fixture(scope="session")
def site(tmp_path_factory, request) -> Path:
    """The folder of the built site, which is built once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent
    wrong = shared / "wrong.txt"
    with FileLock(shared / "site.lock"):
        if not wrong.exists():
            wrong.write_text(build_site(shared / "site"), "utf-8")
    if said := wrong.read_text("utf-8"):
        pytest.fail(said, pytrace=False)
    return shared / "site"


# On a developer's machine a browser may be missing. In CI nothing may.

not_run: list[str] = []


def pytest_collectreport(report):
    note(report)


def pytest_runtest_logreport(report):
    note(report)


def note(report) -> None:
    if report.skipped:
        expected = getattr(report, "wasxfail", None)
        reason = report.longrepr[2] if expected is None else expected
        not_run.append(f"{report.nodeid}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if os.environ.get("CI") and not_run:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if os.environ.get("CI") and not_run:
        terminalreporter.section("not run, which CI does not accept", red=True)
        for line in not_run:
            terminalreporter.write_line(line)
