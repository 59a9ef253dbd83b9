"""Terms of the glossary: by pointer, keyboard and touch."""

from playwright.sync_api import expect

from tests.browser.conftest import open_page

NAME = "how-attention-works.html"
SHOWN = 'e => getComputedStyle(e, "::after").content'
BOX = """e => {
    const style = getComputedStyle(e, "::after")
    const left = style.position === "fixed"
        ? 0 : e.getBoundingClientRect().left
    return left + parseFloat(style.left) + parseFloat(style.width)
}"""


def test_term_by_pointer_and_keyboard(context, address):
    page, faults = open_page(context, address)
    page.goto(address + NAME)
    term = page.locator("a.term").nth(1)
    definition = term.get_attribute("data-definition")
    assert definition.endswith(".") and len(definition) > 20
    assert term.evaluate(SHOWN) == "none"
    term.hover()
    assert term.evaluate(SHOWN) == f'"{definition}"'
    page.mouse.move(0, 0)
    assert term.evaluate(SHOWN) == "none"
    term.focus()
    assert definition in term.evaluate(SHOWN)
    page.keyboard.press("Escape")
    assert term.evaluate(SHOWN) == "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#*")
    entry = page.locator("dt:target + dd")
    expect(entry).to_contain_text(definition.rstrip(".")[:30])
    assert faults == []


def test_term_by_touch(browser, address):
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page, _ = open_page(context, address)
    page.goto(address + NAME)
    for term in page.locator("a.term").all()[:3]:
        term.tap()
        assert term.evaluate(SHOWN) != "none"
        assert page.url.endswith(NAME)
        assert term.evaluate(BOX) <= 360
    term.tap()
    page.wait_for_url("**/glossary.html#*")
    context.close()


def test_a_term_is_linked_once_on_a_page(context, address):
    page, _ = open_page(context, address)
    page.goto(address + NAME)
    links = page.locator("a.term").all()
    targets = [link.get_attribute("href") for link in links]
    assert len(targets) == len(set(targets)) > 3
