"""What is copied: code that runs, formulas as TeX."""

import subprocess
import sys

import pytest

from tests.browser.conftest import UNFOLD, open_page
from tests.support.built import NAMES, copied, python_blocks, soup

ALLOWED = ["clipboard-read", "clipboard-write"]
CLIPBOARD = "navigator.clipboard.readText()"
SELECT = """(selector) => {
    const range = document.createRange()
    range.selectNodeContents(document.querySelector(selector))
    getSelection().removeAllRanges()
    getSelection().addRange(range)
}"""


@pytest.fixture
def reader(browser):
    with browser.new_context(permissions=ALLOWED) as context:
        yield context


def test_copied_code_is_the_code_shown_and_runs(
    reader, address, site, tmp_path
):
    name = "how-attention-works.html"
    blocks = python_blocks(soup(site / name))
    assert len(blocks) > 1
    page, faults = open_page(reader, address)
    page.goto(address + name)
    page.evaluate(UNFOLD)
    taken = []
    for index, block in enumerate(blocks):
        shown = page.locator("div.language-python").nth(index)
        shown.hover()
        shown.get_by_role("button", name="Copy this code").click()
        taken.append(page.evaluate(CLIPBOARD))
        assert taken[-1].strip("\n") == copied(block).strip("\n")
    script = tmp_path / "copied.py"
    script.write_text("\n".join(taken), "utf-8")
    run = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert faults == []


def test_command_is_copied_without_its_prompt(reader, address, site):
    name = first_with(site, ".language-console .gp")
    page, _ = open_page(reader, address)
    page.goto(address + name)
    block = page.locator(".language-console").first
    assert block.locator("code").inner_text().startswith("$ ")
    block.get_by_role("button").click()
    copied_text = page.evaluate(CLIPBOARD)
    assert "$" not in copied_text and copied_text.strip()


def test_copying_is_said(reader, address):
    page, _ = open_page(reader, address)
    page.goto(address + "how-attention-works.html")
    page.locator("div.language-python button").first.click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()


def first_with(site, selector: str) -> str:
    return next(name for name in NAMES if soup(site / name).select(selector))


def test_selection_is_copied_with_formulas_as_tex(reader, address, site):
    page, _ = open_page(reader, address)
    page.goto(address + "notation.html")
    cell = "td:has(math)"
    page.evaluate(SELECT, cell)
    page.keyboard.press("Control+C")
    tex = soup(site / "notation.html").select_one(f"{cell} annotation")
    assert page.evaluate(CLIPBOARD).strip() == f"${tex.get_text()}$"

    # Two letters of a formula, selected, are the whole of it.
    name = first_with(site, "article > .formula")
    page.goto(address + name)
    page.evaluate(SELECT, ".formula math mi")
    page.keyboard.press("Control+C")
    tex = soup(site / name).select_one(".formula annotation").get_text()
    assert page.evaluate(CLIPBOARD).strip() == f"$${tex}$$"


def test_text_without_formulas_is_copied_as_it_is(reader, address):
    page, _ = open_page(reader, address)
    page.goto(address + "index.html")
    page.evaluate(SELECT, "article h1 + p")
    page.keyboard.press("Control+C")
    assert page.evaluate(CLIPBOARD).startswith("A network that translates")
