"""Reading: without script, offline, from a folder, enlarged, on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import UNFOLD, open_page
from tests.support.built import NAMES, NOTEBOOK, soup

SAMPLE = ["index.html", "how-attention-works.html", NOTEBOOK]


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
    page.evaluate(UNFOLD)  # as a reader would
    drawings = page.locator("article figure > svg")
    assert drawings.count() == len(built.select("article figure > svg"))
    for drawing in drawings.all():
        assert drawing.is_visible()
    context.close()
    assert faults == []


def test_without_script_the_scheme_and_the_path_work(browser, address):
    context = browser.new_context(
        java_script_enabled=False,
        color_scheme="dark",
        viewport={"width": 360, "height": 740},
    )
    page, _ = open_page(context, address)
    page.goto(address + "index.html")
    dark = page.screenshot()
    page.emulate_media(color_scheme="light")
    assert page.screenshot() != dark
    expect(page.locator("form.search")).to_be_hidden()
    expect(page.locator("button.scheme")).to_be_hidden()
    expect(page.locator("nav.path")).to_be_hidden()
    page.locator("label.menu").click()
    page.locator("nav.path").get_by_role("link", name="Summary").click()
    page.wait_for_url("**/summary.html")
    context.close()


def test_path_by_keyboard_on_a_small_screen(browser, address):
    context = browser.new_context(viewport={"width": 640, "height": 400})
    page, _ = open_page(context, address)
    page.goto(address + "index.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Tab")
    drawer = page.get_by_role("checkbox", name="contents of the site")
    expect(drawer).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("nav.path")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("nav.path")).to_be_hidden()
    expect(drawer).to_be_focused()
    context.close()


def test_skip_link_leads_to_the_content(context, address):
    page, _ = open_page(context, address)
    page.goto(address + "summary.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_anchors_and_the_back_button(context, address):
    page, faults = open_page(context, address)
    page.goto(address + "how-attention-works.html")
    entry = page.locator("nav.toc a").nth(2)
    target = entry.get_attribute("href")
    entry.click()
    page.wait_for_url(f"**{target}")
    heading = page.locator(f'[id="{target[1:]}"]')
    expect(heading).to_be_in_viewport()
    below_head = page.locator("header").bounding_box()["height"]
    assert heading.bounding_box()["y"] >= below_head - 1
    expect(entry).to_have_attribute("aria-current", "true")

    # Back from the next page: to where the reader left off.
    following = page.locator("nav.pager a[rel=next]")
    following.scroll_into_view_if_needed()
    left = page.evaluate("scrollY")
    following.click()
    page.wait_for_url("**/types-of-attention/index.html")
    page.go_back()
    page.wait_for_url(f"**{target}")
    page.wait_for_function(f"Math.abs(scrollY - {left}) < 2")
    page.go_back()
    assert page.url.endswith("how-attention-works.html")
    assert faults == []


def test_previous_and_next_walk_the_whole_path(context, address):
    page, _ = open_page(context, address)
    page.goto(address + "index.html")
    seen = []
    while True:
        seen.append(page.url.removeprefix(address))
        following = page.locator("nav.pager a[rel=next]")
        if not following.count():
            break
        following.click()
        page.wait_for_load_state()
    assert sorted(seen) == sorted(NAMES)


def test_page_stays_when_the_network_is_cut(browser, address):
    context = browser.new_context()
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address + "how-attention-works.html", wait_until="networkidle")
    with page.expect_response("**/search.js") as response:
        page.locator("#search").focus()
    response.value.finished()
    context.set_offline(True)
    page.get_by_role("button", name="Colours").click()
    page.locator(".figure-source summary").first.click()
    expect(page.locator(".figure-source pre").first).to_be_visible()
    page.locator("nav.toc a").last.click()
    page.locator("#search").fill("softmax")
    expect(page.locator(".md-search-result__item").first).to_be_visible()
    context.close()
    assert faults == []


@pytest.mark.parametrize("name", SAMPLE)
def test_page_opens_from_the_file_system(context, site, name):
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.goto((site / name).as_uri())
    logo = page.locator("header img")
    assert logo.evaluate("image => image.naturalWidth") > 0
    expect(page.get_by_role("button", name="Colours")).to_be_visible()
    page.locator("nav.pager a[rel=next]").click()
    expect(page.locator("h1")).to_be_visible()
    assert faults == []


@pytest.mark.parametrize("name", SAMPLE)
def test_page_can_be_enlarged_to_200_percent(browser, address, name):
    """At 200 % a window of 1280 px shows 640 px of the page."""
    context = browser.new_context(
        viewport={"width": 640, "height": 400}, device_scale_factor=2
    )
    page, _ = open_page(context, address)
    page.goto(address + name)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 640
    page.add_style_tag(content=":root { font-size: 200% !important }")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 640
    context.close()


@pytest.mark.parametrize("name", SAMPLE)
def test_page_is_printed(context, address, name):
    page, _ = open_page(context, address)
    page.emulate_media(color_scheme="dark")
    page.goto(address + name)
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")

    # On paper: the article alone, dark on light, nothing folded but sources.
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for apart in ("header.md-header", "nav.path", "nav.toc", "footer"):
        expect(page.locator(apart)).to_be_hidden()
    for apart in (".copy", ".figure-source", ".headerlink"):
        assert not any(e.is_visible() for e in page.locator(apart).all())
    for part in page.locator("details.quote").all():
        expect(part).to_have_attribute("open", "")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert max(map(int, ink[4:-1].split(","))) < 64


def test_the_book_has_less_than_200_pages(context, address):
    page, _ = open_page(context, address)
    page.goto(address + "book.html")
    pdf = page.pdf(format="A4", print_background=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 100 < pages < 200  # a chapter that is lost is no saving
