"""The built site: complete, linked, described, and from one host alone."""

import functools
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag

from tests.conftest import PUBLISHED, build_site
from tests.support.blocks import PAGES
from tests.support.built import NAMES, NOTEBOOK, copied, html_name, soup

HOME = PUBLISHED["SITE_URL"]
REQUIRED_TITLES = {
    "Introduction",
    "Why Do We Need Attention?",
    "How Attention Works",
    "Types of Attention",
    "Step-by-Step Example with Python",
    "Installing Dependencies",
    "Preparing Data",
    "Implementing Additive Attention",
    "Using It in Practice",
    "Summary",
    "References",
}
LANGUAGES = {"python", "javascript", "text", "bash", "console", "bibtex"}
LANGUAGES |= {"diff"}
KIB = 1024
every_page = pytest.mark.parametrize("name", NAMES)
BOOK = "book.html"
OTHERS = ["404.html", BOOK]
every_html = pytest.mark.parametrize("name", [*NAMES, *OTHERS])


def text_of(page: BeautifulSoup, without: str = "script, style") -> str:
    """Return a page's words, `without` leaving some elements out."""
    left_out = {id(element) for element in page.select(without)}

    def words(element: Tag) -> Iterator[str]:
        for part in element.children:
            if isinstance(part, Tag) and id(part) not in left_out:
                yield from words(part)
            elif type(part) is NavigableString:  # no comment
                yield part

    return " ".join(words(page))


def test_each_source_is_a_page(site):
    built = {path.relative_to(site).as_posix() for path in html_files(site)}
    assert built == {*NAMES, *OTHERS}
    assert set(map(html_name, PAGES)) <= built


