"""Pages that are wrong: nothing of them is published, and each is named."""

import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from snippets.machinery import asked, plugin, source
from snippets.machinery.reader import Reader
from snippets.machinery.source import Page
from tests.support.tiny import Built, Project, assert_refused

FIGURES = '''\
"""Figures with one mistake each, and one without."""

from snippets.figures.style import new_figure


def good():
    """A line that rises from nought to one."""
    figure = new_figure(2)
    figure.subplots().plot([0, 1])
    return figure


def raises():
    """A figure that cannot be drawn."""
    return 1 / 0


def undescribed():
    return new_figure(2)


def clipped():
    """A figure with a text beyond its edge."""
    figure = new_figure(2)
    figure.text(0.9, 0.5, "far too long for what is left")
    return figure


def tiny():
    """A figure with a text that nobody can read."""
    figure = new_figure(2)
    figure.text(0.5, 0.5, "small print", fontsize=3)
    return figure


def number():
    """Not a figure at all."""
    return 7
'''

RESULTS = '''\
"""Results, right and wrong ones."""

import time
import warnings


def seven():
    return 7


def shares():
    return {"one": 0.25, "two": 0.75}


def rows():
    return [{"name": "one", "size": 1}, {"name": "two", "size": 22.5}]


def formula_row():
    return [{"name": r"$\\frac{1}$"}]


def a_set():
    return {1, 2}


def ragged():
    return [{"name": "one"}, {"size": 2}]


def figure():
    """A figure where none is wanted."""
    from snippets.figures.style import new_figure

    figure = new_figure(2)
    figure.subplots().plot([0, 1])
    return figure


def sleeps():
    time.sleep(60)


def dies():
    import os

    os._exit(3)


def warns():
    warnings.warn("the numbers are doubtful")
    return 7


def fails():
    return {}["what"]


def asks(argument):
    return 7
'''

CODE = """\
# --8<-- [start:add]
def add(a, b):
    return a + b


# --8<-- [end:add]
"""
FILES = {
    "snippets/figures/drawn.py": FIGURES,
    "snippets/results/found.py": RESULTS,
    "snippets/adding.py": CODE,
    "snippets/twice.py": CODE + CODE,
    "snippets/overlapping.py": """\
# --8<-- [start:add]
# --8<-- [start:more]
one = 1
# --8<-- [end:add]
# --8<-- [end:more]
""",
    "snippets/backwards.py": "# --8<-- [end:add]\n# --8<-- [start:add]\n",
    "snippets/latin.py": CODE.replace("a + b", "a + 'caf\udce9'"),
    "snippets/figures/latin.py": FIGURES.replace("Not", "N\udcf6t"),
    "snippets/results/syntax.py": "def seven():\n    return (7\n",
    "snippets/results/imports.py": "import nowhere_at_all\n\n\n" + RESULTS,
    "snippets/results/circle.py": "from snippets.results import ring\n",
    "snippets/results/ring.py": (
        "from snippets.results.circle import seven\n"
    ),
}


@contextmanager
def prepared(folder: Path) -> Iterator[Project]:
    """Give a project with a good site; all builds run in one process."""
    project = Project(folder / "project")
    for path, text in FILES.items():
        project.write(path, text)
    project.write("docs/other.md", "# Other\n\nText.\n")
    project.write("docs/assets/picture.png", "")
    project.page("# Page\n\nText.\n")
    with project.one_process():
        built = project.build()
        assert built.status == 0, built.log
        yield project


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Iterator[Project]:
    with prepared(tmp_path_factory.mktemp("tiny")) as project:
        yield project


def fence(kind: str, name: str, text: str = "A caption.") -> str:
    return f'```{kind} run="{name}"\n{text}\n```\n'


def quote(spec: str) -> str:
    return f'```python\n--8<-- "{spec}"\n```\n'


