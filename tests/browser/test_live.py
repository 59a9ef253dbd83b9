"""What a reader can try: by mouse, keys and touch; and where it cannot run."""

import json
import re

import pytest

from snippets.interventions import CHANGES, with_change
from snippets.results.measured import translator
from snippets.translator.evaluation import translate
from snippets.translator.number_words import english, german
from tests.browser.conftest import Published, open_page, served
from tests.support import in_node

PAGE, BENCH = "index.html", "beyond/change-the-weights.html"
CHECK = "beyond/attention-in-javascript.html"
FIGURE = "#figure-translator-introduction"
NUMBER = 987_654_321


@pytest.fixture
def page(context, address):
    page, faults = open_page(context, address)
    page.goto(address + PAGE)
    yield page
    assert faults == []


def ask(page, text: str) -> None:
    page.locator(".live form input").fill(text)
    page.keyboard.press("Enter")


def shown(page) -> list[str]:
    """Return the words that the drawing says were written."""
    return page.locator(".live-drawing .target").all_text_contents()


def test_nothing_of_the_model_is_loaded_before_it_is_asked_for(page):
    loaded = "performance.getEntriesByType('resource').map(r => r.name)"
    assert not [name for name in page.evaluate(loaded) if "shipped-" in name]
    ask(page, "7")
    page.locator(".live-drawing").wait_for()
    found = [name for name in page.evaluate(loaded) if "shipped-" in name]
    assert len(found) == 1


@pytest.mark.parametrize(
    "typed", [f"{NUMBER}", f"{NUMBER:,}", " ".join(english(NUMBER))]
)
def test_a_number_is_translated_where_the_figure_was(page, typed):
    still = page.locator(f"{FIGURE} > svg")
    assert still.is_visible()
    ask(page, typed)
    page.locator(".live-drawing").wait_for()
    [(words, _)] = translate(translator("attention"), [NUMBER])
    assert shown(page) == words
    source = page.locator(".live-drawing .source").all_text_contents()
    assert source == english(NUMBER)
    assert page.get_by_role("status").first.inner_text() == (
        f"It reads “{' '.join(english(NUMBER))}” and writes "
        f"“{' '.join(words)}”."
    )
    assert not still.is_visible()
    page.get_by_role("button", name="Back to the figure").click()
    assert still.is_visible() and not shown(page)


@pytest.mark.parametrize(
    "typed, told",
    [
        ("", "Type a number"),
        ("0", "from 1 to 999,999,999,999,999"),
        ("1" + 15 * "0", "from 1 to 999,999,999,999,999"),
        ("-5", "from 1 to 999,999,999,999,999"),
        ("two cats", "does not know “cats”"),
        ("<b>", "does not know “<b>”"),
        ("one " * 41, "at most 40 words"),
    ],
)
def test_what_cannot_be_read_is_said(page, typed, told):
    ask(page, typed)
    status = page.locator(".live [role=status]")
    status.filter(has_text=re.compile(told)).wait_for()
    assert page.locator(f"{FIGURE} > svg").is_visible()


def seen(page) -> list[list[str]]:
    """Return the numbers that are to be seen, in each row of lines."""
    return page.evaluate("""() =>
        [...document.querySelectorAll(".live-drawing .row")].map(row =>
            [...row.querySelectorAll(".share")]
                .filter(s => getComputedStyle(s).visibility === "visible")
                .map(s => s.textContent))""")


def test_one_word_keeps_its_lines_and_numbers(page):
    ask(page, "21")
    words = page.locator(".live-drawing .target")
    words.first.wait_for()
    [(_, weights)] = translate(translator("attention"), [21])
    numbers = [
        [f"{w:.2f}".removeprefix("0") for w in row] for row in weights.tolist()
    ]
    nothing: list[list[str]] = [[], [], []]
    assert seen(page) == nothing

    words.nth(1).hover()
    assert seen(page) == [[], numbers[1], []]
    page.mouse.move(0, 0)
    assert seen(page) == nothing
    words.nth(2).click()
    page.mouse.move(0, 0)
    assert seen(page) == [[], [], numbers[2]]
    words.nth(2).click()
    page.mouse.move(0, 0)
    assert seen(page) == nothing


