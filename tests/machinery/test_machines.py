"""What machines read, and the site as one page and as one file."""

import io
import json
import re
import struct
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import pytest
import yaml
from bs4 import BeautifulSoup

from snippets.machinery import book, citation, downloads, machines
from snippets.machinery.book import Chapter
from snippets.machinery.machines import Entry, Site
from snippets.machinery.settings import ROOT
from tests.conftest import PUBLISHED
from tests.support.built import NAMES, soup
from tests.support.tiny import Project, assert_refused

HOME = PUBLISHED["SITE_URL"]
every_page = pytest.mark.parametrize("name", NAMES)


def entry_pages(site) -> list[str]:
    """Return the pages in the order of the navigation, from its HTML."""
    links = soup(site / "index.html").select("nav.path a[href]")
    found = [str(link["href"]).partition("#")[0] for link in links]
    return [name for name in dict.fromkeys(found) if name in NAMES]


# Search engines.


def test_sitemap_lists_every_page_and_no_date(site):
    text = (site / "sitemap.xml").read_text("utf-8")
    listed = re.findall(r"<loc>([^<]+)</loc>", text)
    assert sorted(listed) == sorted(HOME + name for name in NAMES)
    assert not re.search(r"lastmod|\d{4}-\d\d-\d\d", text)
    where = (site / "robots.txt").read_text("utf-8")
    assert f"Sitemap: {HOME}sitemap.xml\n" in where


@every_page
def test_page_has_one_address(site, name):
    page = soup(site / name)
    [link] = page.select('link[rel="canonical"]')
    assert link["href"] == HOME + name
    assert not page.select('meta[name="robots"]')


def content(page: BeautifulSoup, name: str) -> str:
    [tag] = page.select(f'meta[property="{name}"], meta[name="{name}"]')
    return str(tag["content"])


