"""The teaching code: every module that a reader may copy."""

from pathlib import Path

from snippets.machinery.settings import ROOT

FOLDER = ROOT / "snippets"
SNIPPETS = sorted(
    path
    for kind in (".", "tasks", "transformer", "translator")
    for path in (FOLDER / kind).glob("*.py")
)


def called(path: Path) -> str:
    """Return the name of a module within the teaching code, with `_`."""
    return "_".join(path.relative_to(FOLDER).with_suffix("").parts)
