"""The house of the machinery, floor by floor: who imports whom.

Printed by `python -m tests.support.house`; `--write` puts it where the
contributing notes have it.
"""

import ast
import sys
from pathlib import Path

from snippets.machinery.settings import ROOT

FOLDER = ROOT / "snippets" / "machinery"
NOTES = ROOT / ".github" / "CONTRIBUTING.md"
START, END = "<!-- house -->\n", "<!-- end of the house -->"


def rooms() -> dict[str, Path]:
    """Return the modules of the machinery by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("[!_]*.py"))}


def imports(path: Path) -> set[str]:
    """Return every module of the project that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = node.module == "snippets.machinery"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {*names} if inside else {node.module}
    return {name for name in found if name.partition(".")[0] == "snippets"}


def inside(path: Path) -> set[str]:
    """Return the rooms that a room imports."""
    known = rooms()
    names = {name.rpartition(".")[2] for name in imports(path)}
    return {name for name in names if name in known}


def floors() -> list[list[str]]:
    """Return the rooms by floor: each imports lower ones only.

    Raises ValueError for rooms that import each other.
    """
    left = {name: inside(path) for name, path in rooms().items()}
    found: list[list[str]] = []
    while left:
        floor = [name for name, needs in left.items() if not needs & {*left}]
        if not floor:
            raise ValueError(f"these import each other: {sorted(left)}")
        found.append(floor)
        for name in floor:
            del left[name]
    return found


def picture() -> str:
    """Return the house as a table, the roof first."""
    known = rooms()
    rows = ["| floor | room | what it holds | stands on |"]
    rows.append("| ---: | --- | --- | --- |")
    for number, floor in reversed([*enumerate(floors())]):
        for name in floor:
            text = known[name].read_text("utf-8")
            told = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
            needs = ", ".join(sorted(inside(known[name]))) or "the ground"
            rows.append(f"| {number} | `{name}` | {told} | {needs} |")
    return "\n".join(rows) + "\n"


def written(notes: str) -> str:
    """Return the contributing notes with the picture as it is now."""
    before, _, rest = notes.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{picture()}\n{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        NOTES.write_text(written(NOTES.read_text("utf-8")), "utf-8")
    else:
        print(picture())