def test_words_are_chosen_by_keys(page):
    ask(page, "21")
    words = page.locator(".live-drawing .target")
    words.first.wait_for()
    chosen = "document.activeElement.textContent"
    page.locator(f"{FIGURE} .figure-svg").focus()
    page.keyboard.press("Shift+Tab")
    said = shown(page)
    assert page.evaluate(chosen) == said[0]
    for key, place in [
        ("ArrowRight", 1),
        ("ArrowDown", 2),
        ("ArrowRight", 0),
        ("ArrowLeft", 2),
        ("ArrowUp", 1),
        ("Home", 0),
        ("End", 2),
        (" ", 2),
    ]:
        page.keyboard.press(key)
        assert page.evaluate(chosen) == said[place], key
        assert [bool(row) for row in seen(page)] == [
            i == place for i in range(3)
        ]
        radios = page.get_by_role("radio", checked=True)
        assert radios.all_text_contents() == [said[place]]
    page.keyboard.press("Escape")
    assert not any(seen(page))


def test_a_finger_chooses_on_a_small_screen(browser, address):
    with browser.new_context(
        viewport={"width": 360, "height": 800}, has_touch=True
    ) as context:
        page, faults = open_page(context, address)
        page.goto(address + PAGE)
        page.locator(".live form input").fill("83 000 021")
        page.get_by_role("button", name="Translate").tap()
        page.locator(".live-drawing .target").nth(1).tap()
        assert len(seen(page)[1]) == 6
        wide = "document.documentElement.scrollWidth"
        assert page.evaluate(wide) == 360
        assert faults == []


def test_without_scripts_the_figure_stands_and_nothing_else(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page, _ = open_page(context, address)
        for name in (PAGE, BENCH, CHECK):
            page.goto(address + name)
            assert not page.locator(".live").is_visible()
        page.goto(address + PAGE)
        assert page.locator(f"{FIGURE} > svg").is_visible()


# What arrives may be damaged.


def broken(site, change):
    """Serve the site with another script in the place of the model's."""

    class Broken(Published):
        def do_GET(self) -> None:
            if "shipped-attention" not in self.path:
                return super().do_GET()
            text = (site / "assets/shipped-attention.js").read_text("utf-8")
            content = change(text)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "text/javascript")
            self.end_headers()
            self.wfile.write((content or "").encode())

    return served(site, Broken)


def other_byte(text: str) -> str:
    """Change one weight a little."""
    at = text.rindex('"') - 4000
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def other_result(text: str) -> str:
    """Expect another word of PyTorch."""
    header = json.loads(text[len("ship(") : text.rindex(',"')])
    before = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    assert before in text
    header["checks"][2]["target"][0] += 1
    after = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return text.replace(before, after)


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda text: None, "could not be loaded"),
        (lambda text: text[:90_000], "is damaged"),
        (lambda text: "", "is damaged"),
        (other_byte, "is not the one that was sent"),
        (other_result, "something else than PyTorch"),
    ],
    ids=["missing", "cut off", "empty", "another byte", "another result"],
)
def test_a_damaged_model_is_refused(context, site, change, told):
    with broken(site, change) as address:
        page, _ = open_page(context, address)
        page.goto(address + PAGE)
        ask(page, "7")
        status = page.locator(".live [role=status]")
        status.filter(has_text=told).wait_for()
        assert page.locator(f"{FIGURE} > svg").is_visible()
        assert not shown(page)


def test_a_reader_can_check_it(context, address):
    page, faults = open_page(context, address)
    page.goto(address + CHECK)
    page.get_by_role("button", name="Check it here").click()
    status = page.locator(".live [role=status]")
    status.filter(has_text="The largest difference").wait_for()
    said = status.inner_text()
    assert said.startswith("200 of 200 translations are the same")
    largest = re.search(r"weight is (\S+)\.$", said)
    assert largest and 0 < float(largest[1]) < 1e-5
    assert faults == []


# The bench.


@pytest.fixture
def bench(context, address):
    page, faults = open_page(context, address)
    page.goto(address + BENCH)
    ask(page, "83,000,021")
    page.locator(".bench").wait_for()
    yield page
    assert faults == []


