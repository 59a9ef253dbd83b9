"""The other forms of a page in Chromium: all its code by one click, print."""

import re

import pytest

from tests.browser.conftest import open_page
from tests.support.blocks import PAGES, blocks
from tests.support.built import html_name

FAILING = [
    html_name(page)
    for page in PAGES
    if any(block.raises for block in blocks(page))
]
LONGEST = max(PAGES, key=lambda page: len(blocks(page)))
COPIED = [*FAILING, html_name(LONGEST), "step-by-step/hands-on.html"]


@pytest.mark.parametrize("name", dict.fromkeys(COPIED))
def test_all_code_is_copied_as_the_script_has_it(
    browser,
    address,
    site,
    name,
):
    allowed = ["clipboard-read", "clipboard-write"]
    context = browser.new_context(permissions=allowed)
    page, faults = open_page(context, address)
    page.goto(address + name)
    page.locator(".page-code button").click()
    page.locator(".page-code [role=status]", has_text="copied").wait_for()
    clipboard = page.evaluate("navigator.clipboard.readText()")
    script = (site / name).with_suffix(".py").read_text("utf-8")
    assert clipboard == script
    context.close()
    assert faults == []


def test_copying_works_without_the_clipboard_of_secure_pages(
    browser,
    address,
):
    context = browser.new_context(permissions=["clipboard-read"])
    page, _ = open_page(context, address)
    page.goto(address + COPIED[0])
    page.evaluate("delete Navigator.prototype.clipboard")
    copied = "document.addEventListener('copy', () => window.heard = "
    copied += "String(document.activeElement.value))"
    page.evaluate(copied)
    page.locator(".page-code button").click()
    page.locator(".page-code [role=status]", has_text="copied").wait_for()
    assert page.evaluate("heard").startswith("# ")
    assert page.locator("textarea").count() == 0
    context.close()


def test_without_script_the_downloads_remain(
    browser,
    address,
):
    context = browser.new_context(java_script_enabled=False)
    page, _ = open_page(context, address)
    page.goto(address + COPIED[0])
    assert not page.locator(".page-code button").is_visible()
    for link in page.locator(".page-code a").all():
        assert link.is_visible()
        with page.expect_download() as download:
            link.click()
        name = str(link.get_attribute("download"))
        assert download.value.suggested_filename == name
    context.close()


def test_whole_site_prints(browser, address):
    context = browser.new_context()
    page, faults = open_page(context, address)
    page.goto(address + "book.html")
    page.emulate_media(media="print")
    for part in (".md-header", ".path", ".site-footer", ".book-hint"):
        found = page.locator(part)
        assert found.count() == 1, part
        assert not found.is_visible(), part
    wide = page.evaluate("""() => {
        const edge = document.querySelector("article")
            .getBoundingClientRect().right + 1
        return [...document.querySelectorAll(".chapter :is(pre, table, svg)")]
            .filter(part => part.getBoundingClientRect().right > edge)
            .map(part => part.closest(".chapter").id)
    }""")
    assert wide == []
    pdf = page.pdf(format="A4", tagged=True)
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    chapters = page.locator("section.chapter").count()
    assert pages > 2 * chapters
    context.close()
    assert faults == []
