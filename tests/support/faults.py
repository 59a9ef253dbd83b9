"""What the build says of each mistake that the tests provoke, as a table.

    python -m tests.support.faults

Builds a tiny project once for each mistake, all in one process.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.machinery import test_pages as pages
from tests.support.tiny import Built


def row(name: str, built: Built) -> str:
    """Return what one build left behind, as a line of the table."""
    said = re.split(r"^(?:ERROR|WARNING) +- +", built.log, flags=re.M)[1:]
    first = said[0].split("\n")[0] if said else "nothing"
    left = "as it was" if built.files() == built.before else "changed"
    return (
        f"| {name} | {built.status} | `{first.replace('|', '¦')}` | {left} |"
    )


def main() -> None:
    """Print the table."""
    print("| mistake | status | the first line says | the site is |")
    print("| --- | ---: | --- | --- |")
    mistakes = pages.BROKEN | pages.DOUBTFUL
    with (
        TemporaryDirectory() as folder,
        pages.prepared(Path(folder)) as project,
    ):
        for name, (text, *_) in mistakes.items():
            project.page(f"---\ntitle: Wrong\n---\n\n{text}")
            print(row(name, project.build()))
    with (
        TemporaryDirectory() as folder,
        pages.with_notebook(Path(folder)) as project,
    ):
        for name, (script, *_) in pages.WRONG_NOTEBOOKS.items():
            project.write(pages.SCRIPT, script)
            print(row(f"the notebook: {name}", project.build()))


if __name__ == "__main__":
    main()