def lines(page) -> tuple[str, str]:
    own, now = page.locator(".bench .own"), page.locator(".bench .now")
    return own.inner_text().partition(": ")[2], now.inner_text()


def written(name: str) -> str:
    """Return what PyTorch writes with a change."""
    model = translator("attention")
    changed = with_change(model, CHANGES[name]) if name in CHANGES else model
    [(words, _)] = translate(changed, [83_000_021])
    return " ".join(words)


@pytest.mark.parametrize("name", ["its own", *CHANGES])
def test_other_weights_at_every_word(bench, name):
    bench.get_by_label(name, exact=True).check()
    own, now = lines(bench)
    assert own == f"{written('its own')} (end)"
    assert now == f"With these: {written(name)} (end)"
    rows = bench.locator(".bench table button").all_inner_texts()
    assert rows == [*written(name).split(), "(end)"]
    marked = bench.locator(".bench mark").count()
    assert bool(marked) == (written(name) != written("its own"))


def test_one_row_by_hand_and_back(bench):
    [(_, weights)] = translate(translator("attention"), [83_000_021])
    bench.locator(".bench table button").first.click()
    outputs = bench.locator(".bench output")
    own = [f"{weight:.2f}" for weight in weights[0].tolist()]
    assert outputs.all_inner_texts() == own
    sliders = bench.locator(".bench .sliders input")
    for place, key in [(0, "Home"), (1, "Home"), (5, "End")]:
        sliders.nth(place).focus()
        bench.keyboard.press(key)
    for place in (2, 3, 4):
        sliders.nth(place).focus()
        bench.keyboard.press("Home")
    assert outputs.all_inner_texts() == ["0.00"] * 5 + ["1.00"]
    # It looked at "one".
    assert lines(bench)[1].startswith("With these: ein ")
    assert "shares=0.0.0.0.0.100" in bench.url

    again = bench.context.new_page()
    again.goto(bench.url)
    again.locator(".bench .now").filter(has_text="ein ").wait_for()
    assert lines(again) == lines(bench)

    bench.get_by_label("its own", exact=True).check()
    bench.get_by_label("equal", exact=True).check()
    bench.get_by_label("its own", exact=True).check()
    assert outputs.all_inner_texts() == own
    assert lines(bench)[1] == f"With these: {german_line()} (end)"


def german_line() -> str:
    return " ".join(german(83_000_021))


HOSTILE = [
    "words=",
    "words=%00%FF%E0%80",
    "words=" + "one+" * 500,
    "words=one&weights=constructor",
    "words=one&weights=__proto__",
    "words=one&row=NaN&shares=1",
    "words=one&row=-1&shares=1",
    "words=one&row=99&shares=1",
    "words=one&row=0&shares=1e9",
    "words=one&row=0&shares=-1",
    "words=one&row=0&shares=0",
    "words=one&row=0&shares=1.2.3",
    "words=one&row=0&shares=" + "9" * 400,
    "words=one&row=31&shares=100",
    "words=<img+src=x+onerror=alert(1)>",
    "row=0&shares=0",
    "%",
    "words=%",
]


@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_hostile_address_does_no_harm(context, address, fragment):
    page, faults = open_page(context, address)
    page.goto(f"{address}{BENCH}#{fragment}")
    page.wait_for_function(
        """() => !document.querySelector(".bench").hidden ||
            document.querySelector(".live [role=status]").textContent ||
            !new URLSearchParams(location.hash.slice(1)).has("words")"""
    )
    assert "NaN" not in page.locator(".live").inner_text()
    assert page.locator(".live img").count() == 0
    assert faults == []


SPELL = "return given.numbers.map((n) => wordsOf(String(n), []).join(' '))"


def test_numbers_are_spelled_as_in_the_training_data():
    numbers = [
        n + d
        for p in range(15)
        for n in (10**p, 3 * 10**p)
        for d in (0, 1, 15)
    ]
    numbers += [*range(1, 2100), 999_999_999_999_999, 101_000_100_010_001]
    found = in_node.run(in_node.asset("shipped") + SPELL, numbers=numbers)
    assert found == [" ".join(english(n)) for n in numbers]
