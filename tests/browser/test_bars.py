"""The bars of every page: weight, hosts, shift, width, contrast, faults.

Each page is visited once, on a phone; each test looks at one thing of what
was noted there.
"""

import gzip
import re
from typing import Literal, NamedTuple

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import open_page
from tests.support.built import NAMES

KIB = 1024
PHONE = {"width": 360, "height": 740}
WIDTHS = (360, 768, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

# Counts what moves by itself after it was first drawn.
SHIFT = """
    globalThis.shift = 0
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) globalThis.shift += entry.value
    }).observe({type: "layout-shift", buffered: true})
"""
SCROLL = """async () => {
    const end = document.documentElement.scrollHeight
    for (let y = 0; y < end; y += 700) {
        scrollTo(0, y)
        await new Promise(requestAnimationFrame)
    }
    scrollTo(0, 0)
}"""
# What leaves the screen or is not seen, with everything unfolded.
MISPLACED = """() => {
    document.querySelectorAll("details").forEach(part => part.open = true)
    const found = []
    const page = document.documentElement
    if (page.scrollWidth > innerWidth)
        found.push(`the page is ${page.scrollWidth} px wide`)
    for (const drawing of document.querySelectorAll("figure svg")) {
        const box = drawing.getBoundingClientRect()
        const label = drawing.getAttribute("aria-label")
        if (!drawing.checkVisibility({visibilityProperty: true})
            || box.width < 1 || box.height < 1)
            found.push(`this figure is not seen: ${label}`)
        if (box.left < 0 || box.right > innerWidth)
            found.push(`this figure leaves the screen: ${label}`)
    }
    return found
}"""
# Code has thousands of coloured words of few kinds: one of each is measured.
THIN = """() => {
    const seen = new Set()
    for (const word of document.querySelectorAll("pre span")) {
        const line = word.closest(".hll") ? "marked" : ""
        const kind = `${word.className} ${line}`
        if (seen.has(kind)) word.replaceWith(...word.childNodes)
        seen.add(kind)
    }
    document.body.normalize()
}"""
GROUND = "getComputedStyle(document.body).backgroundColor"
NO_ALT = """[...document.images].filter(
    image => !image.alt.trim()).map(image => image.src)"""


class Visit(NamedTuple):
    """What was noted of one page."""

    name: str
    asked: list[str]  # files, until the page was loaded
    asked_on_focus: list[str]
    faults: list[str]
    shift: float
    misplaced: dict[str, list[str]]  # by scheme and width
    grounds: set[str]
    pictures_without_words: list[str]
    violations: dict[str, list[str]]  # by scheme, from axe


@pytest.fixture(scope="module", params=[*NAMES, "404.html"])
def visit(request, browser, address) -> Visit:
    context = browser.new_context(
        viewport=PHONE, has_touch=True, reduced_motion="reduce"
    )
    page, faults = open_page(context, address)
    page.add_init_script(SHIFT)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url.removeprefix(address)))
    page.goto(address + request.param)
    page.evaluate(SCROLL)
    shift = page.evaluate("globalThis.shift")
    misplaced, grounds = {}, set()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate(MISPLACED)
            misplaced[f"{scheme}, {width} px"] = found
            grounds.add(page.evaluate(GROUND))
    words = page.evaluate(NO_ALT)

    # axe looks at what is unfolded, on a desk; only colours differ by scheme.
    page.evaluate(THIN)
    page.evaluate(AXE_SCRIPT)
    violations = {"dark": axe(page, "color-contrast")}
    page.emulate_media(color_scheme="light")
    violations["light"] = axe(page)

    first = asked.copy()
    asked.clear()
    page.locator("#search").focus()
    page.wait_for_function("globalThis.searchIndex")
    noted = Visit(
        request.param,
        first,
        asked,
        faults,
        shift,
        misplaced,
        grounds,
        words,
        violations,
    )
    context.close()
    return noted


def axe(page, *only: str) -> list[str]:
    """Return what axe finds by some rules, or all: the rule, the element."""
    options: dict = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": only}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def weight(site, paths: list[str]) -> int:
    """Return the bytes of files as they are sent, by kind compressed."""
    total = 0
    for path in paths:
        content = (site / path).read_bytes()
        total += len(gzip.compress(content, 6))
    return total


def test_first_load_is_light(visit, site):
    assert weight(site, visit.asked) <= 120 * KIB


def test_html_is_light_before_figures(visit, site):
    html = (site / visit.name).read_text("utf-8")
    text = re.sub(r'<svg role="img".*?</svg>', "", html, flags=re.S)
    assert len(gzip.compress(text.encode(), 6)) <= 30 * KIB


def test_nothing_is_wrong_or_asked_elsewhere(visit):
    assert visit.faults == []


def test_nothing_shifts(visit):
    assert visit.shift <= 0.001


def test_page_fits_every_width(visit):
    assert {k: v for k, v in visit.misplaced.items() if v} == {}


def test_page_has_a_light_and_a_dark_ground(visit):
    assert len(visit.grounds) == len(SCHEMES)


def test_pictures_have_words(visit):
    assert visit.pictures_without_words == []


def test_axe_finds_nothing(visit):
    assert {k: v for k, v in visit.violations.items() if v} == {}


def test_search_is_loaded_on_focus_and_not_before(visit):
    files = ["assets/search-index.js", "assets/search.js"]
    assert not set(visit.asked) & set(files)
    assert visit.asked_on_focus == files
