"""The tests of the pages, seen to fail: each mistake on a page of its own."""

import re
import shutil

import pytest

from snippets.machinery.settings import ROOT
from tests.support.tiny import Project

GOOD = '''\
---
title: Good
---

# Good

```python title="Quoted" hl_lines="1"
--8<-- "snippets/adding.py:add"
```

```python
total = add(3, 4)
print(total)
#> 7
for word in "ab":
    print(word)
    #> a
    #> b
print("a line\\nand another")
"""
a line
and another
"""
```

```output run="found.nothing"
```

??? note "Folded"

    ```python raises="LookupError"
    raise LookupError("as announced")
    ```

    ```python
    def later():
        return defined_below + total
    ```

~~~python
defined_below = 1
print(later())
#> 8
~~~
'''

# The test that fails, the line that it names and a word of what it says.
BROKEN = {
    "raises": (
        "```python\nx = 1\ny = x / 0\n```\n",
        ("test_page_runs", 3, "ZeroDivisionError"),
    ),
    "raises_in_a_quote": (
        '```python\n--8<-- "snippets/adding.py:fails"\n```\n',
        ("test_page_runs", 1, "ZeroDivisionError"),
    ),
    "raises_nothing": (
        '```python raises="KeyError"\nx = 1\n```\n',
        ("test_page_runs", 1, "raised nothing, not KeyError"),
    ),
    "raises_another": (
        '```python raises="LookupError"\nx = {}[1]\n```\n',
        ("test_page_runs", 2, "KeyError: 1"),
    ),
    "prints_another": (
        "```python\nprint(1 + 1)\n#> 3\n```\n",
        ("test_page_runs", 1, "Print output changed"),
    ),
    "prints_through_a_quote": (
        '```python\n--8<-- "snippets/adding.py:loud"\n```\n\n'
        "```python\nloud()\n```\n",
        ("test_page_runs", 5, "Print output changed"),
    ),
    "prints_silently": (
        '```python\ndef loud():\n    print("oh")\n```\n',
        ("test_printed_output_is_shown", 3, "is not shown"),
    ),
    "prints_nothing": (
        "```python\nx = 1\n#> 1\n```\n",
        ("test_printed_output_is_shown", 3, "no print stands above"),
    ),
    "prints_and_raises": (
        '```python raises="KeyError"\nprint(1)\n#> 1\nx = {}[1]\n```\n',
        ("test_printed_output_is_shown", 2, "prints nothing"),
    ),
    "undefined": (
        "```python\ndef f():\n    return nowhere\n```\n",
        ("test_page_is_clean", 1, "F821"),
    ),
    "unused_import": (
        "```python\nimport math\n```\n",
        ("test_page_is_clean", 1, "F401"),
    ),
    "unsorted": (
        "```python\nimport math\nimport ast\n\nx = math, ast\n```\n",
        ("test_page_is_clean", 2, "I001"),
    ),
    "long": (
        f'```python\nx = 1\ny = "{"z" * 80}"\n```\n',
        ("test_page_is_clean", 3, "E501"),
    ),
    "unformatted": (
        "```python\nx = 'single'\n```\n",
        ("test_page_is_clean", 1, "not as ruff formats it"),
    ),
    "not_counted": (
        "> ```python\n> x = 1 / 0\n> ```\n",
        ("test_every_python_block_is_tested", None, "write ```python"),
    ),
    "not_counted_either": (
        "```{ .python }\nx = 1 / 0\n```\n",
        ("test_every_python_block_is_tested", None, "write ```python"),
    ),
    "short_for_python": (
        "```py\nx = 1 / 0\n```\n",
        ("test_every_python_block_is_tested", None, "write ```python"),
    ),
}

ADDING = """\
# --8<-- [start:add]
def add(a, b):
    return a + b


# --8<-- [end:add]
# --8<-- [start:fails]
x = 1 / 0
# --8<-- [end:fails]
# --8<-- [start:loud]
def loud():
    print("oh")


# --8<-- [end:loud]
"""


PAGE_TESTS = (
    "__init__",
    "conftest",
    "site/__init__",
    "site/test_docs",
    "support/__init__",
    "support/blocks",
    "support/built",
)