def html_files(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


# Links.


@every_html
def test_every_link_leads_somewhere(site, name):
    page = soup(site / name)
    broken = [
        link
        for link in links(page)
        if not leads_somewhere(site, urljoin(HOME + name, link))
    ]
    assert broken == []


def links(page: BeautifulSoup) -> list[str]:
    """Return every address on a page, also those of images and scripts."""
    named = [
        str(element[attribute])
        for attribute in ("href", "src")
        for element in page.select(f"[{attribute}]")
        if element.find_parent("svg") is None
    ]
    return [link for link in named if not link.startswith("data:")]


def leads_somewhere(site: Path, address: str) -> bool:
    """Tell whether the site has the file and the id that it is to have."""
    if not address.startswith(HOME):
        return urlsplit(address).scheme in ("https", "mailto")
    target, fragment = urldefrag(address)
    path = site / unquote(urlsplit(target[len(HOME) :]).path)
    if path.is_dir():
        path /= "index.html"
    if not path.is_file():
        return False
    return not fragment or has_id(path, unquote(fragment))


def has_id(path: Path, fragment: str) -> bool:
    return fragment in ids(path)


@functools.cache
def ids(path: Path) -> Counter[str]:
    """Return the ids of a page: each once, if they are right."""
    elements = soup(path).find_all(id=True)
    return Counter(str(element["id"]) for element in elements)


@every_html
def test_marks_inside_a_drawing_are_there(site, name):
    there = ids(site / name)
    for use in soup(site / name).select("svg use[href]"):
        assert use["href"][1:] in there
    text = (site / name).read_text("utf-8")
    for used in re.findall(r"url\(#([^)]+)\)", text):
        assert used in there


# Hosts.


@every_html
def test_nothing_comes_from_another_host(site, name):
    page = soup(site / name)
    loaded = page.select(
        "script, img, iframe, source, video, audio, embed, object, "
        'link[rel~="stylesheet"], link[rel~="preload"], link[rel~="icon"], '
        'link[rel~="preconnect"], link[rel~="dns-prefetch"], '
        'link[rel~="modulepreload"], link[rel~="prefetch"]'
    )
    addresses = [
        str(element.get(attribute, ""))
        for element in loaded
        for attribute in ("src", "href", "srcset", "data", "poster")
    ]
    assert [link for link in addresses if is_foreign(link)] == []
    inline = [style.get_text() for style in page.select("style")]
    inline += [str(element["style"]) for element in page.select("[style]")]
    assert foreign_in_css(" ".join(inline)) == []


def is_foreign(address: str) -> bool:
    return bool(re.match(r"(https?:)?//", address.strip(), re.I))


def foreign_in_css(css: str) -> list[str]:
    named = re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", css)
    return [address for address in named if is_foreign(address)]


def test_no_style_sheet_names_another_host(site):
    sheets = sorted(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        assert foreign_in_css(sheet.read_text("utf-8")) == [], sheet


# What a reader who cannot see the pictures gets.


@every_html
def test_every_picture_has_words(site, name):
    page = soup(site / name)
    for image in page.select("img"):
        assert str(image.get("alt", "")).strip(), image
    for figure in page.select("figure"):
        for drawing in figure.select("svg"):
            assert drawing.get("role") == "img"
            assert len(str(drawing.get("aria-label", ""))) >= 20
        caption = figure.select_one("figcaption")
        if name not in (NOTEBOOK, BOOK):
            assert caption and caption.get_text().strip(), figure.get("id")


@every_html
def test_page_has_one_heading_and_unique_ids(site, name):
    page = soup(site / name)
    assert len(page.select("h1")) == 1
    several = [id for id, times in ids(site / name).items() if times > 1]
    assert several == []


@every_html
def test_page_names_its_language_and_itself(site, name):
    page = soup(site / name)
    assert page.html and page.html["lang"] == "en"
    assert page.title and page.title.get_text().strip()
    description = page.select_one('meta[name="description"]')
    assert description and len(str(description["content"])) >= 20


def test_descriptions_and_titles_differ(site):
    titles, descriptions = set(), set()
    for name in NAMES:
        page = soup(site / name)
        titles.add(page.title.get_text().strip())
        described = page.select_one('meta[name="description"]')
        descriptions.add(described["content"])
    assert len(titles) == len(descriptions) == len(NAMES)


# Code and text.


@every_page
def test_code_fits_and_names_its_language(site, name):
    page = soup(site / name)
    for block in page.select("pre"):
        frame = block.find_parent(class_=re.compile(r"^language-"))
        inside_figure = block.find_parent(class_="figure-source")
        assert frame or inside_figure, f"code of no language: {block}"
        if frame:
            language = re.search(r"language-(\w+)", " ".join(frame["class"]))
            assert language and language[1] in LANGUAGES
            for line in copied(frame).splitlines():
                assert len(line) <= 79 or "run-output" in frame["class"], line


@every_page
def test_vectors_and_sizes_stay_in_one_line(site, name):
    """A reader takes `(1, 2)` for two things if a line ends inside it."""
    breaks = [
        found[0]
        for text in soup(site / name).find_all(string=True)
        if not text.find_parent(["pre", "code", "script", "svg", "math"])
        for found in re.finditer(r"\([−\d.]+(,[ \n][−\d.]+)+\)", text)
    ]
    assert breaks == []


@every_page
def test_no_source_is_left_in_the_text(site, name):
    text = text_of(soup(site / name), "script, style, pre, annotation")
    for left in ["```", "~~~", 'run="', "#!", ":::", "8<", "](", "$$"]:
        assert left not in text
    prose = text_of(soup(site / name), "script, style, pre, code, annotation")
    assert not re.search(r"\\[a-z(\[]", prose), "TeX"


@every_html
def test_page_is_finished(site, name):
    text = text_of(soup(site / name))
    assert "TODO" not in text
    for word in ("coming soon", "lorem"):
        assert word not in text.lower()


def test_navigation_has_the_titles_asked_for(site):
    links = soup(site / "index.html").select("nav.path a")
    titles = {" ".join(link.get_text(" ").split()) for link in links}
    assert titles >= REQUIRED_TITLES, REQUIRED_TITLES - titles


# Sizes.


@pytest.mark.parametrize("name", [*NAMES, "404.html"])
def test_page_is_small(site, name):
    size = len(gzip.compress((site / name).read_bytes(), 9))
    assert size <= 60 * KIB


# The same site, however often it is built.


# A warm build has no need of the libraries that the runs need.
LIGHT = (
    "import sys; sys.modules.update(torch=None, matplotlib=None)\n"
    "from mkdocs.__main__ import cli; cli(prog_name='mkdocs')"
)


def test_a_warm_build_is_identical_and_light(site, tmp_path):
    warm = tmp_path / "warm"
    assert build_site(warm, "-c", LIGHT, PYTHONHASHSEED="1") == ""
    assert_same(site, warm)


@pytest.mark.slow
def test_cold_builds_are_identical(site, tmp_path):
    """In a fresh clone `site` is one of two cold builds."""
    cold = tmp_path / "cold"
    cache = str(tmp_path / "cache")
    wrong = build_site(cold, EXECUTED_CACHE=cache, PYTHONHASHSEED="1")
    assert wrong == ""
    assert_same(site, cold)


def assert_same(one: Path, two: Path) -> None:
    """Assert that two folders hold the same files, byte for byte."""
    names = [
        {p.relative_to(folder) for p in folder.rglob("*") if p.is_file()}
        for folder in (one, two)
    ]
    assert names[0] == names[1]
    unlike = [
        str(name)
        for name in sorted(names[0])
        if (one / name).read_bytes() != (two / name).read_bytes()
    ]
    assert unlike == []