@every_page
def test_shared_link_shows_title_description_and_picture(site, name):
    page = soup(site / name)
    description = content(page, "description")
    title = page.select_one("h1").find(string=True, recursive=False)
    if name == "index.html":
        title = "Attention, Executed"
    for kind in ("og", "twitter"):
        assert content(page, f"{kind}:title") == title.strip()
        told = " ".join(description.split())
        assert content(page, f"{kind}:description") == told
        assert content(page, f"{kind}:image") == HOME + "assets/share.png"
        assert len(content(page, f"{kind}:image:alt")) > 60
    assert content(page, "og:url") == HOME + name
    assert content(page, "twitter:card") == "summary_large_image"
    size = [content(page, f"og:image:{side}") for side in ("width", "height")]
    png = (site / "assets" / "share.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert [str(side) for side in struct.unpack(">II", png[16:24])] == size
    assert size == ["1200", "630"]


@every_page
def test_structured_data_is_right(site, name):
    [script] = soup(site / name).select('script[type="application/ld+json"]')
    article, crumbs = json.loads(script.string)["@graph"]
    assert {"TechArticle", "LearningResource"} <= set(article["@type"])
    assert article["url"] == HOME + name
    description = content(soup(site / name), "description")
    assert article["description"] == " ".join(description.split())
    steps = crumbs["itemListElement"]
    assert [step["position"] for step in steps] == [*range(1, len(steps) + 1)]
    assert steps[0]["item"] == HOME + "index.html"
    assert steps[-1]["item"] == HOME + name
    addresses = [step["item"] for step in steps]
    assert len(set(addresses)) == len(addresses)
    assert {url.removeprefix(HOME) for url in addresses} <= set(NAMES)
    folder = name.rpartition("/")[0]
    if folder and not name.endswith("/index.html"):
        assert len(steps) == 3
    if aims := soup(site / name).select("p.aims"):
        shown = "".join(aims[-1].get_text().split())
        if not aims[-1].select("math"):
            assert "".join(article["teaches"].split()) in shown


def site_at(url: str) -> Site:
    return Site("S", url, "c.png", "D")


def data(site: Site) -> list[dict]:
    entry = Entry("A </script>", "a/b.html", "Two\n words")
    trail = [("S", "index.html"), ("Part", "a/index.html"), ("A", "a/b.html")]
    text = machines.structured(site, entry, trail, {})
    assert "<" not in text
    return json.loads(text)["@graph"]


def test_structured_data_without_an_address():
    article, crumbs = data(site_at(""))
    assert not {"url", "image", "mainEntityOfPage"} & article.keys()
    assert [set(s) & {"item"} for s in crumbs["itemListElement"]] == 3 * [
        set()
    ]
    article, crumbs = data(site_at("https://a.org/"))
    assert article["image"] == "https://a.org/c.png"
    assert article["url"] == "https://a.org/a/b.html"
    steps = [step.get("item") for step in crumbs["itemListElement"]]
    assert steps == [
        "https://a.org/index.html",
        "https://a.org/a/index.html",
        "https://a.org/a/b.html",
    ]


def test_no_address_no_picture():
    entry = Entry("A", "a.html", "B")
    names = {name for _, name, _ in machines.tags(site_at(""), entry)}
    assert "og:title" in names
    assert not {"og:url", "og:image", "twitter:image"} & names


def test_aims_are_read_as_plain_text():
    source = (
        "# A\n\nYou need to know: [the *steps*](a.md), `x`; and\nmore.\n"
        "{ .aims }\n\nYou will be able to: do it.\n{ .aims }\n\nText."
    )
    assert machines.aims(source) == {
        "competencyRequired": "the steps, x; and more",
        "teaches": "do it",
    }
    assert machines.aims("# A\n\nText.") == {}


# Language models.


def test_llms_lists_every_page_with_its_description(site):
    text = (site / "llms.txt").read_text("utf-8")
    head, *sections = text.split("\n\n## ")
    assert re.fullmatch(r"# Attention, Executed\n\n> [^\n]+", head)
    found = []
    for section in sections:
        _, _, entries = section.strip("\n").partition("\n\n")
        for line in entries.split("\n"):
            parts = re.fullmatch(r"- \[([^]]+)\]\(([^)]+)\): (\S.+)", line)
            assert parts, line
            found.append(parts[2])
            name = parts[2].removeprefix(HOME).replace(".md", ".html")
            told = content(soup(site / name), "description")
            assert parts[3] == " ".join(told.split())
            assert (site / parts[2].removeprefix(HOME)).is_file()
    assert sorted(found) == sorted(
        HOME + name.replace(".html", ".md") for name in NAMES
    )


# The picture.


CARD = '''\
"""A card."""

from matplotlib.figure import Figure

from snippets.machinery.drawing import encode


def card(title):
    with open("ran.txt", "a") as file:
        file.write("card ")
    if title != "Attention, Executed":
        raise ValueError(title)
    figure = Figure(figsize=(12, 6.3), dpi=100)
    return {"png": encode(figure), "alt": title}
'''


def test_card_is_drawn_once_and_a_failure_is_loud(tmp_path):
    project = Project(tmp_path / "project")
    project.settings(card="cards.card")
    project.write("snippets/figures/cards.py", CARD)
    project.page("# Page\n")
    first = project.build()
    no_libraries = (
        "import sys; sys.modules.update(torch=None, matplotlib=None)"
    )
    second = project.build(before=no_libraries)
    assert (first.status, second.status) == (0, 0), first.log + second.log
    assert (project.folder / "ran.txt").read_text() == "card "
    assert "assets/share.png" in first.files()
    assert first.files() == second.files()
    settings = project.folder / "mkdocs.yml"
    settings.write_text(f"{settings.read_text()}\nsite_name: Another\n")
    assert_refused(
        project.build("--no-strict"),
        "mkdocs.yml: snippets.figures.cards.card(",
        ": snippets/figures/cards.py:12: ValueError: Another",
    )


# How to cite it.


def test_citation_file_is_valid():
    """By the rules of the format's schema, version 1.2.0."""
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    required = {"authors", "cff-version", "message", "title"}
    assert required <= told.keys()
    known = required | {"type", "abstract", "version", "license", "keywords"}
    assert told.keys() <= known, "look the new key up in the schema"
    assert told["cff-version"] == "1.2.0"
    assert told["type"] in ("software", "dataset")
    assert told["authors"] == [{"name": "The authors of Attention, Executed"}]
    keywords = told["keywords"]
    assert keywords and len(set(keywords)) == len(keywords)
    texts = [told[name] for name in known - {"authors", "keywords"}]
    assert all(isinstance(text, str) and text for text in [*texts, *keywords])
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert told["version"] == pyproject["project"]["version"]


def test_page_shows_how_to_cite(site):
    page = soup(site / "references.html")
    heading = page.find(id="cite")
    shown = heading.find_next("div", class_="language-bibtex").get_text()
    told = citation.read()
    assert shown.strip() == citation.bibtex(told)
    for words in (told["title"], told["version"], told["authors"][0]["name"]):
        assert words in shown
        assert words in heading.find_next("p").get_text()
    assert heading.find_next("a", href="CITATION.cff")
    file = (site / "CITATION.cff").read_bytes()
    assert file == (ROOT / "CITATION.cff").read_bytes()


def test_citation_uses_all_that_the_file_has():
    told = {
        "title": "A, B",
        "version": "2.0",
        "date-released": "2031-02-03",
        "doi": "10.1/x",
        "authors": [
            {"name": "The C"},
            {"family-names": "D", "given-names": "E"},
        ],
    }
    assert citation.bibtex(told) == (
        "@misc{a-b,\n  author  = {{The C} and D, E},\n"
        "  title   = {{A, B}},\n  year    = {2031},\n"
        "  version = {2.0},\n  doi     = {10.1/x}\n}"
    )
    assert "".join(citation.sentence(told)) == (
        "The C; D, E.A, B, version 2.0, 2031. https://doi.org/10.1/x."
    )


PROJECT = '[project]\nversion = "0.2"\nlicense = "MIT"\n'


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (
            "title: A\nauthors: [name: B]\nversion: 0.1.0\nlicense: MIT\n",
            "CITATION.cff says version 0.1.0, pyproject.toml says 0.2",
        ),
        ("title: A\nversion: '0.2'\n", "CITATION.cff has no authors"),
        ("title: [", "CITATION.cff cannot be read"),
    ],
)
def test_wrong_citation_is_refused(tmp_path, file, reason):
    project = Project(tmp_path / "project")
    project.write("CITATION.cff", file)
    project.write("pyproject.toml", PROJECT)
    project.page("# Page\n\n```citation\n```\n")
    words = f"docs/index.md:3: citation: {reason}"
    assert_refused(project.build("--no-strict"), words)


