"""Every page in three engines: no error, and the same boxes.

Needs Firefox and WebKit: `apt-get install firefox-esr webkit2gtk-driver xvfb`,
then `pytest -m engines`.
"""

import functools

import pytest

from tests.browser.conftest import Published, open_page, served
from tests.support import engines
from tests.support.built import NAMES

pytestmark = pytest.mark.engines

LISTEN = b"<script>faults=[];onerror=m=>{faults.push(m)}</script>"
BOXES = """header.md-header, nav.path, main .md-content__inner,
    article > h1, article > p, article > figure"""
LOOK = """
const done = arguments[arguments.length - 1]
document.fonts.ready.then(() => done({
    faults: window.faults,
    ready: document.documentElement.className,
    copies: document.querySelectorAll(".copy").length,
    fonts: [...document.fonts].map(f => f.family + " " + f.status),
    formulas: [...document.querySelectorAll(".formula")].map(
        box => box.getBoundingClientRect().height),
    boxes: [...document.querySelectorAll(`BOXES`)].map(box => {
        const {x, width} = box.getBoundingClientRect()
        return [x, width]
    }),
}))
""".replace("BOXES", BOXES)


class Listening(Published):
    """Serves pages that note the errors of their scripts."""

    def copyfile(self, source, outputfile) -> None:
        text = source.read()
        outputfile.write(text.replace(b"<head>", b"<head>" + LISTEN, 1))

    def send_header(self, name: str, value: str) -> None:
        if name.lower() == "content-length" and self.path.endswith(".html"):
            value = str(int(value) + len(LISTEN))
        super().send_header(name, value)


@pytest.fixture(scope="module")
def listening(site):
    with served(site, Listening) as where:
        yield where


@pytest.fixture(scope="module")
def in_chromium(browser, listening):
    """What each page looks like in the engine of the other tests."""
    found = {}
    with browser.new_context(
        viewport={"width": 1280, "height": 900}
    ) as context:
        page, faults = open_page(context, listening)
        for name in NAMES:
            page.goto(listening + name)
            script = LOOK.replace("arguments[arguments.length - 1]", "done_")
            found[name] = page.evaluate(
                f"() => new Promise(done_ => {{{script}}})"
            )
        assert faults == []
    return found


@pytest.mark.parametrize("engine", [engines.firefox, engines.webkit])
def test_pages_have_no_error_and_the_same_boxes(
    engine, listening, in_chromium
):
    with engine() as ask:
        for name, expected in in_chromium.items():
            found = ask(listening + name, LOOK)
            for key in ("faults", "ready", "copies", "fonts"):
                assert found[key] == expected[key], (name, key)
            close = functools.partial(pytest.approx, abs=16)  # a scroll bar
            assert len(found["boxes"]) == len(expected["boxes"]) > 4, name
            for one, other in zip(
                found["boxes"], expected["boxes"], strict=True
            ):
                assert one == close(other), name
            assert found["formulas"] == pytest.approx(
                expected["formulas"], rel=0.15, abs=8
            ), name
