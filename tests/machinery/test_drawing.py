"""Figures as they stand in pages, alone, and with a link."""

from xml.etree.ElementTree import fromstring

import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from snippets.machinery import drawing

SVG = """\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg>
<svg xmlns:xlink="x" width="9pt" height="9pt" viewBox="0 0 9 9" version="1">
 <metadata><a/></metadata>
 <!-- a comment -->
 <defs><clipPath id="p1"/><path id="m1" d="M 0.123456 2.5
L -3.999999 4"/></defs>
 <g clip-path="url(#p1)" style="fill: #0072B2; stroke: #010101">
  <use xlink:href="#m1"/>
 </g>
</svg>
"""


def test_svg_is_adapted_to_a_page():
    colours = {"#0072b2": "var(--query)", "#010101": "currentColor"}
    name = "snippets.figures.steps.first"
    assert drawing.adapt(SVG, name, colours) == (
        '<svg viewBox="0 0 9 9">'
        '<defs><clipPath id="steps-first-p1"/>'
        '<path id="steps-first-m1" d="M 0.12 2.5 L -4.00 4"/></defs>'
        '<g clip-path="url(#steps-first-p1)" '
        'style="fill: var(--query); stroke: currentColor">'
        '<use href="#steps-first-m1"/></g></svg>'
    )


def test_label_of_a_tick_that_is_not_drawn_is_not_clipped():
    figure = Figure(figsize=(4, 2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1])  # matplotlib makes ticks at -0.2 and 1.2 as well
    drawing.draw(figure, "figures.line")


def test_text_stays_text_and_has_its_length():
    figure = Figure(figsize=(4, 2))
    figure.text(0.1, 0.5, "a word\nand more of them", fontsize=9)
    figure.text(0.1, 0.9, "$x^2$", fontsize=9)
    svg = drawing.draw(figure, "figures.words")
    texts = BeautifulSoup(svg, "html.parser").find_all("text")
    formula = "".join(texts[-1].get_text().split())
    assert [t.get_text() for t in texts[:-1]] == ["a word", "and more of them"]
    assert formula == "x2"
    short, long = (float(text["textlength"]) for text in texts[:-1])
    assert 20 < short < 40 < long < 100
    assert "font-family" not in svg


@pytest.mark.parametrize(
    "place", [(-0.1, 0.5), (1, 0.5), (0.5, -0.1), (0.5, 1)], ids=str
)
def test_a_text_that_leaves_the_canvas_is_refused(place):
    figure = Figure(figsize=(4, 2))
    figure.text(0.5, 0.5, "inside")
    drawing.draw(figure, "figures.line")
    figure.text(*place, "outside")
    with pytest.raises(ValueError, match="'outside' is clipped"):
        drawing.draw(figure, "figures.line")


DRAWN = (
    '<svg viewBox="0 0 9 4.5">'
    '<path style="fill: var(--key); stroke: currentColor"/></svg>'
)


@pytest.fixture
def light(monkeypatch):
    """The light colours of a style sheet."""
    known = {
        "--key": "#a84a00",
        "--weight": "#2f4fb0",
        "--md-default-fg-color": "#202124",
    }
    monkeypatch.setattr(drawing, "light", lambda: known)


def test_a_figure_alone_has_colours_ground_and_title(light):
    alone = drawing.alone(DRAWN, 'A < "B"')
    assert fromstring(alone).attrib == {
        "viewBox": "0 0 9 4.5",
        "width": "9pt",
        "height": "4.5pt",
        "fill": "#202124",
        "font-family": drawing.FONTS,
        "font-size": "9",
    }
    assert alone.count('<title>A &lt; "B"</title>') == 1
    assert '<rect width="9" height="4.5" fill="#fff"/><path' in alone
    assert 'style="fill: #a84a00; stroke: #202124"' in alone
    assert "var(" not in alone


def test_light_colours_are_those_of_the_style_sheet():
    assert drawing.light()["--key"].startswith("#")
    styles = "a { --key: light-dark(#a84a00, #f0a060); --other: 3px; }"
    assert drawing._light(styles) == {"--key": "#a84a00"}


def test_logo_shows_the_weights(light):
    logo = drawing.logo([[1, 0], [0.25, 0.75]])
    root = fromstring(logo)
    assert root[0].text == "An attention pattern"
    assert root[1].get("fill") == "#2f4fb0"
    cells = [cell.attrib for cell in root[2]]
    assert [cell["fill-opacity"] for cell in cells] == ["1", "0.25", "0.75"]
    assert [cell["x"] for cell in cells] == ["0.5", "0.5", "8"]


def test_a_picture_has_one_size_and_always_the_same_bytes():
    def drawn(width: float) -> str:
        figure = Figure(figsize=(width, 6.3), dpi=100)
        figure.text(0.5, 0.5, "a")
        return drawing.encode(figure)

    assert drawn(12) == drawn(12)
    with pytest.raises(ValueError, match=r"\(1100, 630\)"):
        drawn(11)
