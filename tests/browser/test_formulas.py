"""Formulas: in one font, that comes with the pages that have formulas."""

import pytest

from tests.browser.conftest import open_page
from tests.support.built import NAMES, soup

FONT = "Formulas"


def fonts_of(session, selector: str) -> set[tuple[str, bool]]:
    """Return each font that draws something there, and whether it is ours."""
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
    for fold in page.locator("article details").all():
        fold.evaluate("fold => fold.open = true")
    session = context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    formulas = page.locator("article math").count()
    used = fonts_of(session, "article math :is(mi, mn, mo, mtext)")
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
    session = context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    assert fonts_of(session, "article math mi") == {(FONT, True)}
    context.close()
