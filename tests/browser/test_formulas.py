"""Formulas: in one font, that comes with the pages that have formulas."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import UNFOLD, open_page
from tests.support.built import NAMES, soup

FONT = "Formulas"


def fonts_of(page: Page, selector: str) -> set[tuple[str, bool]]:
    """Return each font that draws something there, and whether it is ours."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    asked = {"nodeId": root, "selector": selector}
    nodes = session.send("DOM.querySelectorAll", asked)["nodeIds"]
    return {
        (font["familyName"], font["isCustomFont"])
        for node in nodes
        for font in session.send(
            "CSS.getPlatformFontsForNode", {"nodeId": node}
        )["fonts"]
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_character_of_a_formula_is_in_the_font(context, address, name):
    page, faults = open_page(context, address)
    page.goto(address + name)
    page.evaluate("document.fonts.ready")
    page.evaluate(UNFOLD)
    formulas = page.locator("article math").count()
    used = fonts_of(page, "article math :is(mi, mn, mo, mtext)")
    assert used == ({(FONT, True)} if formulas else set())
    assert faults == []


def test_only_pages_with_formulas_load_their_font(site):
    for name in NAMES:
        page = soup(site / name)
        for loaded in ('script[src$="formulas.js"]', 'link[href$="s.css"]'):
            assert len(page.select(loaded)) == bool(page.select("math")), name


def test_without_script_the_font_is_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page, _ = open_page(context, address)
    page.goto(address + "summary.html")
    page.evaluate("document.fonts.load('1em Formulas')")
    assert fonts_of(page, "article math mi") == {(FONT, True)}
    context.close()