@pytest.fixture
def project(tmp_path) -> Project:
    """A tiny project with the tests of the pages."""
    project = Project(tmp_path / "project")
    for name in PAGE_TESTS:
        text = (ROOT / "tests" / f"{name}.py").read_text()
        project.write(f"tests/{name}.py", text)
    shutil.copy(ROOT / "pyproject.toml", project.folder)
    project.write("snippets/adding.py", ADDING)
    project.write(
        "snippets/results/found.py", "def nothing():\n    return 1\n"
    )
    project.write("docs/good.md", GOOD)
    project.write("docs/index.md", "# Index\n")
    return project


def run(project: Project, *options: str) -> tuple[set[str], str]:
    """Run the tests of the pages: what failed, and all that was said."""
    tests = [
        "-m",
        "pytest",
        "-n0",
        "-p",
        "no:cacheprovider",
        "tests/site/test_docs.py",
    ]
    wide = {"COLUMNS": "200", "EXECUTED_CACHE": str(project.folder / "cache")}
    said = project.python(*tests, "-k", "not notebook", *options, **wide)
    failed = re.findall(
        r"^FAILED tests/site/\w+\.py::(\S+)", said.stdout, re.M
    )
    return set(failed), said.stdout


def test_each_mistake_on_a_page_is_found(project):
    project.settings(plugins="[]")
    expected = {}
    for name, (text, (test, line, words)) in BROKEN.items():
        project.write(f"docs/{name}.md", text)
        place = f"docs/{name}.md:{line}: " if line else ""
        expected[f"{test}[docs/{name}.md]"] = (place, words)
    failed, said = run(project)
    assert failed == expected.keys(), said[-5000:]
    for place, words in expected.values():
        assert re.search(re.escape(place) + f"(.*\n)*?.*{words}", said), place


def test_update_writes_what_is_printed(project):
    stale = (
        "# Page\n\n"
        "```python\nprint(1 + 1)\n#> 3\nprint(5)\n```\n\n"
        '??? note "Folded"\n\n'
        "    ```python\n    for x in (1, 2):\n        print(x)\n    ```\n\n"
        "```python\nprint(x + 1)\n```\n"
    )
    quoted = (
        '```python\n--8<-- "snippets/adding.py:add"\n\n'
        "print(add(1, 2))\n#> 0\n```\n"
    )
    project.write("docs/stale.md", stale)
    project.write("docs/quoted.md", quoted)
    failed, said = run(project, "--update-examples", "-k", "runs")
    assert failed == {"test_page_runs[docs/quoted.md]"}, said[-5000:]
    assert (project.folder / "docs" / "quoted.md").read_text() == quoted
    assert (project.folder / "docs" / "good.md").read_text() == GOOD
    assert (project.folder / "docs" / "stale.md").read_text() == (
        "# Page\n\n"
        "```python\nprint(1 + 1)\n#> 2\nprint(5)\n#> 5\n```\n\n"
        '??? note "Folded"\n\n'
        "    ```python\n    for x in (1, 2):\n        print(x)\n"
        "        #> 1\n        #> 2\n    ```\n\n"
        "```python\nprint(x + 1)\n#> 3\n```\n"
    )


# Not run, and what must be said of it.
NOT_RUN = {
    "skips": (
        "import pytest\n\ndef test_one():\n    pytest.skip('no such')\n",
        "test_one: Skipped: no such",
    ),
    "fails": (
        "import pytest\n\ndef test_two():\n    pytest.xfail('known')\n",
        "test_two: known",
    ),
    "needs": (
        "import pytest\n\npytest.importorskip('nowhere')\n",
        "could not import 'nowhere'",
    ),
}
PASSES = "def test_passes():\n    pass\n"


def test_nothing_is_skipped_in_ci(tmp_path):
    project = Project(tmp_path / "project")
    conftest = (ROOT / "tests" / "conftest.py").read_text()
    project.write("conftest.py", conftest)
    project.write("test_passes.py", PASSES)

    def tested(*options: str, ci: str = "true") -> tuple[int, str]:
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
        said = project.python(*command, *options, CI=ci, COLUMNS="200")
        return said.returncode, said.stdout

    status, said = tested()
    assert status == 0, said
    for name, (text, _) in NOT_RUN.items():
        project.write(f"test_{name}.py", text)
    status, said = tested(ci="")
    assert status == 0, said
    for workers in ("-n0", "-n1"):
        status, said = tested(workers)
        assert status == 1, said
        _, _, listed = said.partition("not run, which CI does not accept")
        for _, reason in NOT_RUN.values():
            assert listed.count(reason) == 1, said