# Pages that are wrong from line 5 on, where they begin; what must be said of
# it there; and what must be said besides.
BROKEN: dict[str, tuple[str, ...]] = {
    # What is asked for.
    "a figure that raises": (
        fence("figure", "drawn.raises"),
        "docs/index.md:5: figure drawn.raises: snippets/figures/drawn.py:15: "
        "ZeroDivisionError: division by zero",
        'drawn.py", line 15, in raises',
    ),
    "a missing figure": (
        fence("figure", "drawn.nowhere"),
        "docs/index.md:5: figure drawn.nowhere: "
        "snippets.figures.drawn has no function 'nowhere'",
    ),
    "a missing module": (
        fence("figure", "nowhere.good"),
        "docs/index.md:5: figure nowhere.good: "
        "there is no module snippets.figures.nowhere",
    ),
    "a missing module of tables": (
        fence("table", "nowhere.good"),
        "docs/index.md:5: table nowhere.good: "
        "there is no module snippets.results.nowhere",
    ),
    "a figure without caption": (
        fence("figure", "drawn.good", ""),
        "docs/index.md:5: figure drawn.good: it has no caption",
    ),
    "a figure without text alternative": (
        fence("figure", "drawn.undescribed"),
        "docs/index.md:5: figure drawn.undescribed: "
        "snippets.figures.drawn.undescribed has no docstring",
    ),
    "a clipped text": (
        fence("figure", "drawn.clipped"),
        "docs/index.md:5: figure drawn.clipped: ",
        "the text 'far too long for what is left' is clipped",
    ),
    "a text too small": (
        fence("figure", "drawn.tiny"),
        "docs/index.md:5: figure drawn.tiny: ",
        "the text 'small print' is too small",
    ),
    "a figure that is a number": (
        fence("figure", "drawn.number"),
        "docs/index.md:5: figure drawn.number: "
        "snippets.figures.drawn.number() returned no figure",
    ),
    "a table that is a set": (
        fence("table", "found.a_set"),
        "docs/index.md:5: table found.a_set: "
        "snippets.results.found.a_set returned set",
    ),
    "a table of unlike rows": (
        fence("table", "found.ragged"),
        "docs/index.md:5: table found.ragged: "
        "snippets.results.found.ragged returned list",
    ),
    "a table that is a number": (
        fence("table", "found.seven"),
        "docs/index.md:5: table found.seven: "
        "snippets.results.found.seven() did not return a list of dicts",
    ),
    "a table that is a figure": (
        fence("table", "found.figure"),
        "docs/index.md:5: table found.figure: ",
    ),
    "a table that fails": (
        fence("table", "found.fails"),
        "docs/index.md:5: table found.fails: snippets/results/found.py:56: "
        "KeyError: 'what'",
        'found.py", line 56, in fails',
    ),
    "a table that needs an argument": (
        fence("table", "found.asks"),
        "docs/index.md:5: table found.asks: snippets.results.found.asks "
        "cannot be called: missing a required argument: 'argument'",
    ),
    "a formula in a table": (
        fence("table", "found.formula_row"),
        "docs/index.md:5: the formula '\\\\frac{1}' cannot be read",
    ),
    "a run that dies": (
        fence("table", "found.dies"),
        "docs/index.md:5: table found.dies: the process died: status 3",
    ),
    "a module with an error of syntax": (
        fence("output", "syntax.seven", ""),
        "docs/index.md:5: output syntax.seven: snippets/results/syntax.py:2: "
        "'(' was never closed",
    ),
    "a module that imports what is nowhere": (
        fence("output", "imports.seven", ""),
        "docs/index.md:5: output imports.seven: "
        "snippets/results/imports.py:1: ModuleNotFoundError: No module named "
        "'nowhere_at_all'",
    ),
    "a circle of imports": (
        "Is it `#!value circle.ring`?\n",
        "docs/index.md:5: value circle.ring: snippets",
    ),
    "a module that is not UTF-8": (
        fence("figure", "latin.good"),
        "docs/index.md:5: figure latin.good: snippets/figures/latin.py:",
        "not UTF-8",
    ),
    # Fences.
    "a misspelt fence": (
        "Text.\n\n" + fence("figur", "drawn.good"),
        "docs/index.md:7: there is no fence called 'figur'",
    ),
    "a misspelt fence that names nothing": (
        "```citatoin\n```\n",
        "docs/index.md:5: there is no fence called 'citatoin'",
    ),
    "a figure fence that names nothing": (
        "```figure\nA caption.\n```\n",
        'docs/index.md:5: figure: it takes run="…", got nothing',
    ),
    "a figure fence with an option": (
        '```figure run="drawn.good" width="3"\nA caption.\n```\n',
        'docs/index.md:5: figure drawn.good: it takes run="…", got '
        'run="drawn.good" width="3"',
    ),
    "an option without a value": (
        '```figure run="drawn.good" wide\nA caption.\n```\n',
        'docs/index.md:5: figure drawn.good: it takes run="…", got '
        'run="drawn.good" wide',
    ),
    "an option without quotes": (
        "```figure run=drawn.good\nA caption.\n```\n",
        'docs/index.md:5: figure: it takes run="…", got run=drawn.good',
    ),
    "an option in single quotes": (
        "```output run='found.seven'\n```\n",
        "docs/index.md:5: output: it takes run=\"…\", got run='found.seven'",
    ),
    "an option where none is": (
        '```citation run="found.seven"\n```\n',
        "docs/index.md:5: citation found.seven: it takes nothing",
    ),
    "an option of code without quotes": (
        "```python mark=x\nx = 1\n```\n",
        "docs/index.md:5: python: it does not take mark=x",
    ),
    "an unknown option of code": (
        '```python titel="a.py"\nx = 1\n```\n',
        'docs/index.md:5: python: it does not take titel="a.py"',
    ),
    "a fence without end": (
        "Text.\n\n```python\nx = 1\n",
        "docs/index.md:7: this fence has no end",
    ),
    "a run in a quotation": (
        'Text.\n\n> ```output run="found.seven"\n> ```\n',
        "docs/index.md:7: a run stands in a quotation",
    ),
    "a figure twice": (
        2 * (fence("figure", "drawn.good") + "\n"),
        "docs/index.md:9: figure drawn.good: the page shows it a second time",
    ),
    "code without the text to mark": (
        '```python mark="x = 2"\nx = 1\n```\n',
        "docs/index.md:5: no line holds 'x = 2'",
    ),
    "a package that the page does not name": (
        "```python\nimport torch\n```\n",
        "docs/index.md:5: imports torch, and no `pip install` has it",
    ),
    # Values.
    "a missing value": (
        "Text.\nIt is `#!value found.nowhere`.\n",
        "docs/index.md:6: value found.nowhere: "
        "snippets.results.found has no function 'nowhere'",
    ),
    "a misspelt value": (
        "It is\n`#!valu found.seven`.\n",
        "docs/index.md:6: `#!valu found.seven` is no value and no code",
    ),
    "a value behind a space": (
        "It is `#! value found.seven`.\n",
        "docs/index.md:5: `#! value found.seven` is no value and no code",
    ),
    "a value without its name": (
        "It is `#!value`.\n",
        "docs/index.md:5: `#!value` is no value and no code",
    ),
    "a key that is not there": (
        "It is `#!value found.shares.three .0%`.\n",
        "docs/index.md:5: value found.shares.three: there is no 'three' in "
        "'one, two'",
    ),
    "a key too deep": (
        "It is `#!value found.shares.one.more`.\n",
        "docs/index.md:5: value found.shares.one.more: there is no 'more' in "
        "0.25",
    ),
    "a dict as a value": (
        "It is `#!value found.shares`.\n",
        "docs/index.md:5: value found.shares: a dict is no number",
    ),
    "a bad format": (
        "It is `#!value found.seven .2q`.\n",
        "docs/index.md:5: value found.seven: 7 has no form '.2q': ",
        "Unknown format code 'q'",
    ),
    "a table as a value": (
        "It is `#!value found.rows .2f`.\n",
        "docs/index.md:5: value found.rows: a list is no number",
    ),
    "a table as a value without a format": (
        "It is `#!value found.rows`.\n",
        "docs/index.md:5: value found.rows: a list is no number",
    ),
    "a figure as a value": (
        "It is `#!value found.figure`.\n",
        "docs/index.md:5: value found.figure: ",
    ),
    "a wrong value in a caption": (
        fence("figure", "drawn.good", "A caption.\nOf `#!value found.no`."),
        "docs/index.md:7: value found.no: ",
    ),
    # Quotes.
    "a missing section": (
        quote("snippets/adding.py:subtract"),
        "docs/index.md:6: 'snippets/adding.py' has no [start:subtract]",
    ),
    "a missing file": (
        quote("snippets/nowhere.py:add"),
        "docs/index.md:6: the quoted file 'snippets/nowhere.py' does not "
        "exist",
    ),
    "a whole file": (
        quote("snippets/adding.py"),
        "docs/index.md:6: the quote of 'snippets/adding.py' names no",
    ),
    "a section defined twice": (
        quote("snippets/twice.py:add"),
        "docs/index.md:6: snippets/twice.py:7: the section 'add' begins a "
        "second time",
    ),
    "sections that overlap": (
        quote("snippets/overlapping.py:add"),
        "docs/index.md:6: snippets/overlapping.py:4: [end:add] stands where "
        "[end:more] is due",
    ),
    "a section that ends before it begins": (
        quote("snippets/backwards.py:add"),
        "docs/index.md:6: snippets/backwards.py:1: [end:add] stands where a "
        "start is due",
    ),
    "a quoted file that is not UTF-8": (
        quote("snippets/latin.py:add"),
        "docs/index.md:6: the quoted file 'snippets/latin.py' is not UTF-8",
    ),
    # Formulas.
    "an invalid formula": (
        "Text.\n\n$$\n\\frac{1}\n$$\n",
        "docs/index.md:8: the formula '\\\\frac{1}' cannot be read",
    ),
    "a formula in a caption": (
        fence("figure", "drawn.good", r"Where $\frac{1}$ is."),
        "docs/index.md:6: the formula '\\\\frac{1}' cannot be read",
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_wrong_page_is_refused(project, mistake):
    """Even where warnings do not count."""
    text, *words = BROKEN[mistake]
    project.page(f"---\ntitle: Wrong\n---\n\n{text}")
    built = project.build("--no-strict")
    assert_refused(built, *words)
    assert built.log.endswith("\nThe site is as it was before.\n")


# What is wrong with the finished HTML is a warning, as it is for MkDocs.
DOUBTFUL = {
    "a broken link": (
        "[away](nowhere.md)\n",
        "docs/index.md:5: Doc file 'index.md' contains a link 'nowhere.md'",
    ),
    "a broken anchor": (
        "Text\n[down](#nowhere).\n",
        "docs/index.md:6: Doc file 'index.md' contains a link '#nowhere'",
    ),
    "a broken anchor elsewhere": (
        "[over](other.md#nowhere)\n",
        "docs/index.md:5: Doc file 'index.md' contains a link "
        "'other.md#nowhere'",
    ),
    "a broken link in a caption": (
        fence("figure", "drawn.good", "See [away](nowhere.md)."),
        "docs/index.md:6: Doc file 'index.md' contains a link 'nowhere.md'",
    ),
    "a broken anchor in a caption": (
        fence("figure", "drawn.good", "See [away](other.md#nowhere)."),
        "docs/index.md:6: Doc file 'index.md' contains a link "
        "'other.md#nowhere'",
    ),
    "a link without ending": (
        "[over](other)\n",
        "docs/index.md:5: Doc file 'index.md' contains an unrecognized "
        "relative link 'other'",
    ),
    "a link to the root": (
        "[over](/other.html)\n",
        "docs/index.md:5: Doc file 'index.md' contains an absolute link "
        "'/other.html'",
    ),
    "a link of raw HTML": (
        'Text\n<a href="nowhere.html">away</a>\n',
        "docs/index.md:6: the link 'nowhere.html' leads nowhere",
    ),
    "an anchor of raw HTML": (
        '<a href="other.html#nowhere">away</a>\n',
        "docs/index.md:5: the link 'other.html#nowhere' leads nowhere",
    ),
    "an image of raw HTML": (
        '<img src="nowhere.png" alt="Nothing">\n',
        "docs/index.md:5: the link 'nowhere.png' leads nowhere",
    ),
    "an image without alt": (
        "Text ![](assets/picture.png) text.\n",
        "docs/index.md:5: the image 'assets/picture.png' has no alt text",
    ),
    "a reference to nowhere": (
        "Text.\nSee [this][nowhere].\n",
        "docs/index.md:6: '[this][nowhere]' means nothing",
    ),
    "a note to nowhere": (
        "Text.\nIt is so.[^nowhere]\n",
        "docs/index.md:6: '[^nowhere]' means nothing",
    ),
    "a formula without end": (
        "Here $a$ is good.\n\nWhere $x + y is.\n",
        "docs/index.md:7: '$x + y is.' means nothing",
    ),
    "a display without end": (
        "Text.\n\n$$\nx + y\n\nText.\n",
        "docs/index.md:7: '$$\\nx + y' means nothing",
    ),
}


@pytest.fixture(scope="module")
def doubted(project) -> Built:
    """A build in which each of these is a page."""
    project.page("# Page\n")
    for name, (text, _) in DOUBTFUL.items():
        page = f"docs/{name.replace(' ', '-')}.md"
        project.write(page, f"---\ntitle: Wrong\n---\n\n{text}")
    built = project.build()
    for name in DOUBTFUL:
        (project.folder / f"docs/{name.replace(' ', '-')}.md").unlink()
    return built


@pytest.mark.parametrize("mistake", DOUBTFUL)
def test_doubtful_page_is_refused(doubted, mistake):
    name = mistake.replace(" ", "-")
    page = f"docs/{name}.md"
    said = [line for line in doubted.log.split("\n") if page in line]
    words = DOUBTFUL[mistake][1].replace("index", name)
    assert len(said) == 1, said
    assert said[0].startswith(f"WARNING -  {words}")


def test_doubtful_pages_end_the_build(doubted):
    assert_refused(doubted, "docs/")
    warnings = f"Aborted with {len(DOUBTFUL)} warnings in strict mode!"
    assert doubted.log.endswith(f"{warnings}\n")


def test_good_page_is_not_refused(project):
    """Neither for a dollar in code nor for brackets in it."""
    project.page(
        "# Page { #page }\n\n"
        "It is $x$, `$HOME`, `[a][b]`, [here][there] and so.[^1]\n\n"
        '<a href="other.html">over</a>, <a href="#page">up</a>,\n'
        '<a href="https://a.org/nowhere">out</a>\n\n'
        + fence("figure", "drawn.good", "See [over](other.md).")
        + '\n```bash title="a"\necho $HOME\n```\n\n'
        "```text\n[c][d] $\n```\n\n"
        "[there]: other.md\n\n[^1]: A note.\n"
    )
    built = project.build()
    assert built.status == 0, built.log
    project.page("# Page\n\nText.\n")
    assert project.build().status == 0


def test_a_run_ends_at_the_time_limit(project):
    project.page("It is `#!value found.sleeps`.\n")
    limit = "from snippets.machinery import pool; pool.TIME_LIMIT = 1"
    assert_refused(
        project.build("--no-strict", before=limit),
        "docs/index.md:1: value found.sleeps: not done after 1 s",
    )


def test_a_warning_is_shown_each_time_and_refused(project):
    project.page("# Page\n\nIt is `#!value found.warns`.\n")
    said = (
        "docs/index.md:3: snippets.results.found.warns() warned: "
        "UserWarning: the numbers are doubtful"
    )
    first, second = (
        project.build("--no-strict", site="doubtful") for _ in range(2)
    )
    assert (first.status, second.status) == (0, 0)
    assert first.log.count(said) == second.log.count(said) == 1
    assert_refused(project.build(), said)


FAILING = {
    "a table": (fence("table", "found.fails"), "table found.fails"),
    "a value": ("It is `#!value found.fails`.\n", "value found.fails"),
}


@pytest.mark.parametrize("kind", FAILING)
def test_what_fails_is_named_where_it_is_asked_for(project, kind):
    """Not at the page which is read first, and needs something as well."""
    text, name = FAILING[kind]
    project.page("It is `#!value found.shares.one`.\n")
    project.write("docs/later.md", f"# Page\n\n{text}")
    shutil.rmtree(project.folder / ".cache" / "runs", ignore_errors=True)
    try:
        built = project.build("--no-strict")
        assert_refused(
            built,
            f"docs/later.md:3: {name}: snippets/results/found.py:56: KeyError",
        )
    finally:
        (project.folder / "docs" / "later.md").unlink()


def test_page_that_is_not_utf_8_is_named(project):
    project.page("# Page\n")
    project.write("docs/other.md", "# Other\n\nCaf\udce9.\n")
    try:
        built = project.build("--no-strict")
        assert_refused(built, "docs/other.md:3: not UTF-8: ")
    finally:
        project.write("docs/other.md", "# Other\n")


def test_where_no_site_was_there_is_none(project):
    project.page("[away](nowhere.md)\n")
    for options in ([], ["--no-strict"]):
        built = project.build(*options, site="new")
        assert built.site.is_dir() == bool(options)


# The notebook, which is a page.

NOTEBOOK = """\
# %% [markdown]
# # Hands-on
#
# Where $a < b$.

# %%
x = 1

# %%
x = 1
print(x / 0)
"""
GOOD = NOTEBOOK.replace("x / 0", "x")
NOTEBOOK_PLUGINS = """
  - mkdocs-jupyter:
      include: ["hands-on.ipynb"]
      cache: false
      include_source: true
  - executed
"""
SCRIPT = "docs/step-by-step/hands-on.py"
DRAWN = GOOD.replace("print(x)", "import matplotlib.pyplot as plt\n")
DRAWN += "plt.plot([x, 2]);\n"
WRONG_NOTEBOOKS = {
    "a failing cell": (
        NOTEBOOK,
        f"{SCRIPT}:9: cell: ZeroDivisionError: division by zero",
    ),
    "a figure without alt": (
        DRAWN,
        f'{SCRIPT}:9: cell: it drew a figure: alt="…"',
    ),
    "a figure without a caption": (
        DRAWN.replace("# %%\nx = 1\nimp", '# %% alt="A."\nx = 1\nimp'),
        f'{SCRIPT}:9: cell: it drew a figure: caption="…"',
    ),
    "alt without a figure": (
        GOOD.replace("# %%\nx = 1\nprint", '# %% alt="A."\nx = 1\nprint'),
        f'{SCRIPT}:9: cell: it drew no figure: alt="…"',
    ),
    "an invalid formula": (
        GOOD.replace("a < b", r"\frac{a}"),
        rf"{SCRIPT}:4: the formula '\\frac{{a}}' cannot be read",
    ),
    "a missing section": (
        GOOD + '\n# %%\n# --8<-- "snippets/adding.py:subtract"\n',
        f"{SCRIPT}:14: 'snippets/adding.py' has no [start:subtract]",
    ),
    "a broken link": (
        GOOD.replace("Where", "See [this](nowhere.md). Where"),
        f"{SCRIPT}:4: ",
        "'nowhere.md'",
    ),
    "a broken anchor": (
        GOOD.replace("Where", "See [this](../index.md#no). Where"),
        f"{SCRIPT}:4: ",
        "'../index.md#no'",
    ),
    "a reference to nowhere": (
        GOOD.replace("Where", "See [this][nowhere]. Where"),
        f"{SCRIPT}:4: '[this][nowhere]' means nothing",
    ),
}


@contextmanager
def with_notebook(folder: Path) -> Iterator[Project]:
    """Give a project that has a notebook; all builds run in one process."""
    project = Project(folder / "project")
    project.settings(plugins=NOTEBOOK_PLUGINS)
    project.write("snippets/adding.py", CODE)
    project.page("# Page\n")
    with project.one_process():
        yield project


@pytest.fixture(scope="module")
def hands_on(tmp_path_factory) -> Iterator[Project]:
    with with_notebook(tmp_path_factory.mktemp("tiny")) as project:
        yield project


@pytest.mark.parametrize("mistake", WRONG_NOTEBOOKS)
def test_wrong_notebook_is_refused(hands_on, mistake):
    script, *words = WRONG_NOTEBOOKS[mistake]
    hands_on.write(SCRIPT, script)
    assert_refused(hands_on.build(), *words)


def test_good_notebook_becomes_a_page(hands_on):
    hands_on.write(SCRIPT, GOOD)
    built = hands_on.build(site="good")
    assert built.status == 0, built.log
    page = built.files()["step-by-step/hands-on.html"].decode()
    assert "<pre><code>1\n</code></pre>" in page
    assert "<mo>&lt;</mo>" in page


# The parts by themselves.


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that the readers of sources take for the project's."""
    monkeypatch.setattr(source, "ROOT", tmp_path)
    monkeypatch.setattr(source, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(plugin, "ROOT", tmp_path)
    monkeypatch.setitem(source.QUOTES, "base_path", [str(tmp_path)])
    source._quotes.cache_clear()
    yield tmp_path
    source._quotes.cache_clear()


def write(folder, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_site_has_the_date_of_its_commit(folder, monkeypatch):
    def start() -> str | None:
        executed = plugin.Executed()
        handlers = logging.getLogger("mkdocs").handlers
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        executed.on_startup(command="build", dirty=False)
        handlers.remove(executed.warnings)
        return os.environ.get("SOURCE_DATE_EPOCH")

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert start() == "1"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert start() is None  # not a repository
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    commit = [*identity, "commit", "--allow-empty", "-m", "First"]
    date = {**os.environ, "GIT_COMMITTER_DATE": "@86400 +0000"}
    for arguments in (["init"], commit):
        subprocess.run(["git", *arguments], cwd=folder, env=date, check=True)
    assert start() == "86400"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setenv("PATH", "")
    assert start() is None  # no git


@pytest.mark.parametrize(
    ("markup", "sources"),
    [
        ('<img src="a.png" alt="A cat">', []),
        ('<img src="a.png">', ["a.png"]),
        (
            '<img src="a.png" alt=" "><img alt="" src="b.png"/>',
            ["a.png", "b.png"],
        ),
        ("<img alt>", [""]),
        ('<pre>&lt;img src="a.png"&gt;</pre>', []),
    ],
)
def test_images_without_alt(markup, sources):
    assert Reader("a.html", markup).nameless == sources


SECTIONS = """\
# --8<-- [start:whole]
import math


class Thing:
    # --8<-- [start:part]
    def size(self):
        return 1
    # --8<-- [end:part]
# --8<-- [end:whole]
# --8<-- [start:open]
"""


def test_quotes_are_expanded_as_in_the_site(folder):
    write(folder, {"snippets/code.py": SECTIONS})
    text = (
        "Before\n"
        '    --8<-- "snippets/code.py:part"\n'
        '--8<-- "snippets/code.py:whole"\n'
    )
    assert source.quoted(text) == (
        "Before\n"
        "    def size(self):\n"
        "        return 1\n"
        "import math\n"
        "\n"
        "\n"
        "class Thing:\n"
        "    def size(self):\n"
        "        return 1"
    )


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("snippets/code.py:whole", None),
        ("snippets/code.py:part", None),
        ("snippets/code.py:open", "'snippets/code.py' has no [end:open]"),
        ("snippets/code.py:other", "'snippets/code.py' has no [start:other]"),
        ("snippets/code.py:1:3", "'snippets/code.py' has no [start:1:3]"),
        ("snippets/code.py", "the quote of 'snippets/code.py' names no"),
        ("snippets/no.py:whole", "the quoted file 'snippets/no.py' does not"),
        ("snippets:whole", "the quoted file 'snippets' does not exist"),
    ],
)
def test_wrong_quotes(folder, spec, reason):
    write(folder, {"snippets/code.py": SECTIONS})
    found = source.wrong_quote(spec)
    assert found is None if reason is None else found.startswith(reason)


def test_lines_are_those_of_the_file(folder):
    page = "---\ntitle: A\n---\n\n# A\n\nText with a word.\n"
    write(folder, {"docs/deep/a.md": page})
    found = source.read("deep/a.md")
    assert found.at(found.find("word")) == "docs/deep/a.md:7"
    assert found.find("nowhere") == 1
    assert [part.line for part in found.parts()] == [5]


def test_every_form_of_a_reference_is_found():
    text = (
        '```figure run="one.a"\n```\n'
        '    ~~~ table run="one.b"\n    ~~~\n'
        '```output run="one.c"\n```\n'
        "Text `#!value one.d .2f`, ``:::value one.e``.\n"
        '```table run="one.f"\nOf `#!value one.g.h`.\n```\n'
        '```python run="one.i"\n`#!value one.j`\n```\n'
    )
    found = asked.asked(Page("a.md", text))
    assert [(type(f).__name__, f.name, f.part.line) for f in found] == [
        ("Figure", "one.a", 1),
        ("Table", "one.b", 3),
        ("Output", "one.c", 5),
        ("Value", "one.d", 7),
        ("Value", "one.e", 7),
        ("Table", "one.f", 8),
        ("Value", "one.g.h", 9),
    ]
