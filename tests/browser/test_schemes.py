"""Light and dark: the system's scheme, and the reader's own choice."""

from playwright.sync_api import expect

from tests.browser.conftest import open_page

GROUND = "getComputedStyle(document.body).backgroundColor"


def test_page_follows_the_system_until_the_reader_chooses(context, address):
    page, faults = open_page(context, address)
    page.emulate_media(color_scheme="light")
    page.goto(address + "index.html")
    light = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(GROUND)
    assert light != dark

    # system, light, dark, and round again
    toggle = page.get_by_role("button", name="Colours")
    toggle.press("Enter")
    assert page.evaluate(GROUND) == light
    expect(toggle).to_have_accessible_name("Colours: light; change to dark")
    toggle.press("Space")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(GROUND) == dark

    # The choice holds on the next page, from its first frame.
    page.get_by_role("link", name="Notation").first.click()
    page.wait_for_url("**/notation.html")
    assert page.evaluate(GROUND) == dark
    toggle.click()
    assert page.evaluate(GROUND) == light
    assert page.evaluate("localStorage.getItem('scheme')") == "system"
    assert faults == []


def test_roles_have_one_colour_everywhere(context, address):
    """In a formula, in code, and as figures use it: the same."""
    page, _ = open_page(context, address)
    page.goto(address + "types-of-attention/self-attention.html")
    colour = "e => getComputedStyle(e).color"
    for role, variable in {
        "query": "--query",
        "key": "--key",
        "val": "--value",
    }.items():
        wanted = page.evaluate(
            """variable => {
                const probe = document.createElement("p")
                probe.style.color = `var(${variable})`
                document.body.append(probe)
                return getComputedStyle(probe).color
            }""",
            variable,
        )
        formula = page.locator(f"math .{role}").first
        code = page.locator(f".highlight .{role}").first
        assert formula.evaluate(colour) == wanted
        assert code.evaluate(colour) == wanted
