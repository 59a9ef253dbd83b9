"""The built site in Chromium: two widths, two schemes, one host."""

import functools
import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.built import NAMES, copied, python_blocks, soup

NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no browser: `apt-get install chromium`, or set CHROMIUM to its path"
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")

# The words and figures on a page, and what is wrong with how they are shown.
FAULTS = """() => {
    document.querySelectorAll("details").forEach(part => part.open = true)
    const faults = []
    const page = document.documentElement
    if (page.scrollWidth > innerWidth)
        faults.push(`the page is ${page.scrollWidth} px wide`)
    for (const drawing of document.querySelectorAll("figure svg")) {
        const box = drawing.getBoundingClientRect()
        const label = drawing.getAttribute("aria-label")
        if (!drawing.checkVisibility({visibilityProperty: true})
            || box.width < 1 || box.height < 1)
            faults.push(`this figure is not seen: ${label}`)
        if (box.left < 0 || box.right > innerWidth)
            faults.push(`this figure leaves the screen: ${label}`)
    }
    return faults
}"""
GROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def browser():
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES_OF_CHROMIUM)]
    path = next(filter(None, found), None)
    if not path:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass


@pytest.fixture(scope="module")
def address(site):
    """Where the site is served: no other machine can reach it."""
    handler = functools.partial(Silent, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def context(browser):
    """One visit: what a page has loaded, the next one need not load again."""
    with browser.new_context() as context:
        yield context


def open_page(context: BrowserContext, address: str) -> tuple[Page, list]:
    """Return an empty page and the list to which its faults are added."""
    faults: list[str] = []

    def serve(route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            faults.append(f"asks another host: {route.request.url}")
            route.abort()

    def hear(message) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"console: {message.text}")

    page = context.new_page()
    page.route("**/*", serve)
    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    return page, faults


@pytest.mark.parametrize("name", NAMES)
def test_page_is_shown_without_fault(context, address, name):
    page, faults = open_page(context, address)
    page.goto(address + name)
    grounds = set()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            for fault in page.evaluate(FAULTS):
                faults.append(f"{scheme}, {width} px: {fault}")
            grounds.add(page.evaluate(GROUND))
    page.close()
    assert faults == []
    assert len(grounds) == len(SCHEMES)


@pytest.mark.parametrize("name", NAMES)
def test_page_needs_no_script(browser, address, site, name):
    context = browser.new_context(java_script_enabled=False)
    page, faults = open_page(context, address)
    page.goto(address + name)
    built = soup(site / name)
    article = page.locator("article")
    shown = "".join(article.inner_text().split())
    for paragraph in built.select("article > p"):
        if not paragraph.select("math"):
            text = "".join(paragraph.get_text().split())
            assert text in shown
    drawings = page.locator("article figure > svg")
    assert drawings.count() == len(built.select("article figure > svg"))
    for drawing in drawings.all():
        assert drawing.is_visible()
    context.close()
    assert faults == []


def test_copied_code_is_the_code_shown(browser, address, site):
    name, blocks = next(
        (name, blocks)
        for name in NAMES
        if len(blocks := python_blocks(soup(site / name))) > 1
    )
    allowed = ["clipboard-read", "clipboard-write"]
    context = browser.new_context(permissions=allowed)
    page, faults = open_page(context, address)
    page.goto(address + name)
    page.evaluate(FAULTS)  # opens what is folded
    for index, block in enumerate(blocks):
        shown = page.locator("div.language-python").nth(index)
        shown.hover()
        shown.locator("button").click()
        clipboard = page.evaluate("navigator.clipboard.readText()")
        assert clipboard.strip("\n") == copied(block).strip("\n")
    context.close()
    assert faults == []


def test_search_finds_a_word(context, address):
    page, faults = open_page(context, address)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address + "index.html")
    field = page.locator('[data-md-component="search-query"]')
    field.click()
    page.wait_for_load_state("networkidle")  # the index has arrived
    field.press_sequentially("softmax", delay=50)
    result = page.locator(".md-search-result__link").first
    result.wait_for()
    result.click()
    page.wait_for_url(lambda url: "index.html" not in url.rsplit("/", 1)[-1])
    assert "softmax" in page.locator("article").inner_text().lower()
    page.close()
    assert faults == []