# One page.

PAGES = [
    Chapter(
        "One",
        "one.html",
        '<h1 id="one">One<a class="headerlink" href="#one">#</a></h1>\n'
        '<p>Text id="one" <a href="a/two.html#x">x</a> '
        '<a href="a/two.html">2</a> <a href="one.py">py</a> '
        '<a href="https://a.org/one.html#x">away</a></p>'
        '<svg aria-labelledby="one two"><use href="#m"/>'
        '<g clip-path="url(#c)"/><path id="m"/></svg>'
        '<div class="language-python highlight"><span class="filename">f.py'
        "</span><pre><code>x = 1</code></pre></div>",
    ),
    Chapter(
        "Two",
        "a/two.html",
        '<h1 id="one">Two</h1><h2 id="x">X</h2>'
        '<a href="../one.html#one">1</a><img src="../b.png" alt="B">'
        '<details class="quote"><summary>S</summary>'
        '<div class="language-python highlight"><span class="filename">f.py'
        "</span><pre><code>x = 1</code></pre></div>"
        '<div class="language-python highlight"><pre><code>y = 2</code>'
        "</pre></div></details>",
        "Part",
    ),
]


def test_pages_become_chapters():
    one, two = (chapter.content for chapter in book.bind(PAGES))
    assert one.startswith(
        '<h2 id="one--one">One<a class="headerlink" href="#one--one">#</a>'
        '</h2>\n<p>Text id="one" <a href="#a-two--x">x</a> '
        '<a href="#a-two">2</a> <a href="one.py">py</a> '
        '<a href="https://a.org/one.html#x">away</a></p>'
        '<svg aria-labelledby="one--one one--two"><use href="#one--m"/>'
        '<g clip-path="url(#one--c)"/><path id="one--m"/></svg>'
    )
    assert "x = 1" in one
    assert two == (
        '<h2 id="a-two--one">Two</h2><h3 id="a-two--x">X</h3>'
        '<a href="#one--one">1</a><img src="b.png" alt="B">'
        '<details class="quote" open><summary>S</summary>'
        '<p><code>f.py</code>: as in <a href="#one">One</a>.</p>'
        '<div class="language-python highlight"><pre><code>y = 2</code>'
        "</pre></div></details>"
    )


