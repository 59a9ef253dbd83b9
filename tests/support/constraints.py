"""Which release of every package is installed, and the digests of its files.

`python -m tests.support.constraints` writes both lists after a change of
pyproject.toml, and changes no other release; with `--upgrade` it takes the
newest of everything that pyproject.toml does not pin.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from uv import find_uv_bin

from snippets.machinery.settings import ROOT

CONSTRAINTS = ROOT / "constraints.txt"
HASHED = ROOT / ".ci/requirements.txt"
BUILDING = ROOT / ".ci/build.txt"
HEAD = "# Written by `python -m tests.support.constraints`.\n"
RESOLVE = ["pip", "compile", "pyproject.toml", "--all-extras"]
RESOLVE += ["--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
# PyTorch has a build for graphics cards, which needs these, and one that does
# not; the second comes from another place, so that its digest is not known.
UNHASHED = re.compile(r"(torch|triton|cuda-[\w-]+|nvidia-[\w-]+)==")


def resolve(*options: str) -> str:
    """Return one pinned requirement a package, with the digests below it."""
    with TemporaryDirectory() as folder:
        found = Path(folder, CONSTRAINTS.name)
        if CONSTRAINTS.exists():  # what it names is kept
            shutil.copy(CONSTRAINTS, found)
        command = [find_uv_bin(), *RESOLVE, "--output-file", str(found)]
        # For every system, and every Python from the oldest allowed.
        command += ["--universal", "--python-version", oldest_python()]
        subprocess.run([*command, *options], cwd=ROOT, check=True)
        return found.read_text("utf-8")


def oldest_python() -> str:
    """Return the oldest Python that pyproject.toml allows."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return settings["project"]["requires-python"].removeprefix(">=")


def unhashed(requirements: str) -> str:
    """Return requirements without their digests."""
    return re.sub(r" \\\n +--hash=\S+", "", requirements)


def checkable(requirements: str) -> str:
    """Return the requirements whose files have known digests."""
    each = re.split(r"^(?=\w)", requirements, flags=re.M)
    return "".join(text for text in each if not UNHASHED.match(text))


def building(requirements: str) -> str:
    """Return what must be there before a package can be built."""
    [found] = re.findall(r"^setuptools==.*\n(?: .*\n)+", requirements, re.M)
    return found


if __name__ == "__main__":
    requirements = resolve(*sys.argv[1:])
    CONSTRAINTS.write_text(HEAD + unhashed(requirements), "utf-8")
    BUILDING.write_text(HEAD + building(requirements), "utf-8")
    HASHED.write_text(HEAD + checkable(requirements), "utf-8")
