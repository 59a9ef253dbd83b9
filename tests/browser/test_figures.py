"""Figures: legible on a phone, and as files of their own."""

import pytest

from tests.browser.conftest import open_page
from tests.support.built import NAMES, NOTEBOOK, soup

# How many pixels a point of each drawing takes.
SCALES = """() => {
    const drawings = document.querySelectorAll("figure.drawn > svg")
    return [...drawings].map(drawing =>
        drawing.getBoundingClientRect().width
        / drawing.viewBox.baseVal.width)
}"""


def with_figures(site) -> list[str]:
    return [n for n in NAMES if soup(site / n).select("figure.drawn")]


def test_text_of_figures_is_legible_on_a_phone(browser, address, site):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page, _ = open_page(context, address)
    for name in with_figures(site):
        page.goto(address + name)
        for scale in page.evaluate(SCALES):
            assert 9 * scale >= 9, name  # the figures' text is of 9 points
    context.close()


LENGTHS = """() => [...document.querySelectorAll("text[textLength]")].map(
    text => text.getComputedTextLength())"""


def test_text_of_figures_is_as_long_in_any_font(context, address, site):
    """And it is text: it can be found, selected and copied."""
    page, _ = open_page(context, address)
    for name in with_figures(site):
        page.goto(address + name)
        assert page.locator("figure.drawn text").count(), name
        own = page.evaluate(LENGTHS)
        assert own or name == NOTEBOOK  # whose figure a reader's code draws
        page.add_style_tag(content=".drawn text { font-family: monospace }")
        assert page.evaluate(LENGTHS) == pytest.approx(own, abs=0.5), name


def test_each_figure_is_a_file(context, address, site):
    page, _ = open_page(context, address)
    for name in with_figures(site):
        for figure in soup(site / name).select("figure.drawn"):
            link = figure.select_one("a.figure-svg")
            path = (site / name).parent / link["href"]
            text = path.read_text("utf-8")
            assert text.startswith("<svg xmlns=")
            assert "var(" not in text and "currentColor" not in text
            assert figure.svg["aria-label"][:20] in text

    page.goto(address + "index.html")
    with page.expect_download() as download:
        page.locator("a.figure-svg").click()
    path = download.value.path()
    alone = context.new_page()
    alone.goto(address + "figures/translator-introduction.svg")
    assert alone.evaluate("document.documentElement.tagName") == "svg"
    assert (
        path.read_bytes()
        == (site / "figures" / "translator-introduction.svg").read_bytes()
    )


@pytest.mark.parametrize("size", [16, 32])
def test_logo_is_seen_on_any_ground(browser, site, size):
    """At 16 px its cells differ from its ground, which is its own."""
    context = browser.new_context(viewport={"width": size, "height": size})
    page = context.new_page()
    logo = (site / "assets" / "logo.svg").as_uri()
    page.goto(logo)
    svg = (site / "assets" / "logo.svg").read_text("utf-8")
    assert 'viewBox="0 0 16 16"' in svg
    assert svg.count("<rect") > 8
    shots = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shots.add(page.screenshot(omit_background=True))
    assert len(shots) == 1
    context.close()
