"""The built site: complete, linked, described, and from one host alone."""

import gzip
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

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
LANGUAGES = {"python", "text", "bash", "console", "bibtex"}
KIB = 1024
every_page = pytest.mark.parametrize("name", NAMES)
BOOK = "book.html"
OTHERS = ["404.html", BOOK]
every_html = pytest.mark.parametrize("name", [*NAMES, *OTHERS])


def text_of(page: BeautifulSoup, without: str = "script, style") -> str:
    """Return a page's words, `without` leaving some elements out."""
    copy = BeautifulSoup(str(page), "html.parser")
    for element in copy.select(without):
        element.decompose()
    return copy.get_text(" ")


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
    return bool(soup(path).find(id=fragment))


@every_html
def test_marks_inside_a_drawing_are_there(site, name):
    page = soup(site / name)
    ids = {str(element["id"]) for element in page.select("[id]")}
    for use in page.select("svg use[href]"):
        assert use["href"][1:] in ids
    for used in re.findall(r"url\(#([^)]+)\)", str(page)):
        assert used in ids


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
    ids = Counter(str(element["id"]) for element in page.select("[id]"))
    assert [name for name, times in ids.items() if times > 1] == []


@every_html
def test_page_names_its_language_and_itself(site, name):
    page = soup(site / name)
    assert page.html and page.html["lang"] == "en"
    assert page.title and page.title.get_text().strip()
    description = page.select_one('meta[name="description"]')
    assert description and len(str(description["content"])) >= 20


@every_page
def test_descriptions_and_titles_differ(site, name):
    def facts(name: str) -> tuple[str, str]:
        page = soup(site / name)
        content = page.select_one('meta[name="description"]')["content"]
        return page.title.get_text().strip(), str(content)

    title, description = facts(name)
    for other in NAMES:
        if other != name:
            assert title != facts(other)[0], other
            assert description != facts(other)[1], other


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


@pytest.mark.slow
def test_cold_builds_are_identical_and_warm_ones_light(site, tmp_path):
    """In a fresh clone `site` is one of two cold builds."""
    cache = str(tmp_path / "cache")
    cold = tmp_path / "cold"
    build_site(cold, EXECUTED_CACHE=cache, PYTHONHASHSEED="1")
    assert_same(site, cold)

    # A warm build has no need of the libraries that the runs need.
    light = (
        "import sys; sys.modules.update(torch=None, matplotlib=None)\n"
        "from mkdocs.__main__ import cli; cli(prog_name='mkdocs')"
    )
    build_site(tmp_path / "warm", "-c", light, EXECUTED_CACHE=cache)
    assert_same(cold, tmp_path / "warm")


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
