"""Reading with the keyboard, at high contrast, and in older browsers."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page
from tests.browser.test_bars import MISPLACED
from tests.support.built import NAMES

STEPS = "how-attention-works.html"
BLOCK = "beyond/transformer-block.html"  # with folded code
PHONE = {"width": 360, "height": 740}


def style(page, selector: str, name: str, pseudo: str = "") -> str:
    """Return a computed style of the first element, or of its sign."""
    script = "(e, [n, p]) => getComputedStyle(e, p || null)[n]"
    return page.locator(selector).first.evaluate(script, [name, pseudo])


# Keyboard.

# The element that has the focus and its outline; nothing the second time.
FOCUSED = """() => {
    const now = document.activeElement
    if (now === document.body || now.visited) return null
    now.visited = true
    const {outlineStyle, outlineWidth} = getComputedStyle(now)
    return [now.outerHTML.slice(0, 80), outlineStyle, outlineWidth]
}"""


@pytest.mark.parametrize("name", ["index.html", BLOCK])
def test_focus_is_seen_at_every_stop(context, address, name):
    page, _ = open_page(context, address)
    page.goto(address + name)
    stops = []
    page.keyboard.press("Tab")
    while stop := page.evaluate(FOCUSED):
        stops.append(stop)
        page.keyboard.press("Tab")
    summaries = page.locator("article summary:visible").count()
    assert sum("<summary" in html for html, _, _ in stops) == summaries > 0
    unseen = [
        html for html, line, width in stops if line == "none" or width == "0px"
    ]
    assert unseen == []


def test_results_close_when_the_focus_leaves_them(context, address):
    page, _ = open_page(context, address)
    page.goto(address + STEPS)
    page.keyboard.press("/")
    page.keyboard.type("softmax")
    results = page.locator(".results")
    expect(results).to_be_visible()
    page.keyboard.press("Tab")
    expect(results.locator("a").first).to_be_focused()
    expect(results).to_be_visible()
    results.locator("a").last.focus()
    page.keyboard.press("Tab")
    expect(results).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#search")).to_be_focused()
    expect(results).to_be_visible()


# Contrast and zoom.

SIGNS = [
    (".highlight > .copy", "::after"),
    (".md-typeset details.quote > summary", "::after"),
    (".md-typeset details.figure-source > summary", "::before"),
]


@pytest.mark.parametrize(("selector", "pseudo"), SIGNS)
def test_signs_are_seen_in_forced_colours(browser, address, selector, pseudo):
    context = browser.new_context(forced_colors="active")
    page, _ = open_page(context, address)
    page.goto(address + BLOCK)
    ground = style(page, "body", "backgroundColor")
    assert style(page, selector, "backgroundColor", pseudo) != ground
    context.close()


def test_more_contrast_can_be_asked_for(context, address):
    page, _ = open_page(context, address)
    page.goto(address + STEPS)
    ink = style(page, "body", "color")
    assert style(page, ".place", "color") != ink
    page.emulate_media(contrast="more")
    assert style(page, ".place", "color") == ink
    assert style(page, ".md-typeset h2", "borderTopColor") == ink


@pytest.mark.parametrize("name", [*NAMES, "book.html"])
def test_page_fits_at_a_zoom_of_400_percent(browser, address, name):
    context = browser.new_context(viewport={"width": 320, "height": 256})
    page, _ = open_page(context, address)
    page.goto(address + name)
    assert page.evaluate(MISPLACED) == []
    context.close()


# Older browsers: what they do not know is taken from the styles.


def without(context, feature: str):
    """Serve style sheets in which a browser does not know a feature."""

    def serve(route) -> None:
        text = route.fetch().text()
        text = text.replace(f"{feature}(", f"{feature}-unknown(")
        route.fulfill(body=text, content_type="text/css")

    context.route("**/*.css", serve)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_without_light_dark(browser, address, site, scheme):
    """Each is that of light pages, so that figures keep their lines."""
    styles = (site / "assets/site.css").read_text("utf-8")
    names = re.findall(r"(--[\w-]+): light-dark\(", styles)
    assert "--query" in names
    context = browser.new_context(color_scheme="light")
    page, _ = open_page(context, address)
    page.goto(address + STEPS)
    right = colours(page, names)
    context.close()
    context = browser.new_context(color_scheme=scheme)
    page, _ = open_page(context, address)
    page.unroute("**/*")
    without(context, "light-dark")
    page.goto(address + STEPS)
    assert colours(page, names) == right
    assert not page.locator("button.scheme").is_visible()
    context.close()


def colours(page, names: list[str]) -> list[list[str]]:
    """Return variables with the colours that they give."""
    return page.evaluate(
        """names => names.map(name => {
            const probe = document.createElement("i")
            probe.style.color = `var(${name})`
            document.body.append(probe)
            return [name, getComputedStyle(probe).color]
        })""",
        names,
    )


def test_drawer_opens_without_has(browser, address):
    context = browser.new_context(viewport=PHONE)
    page, _ = open_page(context, address)
    page.unroute("**/*")
    without(context, ":has")
    page.goto(address + STEPS)
    path = page.locator(".path")
    expect(path).to_be_hidden()
    page.locator(".menu").click()
    expect(path).to_be_visible()
    page.keyboard.press("Escape")
    expect(path).to_be_hidden()
    page.locator(".menu").click()
    page.locator(".veil").click(position={"x": 340, "y": 300})
    expect(path).to_be_hidden()
    context.close()