def test_whole_site_is_on_one_page(site):
    page = soup(site / "book.html")
    assert content(page, "robots") == "noindex"
    chapters = page.select("section.chapter")
    titles = [str(chapter["aria-label"]) for chapter in chapters]
    ordered = entry_pages(site)
    assert len(chapters) == len(ordered) == len(NAMES)
    listed = page.select(".book-contents a")
    assert [link.get_text() for link in listed] == titles
    for chapter, name in zip(chapters, ordered, strict=True):
        article = soup(site / name).article
        pairs = zip(
            article.select("h1, h2, h3, h4"),
            chapter.select("h2, h3, h4, h5"),
            strict=True,
        )
        for there, here in pairs:
            assert here.get_text() == there.get_text()
            assert int(here.name[1]) == int(there.name[1]) + 1
        for part in ("figure", "p.aims", "math"):
            assert len(chapter.select(part)) == len(article.select(part))
    assert not page.select(".page-code")


def test_one_page_is_in_no_index(site):
    for index in ("sitemap.xml", "llms.txt", "search/search_index.json"):
        if (site / index).exists():
            assert "book.html" not in (site / index).read_text("utf-8")


@pytest.mark.parametrize("name", [*NAMES, "404.html", "book.html"])
def test_every_page_leads_to_the_other_forms(site, name):
    links = soup(site / name).select(".site-footer .other-forms a")
    addresses = {urljoin(HOME + name, str(a["href"])) for a in links}
    files = {"book.html", "attention-executed.zip", "llms.txt"}
    files.add("references.html#cite")
    assert addresses == {HOME + file for file in files}


# One file.


def test_archive_is_the_site(site):
    name = "attention-executed.zip"
    with zipfile.ZipFile(site / name) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert names == sorted(names)
        there = sorted(p for p in site.rglob("*") if p.is_file())
        expected = {p.relative_to(site).as_posix(): p for p in there}
        del expected[name]
        assert set(names) == {f"attention-executed/{n}" for n in expected}
        for short, path in expected.items():
            content = packed.read(f"attention-executed/{short}")
            assert content == path.read_bytes()
        dates = {info.date_time for info in packed.infolist()}
        assert dates == {downloads.EPOCH}


def test_archive_is_the_same_whenever_it_is_packed(tmp_path):
    contents = {"b/a.txt": "1", "a.txt": "2"}
    for folder, names in (("x", [*contents]), ("y", [*contents][::-1])):
        for name in names:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents[name])
            path.chmod(0o600 if folder == "x" else 0o644)
    one, two = (downloads.pack(tmp_path / folder, "s") for folder in "xy")
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as packed:
        assert packed.namelist() == ["s/a.txt", "s/b/a.txt"]


def test_build_writes_nothing_where_it_is_watched(tmp_path):
    project = Project(tmp_path / "project")
    project.page("# Page\n\n```python\nx = 1\n```\n")

    def watched() -> dict[Path, int]:
        return {
            path: path.stat().st_mtime_ns
            for folder in ("docs", "snippets", "theme")
            for path in (project.folder / folder).rglob("*")
            if "__pycache__" not in path.parts
        }

    before = watched()
    built = project.build(PYTHONDONTWRITEBYTECODE="1")
    assert built.status == 0, built.log
    assert {"index.md", "index.py", "index.ipynb"} <= built.files().keys()
    assert "robots.txt" not in built.files()
    assert watched() == before


def test_second_build_of_one_process_forgets_the_first(tmp_path):
    """As `mkdocs serve` does it: one process, many builds."""
    project = Project(tmp_path / "project")
    project.page("# Page\n\n```python\nx = 1\n```\n")
    project.write("docs/other.md", "# Other\n")
    code = (
        "import pathlib\n"
        "from mkdocs.commands.build import build\n"
        "from mkdocs.config import load_config\n"
        "config = load_config()\n"
        "config.plugins.on_startup(command='serve', dirty=False)\n"
        "build(config)\n"
        "pathlib.Path('docs/other.md').unlink()\n"
        "pathlib.Path('docs/index.md').write_text('# New\\n')\n"
        "config = load_config()\n"
        "config.plugins.on_startup(command='serve', dirty=False)\n"
        "build(config)\n"
    )
    done = project.python("-c", code)
    assert done.returncode == 0, done.stdout
    site = project.folder / "site"
    left = {path.name for path in site.iterdir() if path.suffix != ".html"}
    assert "index.md" in left
    assert not {"other.md", "index.py", "index.ipynb"} & left
    assert "other" not in (site / "llms.txt").read_text()
