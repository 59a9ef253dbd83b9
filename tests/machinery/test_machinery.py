"""The machinery, broken on purpose: nothing wrong is ever published."""

import os
import subprocess

import pytest

from snippets.machinery import (
    extension,
    formulas,
    hooks,
    notebook,
    place,
    quotes,
    runs,
)
from tests.support.tiny import Built, Project

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

from snippets.figures.style import new_figure


def seven():
    return 7


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
    return new_figure(2)


def sleeps():
    time.sleep(60)


def dies():
    import os

    os._exit(3)


def warns():
    warnings.warn("the numbers are doubtful")
    return 7
'''

CODE = """\
# --8<-- [start:add]
def add(a, b):
    return a + b


# --8<-- [end:add]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    project = Project(tmp_path_factory.mktemp("tiny") / "project")
    project.write("snippets/figures/drawn.py", FIGURES)
    project.write("snippets/results/found.py", RESULTS)
    project.write("snippets/adding.py", CODE)
    return project


def fence(kind: str, name: str, text: str = "A caption.") -> str:
    return f'```{kind} run="{name}"\n{text}\n```\n'


def assert_refused(built: Built, *words: str) -> None:
    """Assert that a build failed, says all of `words`, left no site."""
    status, log, files = built.status, built.log[-2000:], built.files()
    assert status != 0, log
    for word in words:
        assert word in log
    assert files == {}


# Pages that are wrong from line 5 on, and what must be said about them.
BROKEN = {
    "a figure that raises": (
        fence("figure", "drawn.raises"),
        [
            "docs/index.md:5: figure drawn.raises failed",
            'drawn.py", line 15, in raises',
            "ZeroDivisionError: division by zero",
        ],
    ),
    "a missing figure": (
        fence("figure", "drawn.nowhere"),
        [
            "docs/index.md:5: figure drawn.nowhere failed",
            "snippets.figures.drawn has no function 'nowhere'",
        ],
    ),
    "a missing module": (
        fence("figure", "nowhere.good"),
        [
            "docs/index.md:5: figure nowhere.good failed",
            "there is no module snippets.figures.nowhere",
        ],
    ),
    "a figure without caption": (
        fence("figure", "drawn.good", ""),
        ["docs/index.md:5: figure drawn.good has no caption"],
    ),
    "a figure without text alternative": (
        fence("figure", "drawn.undescribed"),
        [
            "docs/index.md:5: figure drawn.undescribed failed",
            "snippets.figures.drawn.undescribed has no docstring",
        ],
    ),
    "a clipped text": (
        fence("figure", "drawn.clipped"),
        [
            "docs/index.md:5: figure drawn.clipped failed",
            "the text 'far too long for what is left' is clipped",
        ],
    ),
    "a text too small": (
        fence("figure", "drawn.tiny"),
        [
            "docs/index.md:5: figure drawn.tiny failed",
            "the text 'small print' is too small",
        ],
    ),
    "a figure that is a number": (
        fence("figure", "drawn.number"),
        ["docs/index.md:5: figure drawn.number"],
    ),
    "a figure fence that names nothing": (
        "```figure\nA caption.\n```\n",
        ["docs/index.md:5: a figure fence takes run="],
    ),
    "a figure fence with an option": (
        '```figure run="drawn.good" width="3"\nA caption.\n```\n',
        ["docs/index.md:5: a figure fence takes run="],
    ),
    "a formula in a caption": (
        fence("figure", "drawn.good", r"Where $\frac{1}$ is."),
        ["docs/index.md:6: the formula '\\\\frac{1}' cannot be read"],
    ),
    "code without the text to mark": (
        '```python mark="x = 2"\nx = 1\n```\n',
        ["docs/index.md:5: no line holds 'x = 2'"],
    ),
    "a table that is a set": (
        fence("table", "found.a_set"),
        [
            "docs/index.md:5: table found.a_set failed",
            "snippets.results.found.a_set returned set",
        ],
    ),
    "a table of unlike rows": (
        fence("table", "found.ragged"),
        [
            "docs/index.md:5: table found.ragged failed",
            "snippets.results.found.ragged returned list",
        ],
    ),
    "a table that is a number": (
        fence("table", "found.seven"),
        ["docs/index.md:5: table found.seven"],
    ),
    "a table that is a figure": (
        fence("table", "found.figure"),
        ["docs/index.md:5: table found.figure"],
    ),
    "a formula in a table": (
        fence("table", "found.formula_row"),
        ["docs/index.md", "the formula '\\\\frac{1}' cannot be read"],
    ),
    "a run that dies": (
        fence("table", "found.dies"),
        ["docs/index.md:5: table found.dies failed", "the process died"],
    ),
    "a missing value": (
        "It is `#!value found.nowhere`.\n",
        [
            "docs/index.md:5: value found.nowhere failed",
            "snippets.results.found has no function 'nowhere'",
        ],
    ),
    "a bad format": (
        "It is `#!value found.seven .2q`.\n",
        ["docs/index.md:5: value found.seven", "Unknown format code 'q'"],
    ),
    "a table as a value": (
        "It is `#!value found.rows .2f`.\n",
        ["docs/index.md:5: value found.rows"],
    ),
    "a table as a value without a format": (
        "It is `#!value found.rows`.\n",
        ["docs/index.md:5: value found.rows"],
    ),
    "a figure as a value": (
        "It is `#!value found.figure`.\n",
        ["docs/index.md:5: value found.figure"],
    ),
    "a missing section": (
        '```python\n--8<-- "snippets/adding.py:subtract"\n```\n',
        ["docs/index.md:6: 'snippets/adding.py' has no [start:subtract]"],
    ),
    "a missing file": (
        '```python\n--8<-- "snippets/nowhere.py:add"\n```\n',
        [
            "docs/index.md:6: the quoted file 'snippets/nowhere.py' "
            "does not exist"
        ],
    ),
    "a whole file": (
        '```python\n--8<-- "snippets/adding.py"\n```\n',
        ["docs/index.md:6: the quote of 'snippets/adding.py' names no"],
    ),
    "an invalid formula": (
        "Text.\n\n$$\n\\frac{1}\n$$\n",
        ["docs/index.md:8: the formula '\\\\frac{1}' cannot be read"],
    ),
    "an image without alt": (
        "Text ![](picture.png) text.\n",
        ["docs/index.md:5: the image 'picture.png' has no alt text"],
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_wrong_page_is_refused(project, mistake):
    text, words = BROKEN[mistake]
    project.page(f"---\ntitle: Wrong\n---\n\n{text}")
    assert_refused(project.build("--no-strict"), *words)


BROKEN_LINKS = {
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
}


@pytest.mark.parametrize("mistake", BROKEN_LINKS)
def test_wrong_link_is_refused(project, mistake):
    text, words = BROKEN_LINKS[mistake]
    project.write("docs/other.md", "# Other\n")
    project.page(f"---\ntitle: Wrong\n---\n\n{text}")
    assert_refused(project.build(), words)


def test_a_warning_is_shown_each_time_and_refused(project):
    project.page("It is `#!value found.warns`.\n")
    said = (
        "snippets.results.found.warns warned: "
        "UserWarning: the numbers are doubtful"
    )
    first, second = project.build("--no-strict"), project.build("--no-strict")
    assert (first.status, second.status) == (0, 0)
    assert said in first.log
    assert said in second.log
    assert_refused(project.build(), said)


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
NOTEBOOK_PLUGIN = """
  - mkdocs-jupyter:
      include: ["hands-on.ipynb"]
      execute: true
      allow_errors: false
"""
WRONG_NOTEBOOKS = {
    "a failing cell": (
        NOTEBOOK,
        ["hands-on.py:9: cell 3 failed", "ZeroDivisionError"],
    ),
    "a figure without alt": (
        NOTEBOOK.replace("print(x / 0)", "import matplotlib.pyplot as plt\n")
        + "plt.plot([x, 2]);\n",
        ["hands-on.py", "cell-3 has no alt="],
    ),
    "alt without a figure": (
        NOTEBOOK.replace("# %%\nx = 1\nprint(x / 0)", '# %% alt="A."\nx = 1'),
        ["hands-on.py", "cell-3 drew no figure"],
    ),
    "an invalid formula": (
        NOTEBOOK.replace("a < b", r"\frac{a}").replace("x / 0", "x"),
        [r"hands-on.py:4: the formula '\\frac{a}' cannot be read"],
    ),
    "a missing section": (
        NOTEBOOK + '\n# %%\n# --8<-- "snippets/adding.py:subtract"\n',
        ["hands-on.py:14: 'snippets/adding.py' has no [start:subtract]"],
    ),
}


@pytest.mark.parametrize("mistake", WRONG_NOTEBOOKS)
def test_wrong_notebook_is_refused(tmp_path, mistake):
    script, words = WRONG_NOTEBOOKS[mistake]
    project = Project(tmp_path / "project")
    project.settings(plugins=NOTEBOOK_PLUGIN)
    project.write("snippets/adding.py", CODE)
    project.write("docs/step-by-step/hands-on.py", script)
    project.page("# Page\n")
    assert_refused(project.build("--no-strict"), *words)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that every part takes for the project's."""
    for module in (quotes, place, notebook, hooks):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    for module in (runs, place, notebook, hooks):
        monkeypatch.setattr(module, "DOCS", tmp_path / "docs")
    monkeypatch.setitem(quotes.SETTINGS, "base_path", [str(tmp_path)])
    return tmp_path


def write(folder, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_half_written_notebook_is_executed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook, "EXECUTED", tmp_path)
    (tmp_path / "whole.json").write_text('{"content": ""}')
    (tmp_path / "half.json").write_text('{"content": ')
    notebook.drop_damaged()
    assert [path.name for path in tmp_path.iterdir()] == ["whole.json"]


def test_site_has_the_date_of_its_commit(folder, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    hooks.on_startup("build", False)
    assert os.environ["SOURCE_DATE_EPOCH"] == "1"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    hooks.on_startup("build", False)  # not a repository
    assert "SOURCE_DATE_EPOCH" not in os.environ
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    commit = [*identity, "commit", "--allow-empty", "-m", "First"]
    date = {**os.environ, "GIT_COMMITTER_DATE": "@86400 +0000"}
    for arguments in (["init"], commit):
        subprocess.run(["git", *arguments], cwd=folder, env=date, check=True)
    hooks.on_startup("build", False)
    assert os.environ["SOURCE_DATE_EPOCH"] == "86400"


@pytest.mark.parametrize(
    ("macro", "role"),
    [
        ("query", "query"),
        ("key", "key"),
        ("val", "val"),
        ("context", "context"),
    ],
)
def test_roles_in_formulas_become_classes(macro, role):
    math = formulas.to_mathml(rf"\{macro}{{x}} + y", display=False)
    assert f'class="{role}"' in math
    assert math.count("class=") == 1
    assert "style=" not in math


def test_formulas_become_mathml():
    marked = (
        r'<p><span class="arithmatex">\(a &lt; b\)</span></p>'
        '<div class="arithmatex">\\[\nc\n\\]</div>'
    )
    inline, display = formulas.render(marked).split("</p>")
    assert inline.startswith("<p><math>")
    assert "<mo>&lt;</mo>" in inline
    assert display.startswith('<div class="formula" tabindex="0"><math ')
    assert ">c</mi>" in display


def test_formula_says_its_tex():
    math = formulas.to_mathml(r"\query{q_i} < \frac{a}{\tanh b}", display=True)
    note = '<annotation encoding="application/x-tex">'
    assert rf"{note}{{q_i}} &lt; \frac{{a}}{{\tanh b}}</annotation>" in math
    assert math.count("<semantics>") == 1


def test_letters_are_slanted_by_the_style_sheet_alone():
    math = formulas.to_mathml(r"\alpha + \tanh x^\top", display=False)
    assert '<mi mathvariant="normal">α</mi>' in math
    assert "<mi>⊤</mi>" in math
    assert "<mi>tanh</mi>" in math


def test_invalid_formula_is_named():
    with pytest.raises(formulas.FormulaError, match="cannot be read") as error:
        formulas.to_mathml(r"\frac{1}", display=True)
    assert error.value.tex == r"\frac{1}"


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
    assert extension.images_without_alt(markup) == sources


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
    assert quotes.expand(text) == (
        "Before\n"
        "    def size(self):\n"
        "        return 1\n"
        "import math\n"
        "\n"
        "\n"
        "class Thing:\n"
        "    def size(self):\n"
        "        return 1\n"
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
def test_missing_quotes(folder, spec, reason):
    write(folder, {"snippets/code.py": SECTIONS})
    found = quotes.missing(spec)
    assert found is None if reason is None else found.startswith(reason)


def test_place_counts_the_lines_of_the_file(folder):
    page = "---\ntitle: A\n---\n\n# A\n\nText with a word.\n"
    write(folder, {"docs/deep/a.md": page, "docs/b.md": "# B\n"})

    class Rendering:
        pass

    md = Rendering()
    assert place.page_of(md).path == "(generated text)"
    place.remember(md, ["", "# A", "", "Text with a word.", ""])
    assert place.page_of(md).place("word") == "docs/deep/a.md:7"
    assert place.page_of(md).place("nowhere") == "docs/deep/a.md"
    place.remember(md, ["no page has this text"])
    assert place.page_of(md).place("text") == "(generated text):1"


def test_every_form_of_a_reference_is_found(folder):
    write(
        folder,
        {
            "docs/a.md": (
                '```figure run="one.a"\n```\n'
                '    ~~~ table run="one.b"\n    ~~~\n'
                '> ```output title="x" run="one.c"\n> ```\n'
                "Text `#!value one.d .2f`, ``:::value one.e``.\n"
                '```python run="one.f"\n```\n'
            )
        },
    )
    assert list(runs.references()) == [
        ("figure", "one.a"),
        ("table", "one.b"),
        ("output", "one.c"),
        ("value", "one.d"),
        ("value", "one.e"),
    ]
