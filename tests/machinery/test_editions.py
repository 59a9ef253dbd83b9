"""The other forms of a page: plain Markdown, code to take away."""

import re

import markdown
import pytest
from bs4 import BeautifulSoup

from snippets.machinery import asked, downloads, plain, pool
from snippets.machinery.plain import Away, Beside, Piece
from snippets.machinery.source import Page, PageError
from tests.support.built import NAMES, NOTEBOOK, copied, soup

every_page = pytest.mark.parametrize("name", NAMES)

# The Markdown version.

PLAIN = ["tables", "fenced_code", "footnotes", "def_list", "md_in_html"]


def plain_text(site, name) -> str:
    return (site / name).with_suffix(".md").read_text("utf-8")


def words(text: str) -> str:
    """Return text without what typesetting may change: spaces and breaks."""
    return re.sub(r"\s+", "", text)


@every_page
def test_markdown_says_what_the_page_says(site, name):
    """Every paragraph, cell and heading, as another renderer shows it."""
    article = BeautifulSoup(str(soup(site / name).article), "html.parser")
    for left_out in article.select(
        ".figure-source, .page-code, .headerlink, .place, .on-this-page, svg"
    ):
        left_out.decompose()
    shown = markdown.markdown(plain_text(site, name), extensions=PLAIN)
    text = words(BeautifulSoup(shown, "html.parser").get_text())
    looked_at = 0
    for part in article.select("p, h1, h2, h3, li, td, th, figcaption, dd"):
        if part.select("math, p, li, pre") or part.find_parent("pre"):
            continue
        assert words(part.get_text()) in text, part
        looked_at += 1
    assert looked_at > 3


@every_page
def test_markdown_has_the_code_outputs_and_figures(site, name):
    text = plain_text(site, name)
    page = soup(site / name)
    for block in page.select("article div.highlight"):
        if block.find_parent(class_="figure-source"):
            continue
        assert copied(block).strip("\n") in text
    for drawing in page.select("article figure svg"):
        assert str(drawing["aria-label"]) in text
    figures = re.findall(r"^> \[Figure\]\(([^)]+)\)", text, re.M)
    if name != NOTEBOOK:
        assert len(figures) == len(page.select("article figure > svg"))
    for address in figures:
        file, _, anchor = address.partition("#")
        assert file == name.rpartition("/")[2]
        assert page.find(id=anchor)


@every_page
def test_markdown_has_nothing_of_the_site_alone(site, name):
    prose = re.sub(
        r"^(`{3,}).*?^\1$", "", plain_text(site, name), flags=re.S | re.M
    )
    for left in ("#!", "{ .", "8<", "??? ", 'run="', "*[", ".ipynb#"):
        assert left not in prose
    assert not re.search(r"\\(query|key|val|context)\b", prose)


@every_page
def test_links_of_markdown_lead_to_files(site, name):
    text = re.sub(
        r"^(`{3,}).*?^\1$", "", plain_text(site, name), flags=re.S | re.M
    )
    folder = (site / name).parent
    for url in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"\w+:|#", url):
            assert (folder / url.partition("#")[0]).is_file(), url


@every_page
def test_page_names_its_markdown(site, name):
    [link] = soup(site / name).select('link[type="text/markdown"]')
    assert link["rel"] == ["alternate"]
    assert link["href"] == name.rpartition("/")[2].replace(".html", ".md")


HTML = "folder/page.html"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"Where $\query{q}$ and `\query`.", r"Where ${q}$ and `\query`."),
        (r"$\keys \val{v}$", r"$\keys {v}$"),
        ("Aims.\n{ .aims }\n\nMore.", "Aims.\n\nMore."),
        ("## Head { #top }\n\nText", "## Head\n\nText"),
        ("[a](b.md){ .button } and `x`{ .y }", "[a](b.md) and `x`"),
        ("$x_{.5}$ and {a}", "$x_{.5}$ and {a}"),
        ("`#!python x = 1` and ``a ` b``", "`x = 1` and ``a ` b``"),
        ("*[GRU]: a network\n\nA GRU.", "A GRU."),
        (
            "[n](hands-on.ipynb#a) [h](a/b.html)",
            "[n](hands-on.md#a) [h](a/b.md)",
        ),
        ("[w](https://a.org/b.html)", "[w](https://a.org/b.html)"),
    ],
)
def test_prose_is_plain(source, text):
    assert Beside(Page("folder/page.md"), HTML).prose(source) == text


@pytest.mark.parametrize(
    ("site_url", "url", "address"),
    [
        ("https://a.org/b/", "../x.md#y", "https://a.org/b/x.html#y"),
        ("https://a.org/b/", "#y", "https://a.org/b/folder/page.html#y"),
        ("https://a.org/b/", "x.ipynb", "https://a.org/b/folder/x.html"),
        ("https://a.org/b/", "mailto:a@b.org", "mailto:a@b.org"),
        ("", "../x.md#y", "../x.html#y"),
        ("", "#y", "page.html#y"),
    ],
)
def test_links_of_a_notebook_lead_to_the_site(site_url, url, address):
    assert Away(Page("folder/page.md"), HTML, site_url).link(url) == address


