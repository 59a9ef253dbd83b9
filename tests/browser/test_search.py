"""Search, from the first key to the page, by keyboard."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import open_page

FIRST = ".md-search-result__item a"
# How long it takes from a key to the first result that is drawn.
TIME = """() => new Promise(resolve => {
    const field = document.querySelector("#search")
    const list = document.querySelector("#search-results ol")
    field.addEventListener("beforeinput", () => {
        const start = performance.now()
        new MutationObserver((_, observer) => {
            observer.disconnect()
            requestAnimationFrame(() => resolve(performance.now() - start))
        }).observe(list, {childList: true})
    }, {once: true})
    globalThis.ready = true
})"""


def test_search_by_keyboard(context, address):
    page, faults = open_page(context, address)
    page.goto(address + "types-of-attention/index.html")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("masked softmax")
    results = page.locator(FIRST)
    expect(results.first).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("found")

    # Down to the second result, up to the field again.
    page.keyboard.press("ArrowDown")
    expect(results.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search")).to_be_focused()

    target = results.first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(target)
    text = page.locator("article").inner_text().lower()
    assert "masked" in text and "softmax" in text
    assert faults == []


def test_what_is_typed_at_once_is_found(context, address):
    """The keys before the index has arrived count as well."""
    page, faults = open_page(context, address)
    page.goto(address + "index.html")
    page.keyboard.press("/")
    page.keyboard.type("score")
    first = page.locator(FIRST).first
    expect(first).to_be_visible()
    assert re.search("score", first.inner_text(), re.I)
    assert faults == []


def test_a_heading_comes_before_a_mention(context, address):
    page, _ = open_page(context, address)
    page.goto(address + "index.html")
    for query, title in {
        "glossary": "Glossary",
        "scaling": "Scaling",
        "self-att": "Self-Attention",
        "hands-on": "Hands-on Notebook",
    }.items():
        page.locator("#search").fill(query)
        first = page.locator(FIRST).first
        expect(first.locator("b")).to_have_text(title, ignore_case=True)


def test_capitals_and_accents_do_not_count(context, address):
    page, faults = open_page(context, address)
    page.goto(address + "index.html")
    for queries in (("RoPE", "rope", "ROPE"), ("Rope", "Rópe", "Ro\u0301pe")):
        found = []
        for query in queries:
            page.locator("#search").fill(query)
            expect(page.locator(FIRST).first).to_be_visible()
            found.append(page.locator(FIRST).all_inner_texts())
            marked = page.locator(FIRST).first.locator("mark").first
            expect(marked).to_have_text("rope", ignore_case=True)
        assert found == [found[0]] * len(queries)
    assert faults == []


def test_first_result_comes_fast(context, address):
    page, _ = open_page(context, address)
    page.goto(address + "index.html")
    page.locator("#search").focus()
    page.wait_for_function(
        "document.querySelector('script[src$=\"search.js\"]')"
    )
    page.wait_for_load_state("networkidle")
    times = []
    for key in "ast":
        page.locator("#search").fill("")
        wait = page.evaluate_handle(f"({{time: ({TIME})()}})")
        page.keyboard.press(key)
        times.append(wait.evaluate("({time}) => time"))
    assert min(times) <= 150, times


def test_nothing_found_is_said(context, address):
    page, faults = open_page(context, address)
    page.goto(address + "index.html")
    page.locator("#search").fill("zebrafish")
    status = page.locator("#search-results [role=status]")
    expect(status).to_have_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.locator("#search-results")).to_be_hidden()
    assert faults == []


def test_result_on_this_page_closes_the_list(context, address):
    page, _ = open_page(context, address)
    page.goto(address + "index.html")
    page.locator("#search").fill("why you can believe")
    expect(page.locator(FIRST).first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#why-you-can-believe-it")
    expect(page.locator("#search-results")).to_be_hidden()


def test_search_on_a_phone(browser, address):
    phone = {"width": 360, "height": 740}
    context = browser.new_context(viewport=phone, has_touch=True)
    page, faults = open_page(context, address)
    page.goto(address + "index.html")
    page.locator("form.search label").tap()
    page.keyboard.type("causal")
    first = page.locator(FIRST).first
    expect(first).to_be_visible()
    box = first.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    first.tap()
    page.wait_for_url(lambda url: "index.html" not in url.rsplit("/", 1)[-1])
    context.close()
    assert faults == []


def test_search_from_the_file_system(context, site):
    page = context.new_page()
    page.goto((site / "types-of-attention" / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("glossary")
    expect(page.locator(FIRST).first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("file://**/glossary.html")