@pytest.fixture
def results(monkeypatch):
    """Results of runs that nothing has to run for."""
    known = {
        "rows": {"value": [{"a": r"$|x| \|$ `y`", "b": 1234}]},
        "number": {"value": {"share": 0.25, "count": 1234}},
        "text": {"value": "one\n```\ntwo\n"},
        "line": {"figure": {"svg": "<svg/>", "alt": "A line."}},
    }
    monkeypatch.setattr(
        pool, "result", lambda run, _: {"warnings": [], **known[run.function]}
    )


def expanded(text: str) -> str:
    page = Page("folder/page.md", text)
    return plain.markdown(Beside(page, HTML).pieces())


def test_own_fences_become_markdown(results):
    assert expanded('```figure run="drawn.line"\nUp.\n```') == (
        "> [Figure](page.html#figure-drawn-line): Up.\n>\n"
        "> What it shows: A line.\n"
    )
    assert expanded('```table run="found.rows"\nRows.\n```') == (
        "| a | b |\n| --- | ---: |\n"
        "| $\\vert x\\vert  \\Vert $ `y` | 1,234 |\n\nTable: Rows.\n"
    )
    assert expanded('```output run="found.text"\n```') == (
        "````text\none\n```\ntwo\n````\n"
    )
    assert (
        expanded(
            "`#!value found.number.share .0%` of `#!value found.number.count`"
        )
        == "25% of 1,234\n"
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a | b", r"a \| b"),
        (r"$|x| + \|y\|$", r"$\vert x\vert  + \Vert y\Vert $"),
        ("`a|b`\nc", r"`a\|b` c"),
    ],
)
def test_bars_do_not_end_a_cell(monkeypatch, text, cell):
    shown = {"warnings": [], "value": [{"name": text}]}
    monkeypatch.setattr(pool, "result", lambda run, _: shown)
    table = expanded('```table run="found.rows"\nRows.\n```')
    assert table.split("\n")[2] == f"| {cell} |"


# Parts.

SOURCE = """\
# Page

??? quote "Folded"

    Text.

    ```python title="a.py" mark="x"
    def f():
        return 1
    ```

After.

1. One

    ```bash
    run
    ```

~~~python raises="KeyError"
```
{}[1]
~~~
!!! note
    Inside.

Outside.
"""


def test_parts_of_a_page():
    found = Page("a.md", SOURCE, 5).parts()
    assert [(p.line, p.fence, p.text, p.indent) for p in found] == [
        (5, None, "# Page\n\n**Folded**\n\nText.", ""),
        (11, "python", "def f():\n    return 1", ""),
        (16, None, "After.\n\n1. One", ""),
        (20, "bash", "run", "    "),
        (24, "python", "```\n{}[1]", ""),
        (28, None, "**Note**\nInside.\n\nOutside.", ""),
    ]
    assert found[1].options == {"title": "a.py", "mark": "x"}
    assert found[4].options == {"raises": "KeyError"}
    with_list = expanded(SOURCE)
    assert "1. One\n\n    ```bash\n    run\n    ```\n" in with_list
    assert "`a.py`:\n\n```python\ndef f():" in with_list


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("a\n\n```python\nx = 1\n", 3, "this fence has no end"),
        ('a\n> ```table run="x.y"\n> ```\n', 2, "stands in a quotation"),
        ("- a\n\n    ??? note\n\n        b\n", 3, "a box stands in a list"),
    ],
)
def test_source_that_cannot_be_cut(source, line, reason):
    with pytest.raises(PageError, match=f"docs/a.md:{line}: .*{reason}"):
        Page("a.md", source).parts()


def test_every_kind_of_fence_has_a_form():
    for kind in asked.kinds().values():
        for form in ("html", "markdown"):
            assert getattr(kind, form) is not getattr(asked.Fence, form)
    assert expanded("```mermaid\na\n```") == "```mermaid\na\n```\n"


# Code to take away.


def python(text: str) -> Piece:
    return Piece(text, 3, python=True)


def test_packages_are_what_is_imported_and_told():
    source = "`pip install torch num2words` or\n    pip install scikit-learn\n"
    found = [
        Piece("import numpy", 1),
        python("import json\nfrom torch import nn"),
        python("import scikit_learn.x as y"),
    ]
    page = Page("a.md", source)
    wanted = ["torch", "num2words", "scikit-learn"]
    assert downloads.packages(found, page) == wanted
    assert downloads.packages(found[:2], page) == wanted[:2]
    with pytest.raises(PageError, match=r"docs/a\.md:3: imports numpy"):
        downloads.packages([python("import numpy")], page)


def test_row_stands_below_the_aims():
    aims = '<h1>A</h1>\n<p class="aims">b</p>\n<p class="aims">c</p>'
    assert downloads.insert(aims + "<p>d</p>", "ROW") == aims + "\nROW<p>d</p>"
    assert downloads.insert("<h1>A</h1>b", "ROW") == "<h1>A</h1>\nROWb"
