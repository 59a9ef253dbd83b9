"""The reader of figures, on figures drawn by hand."""

import pytest
from matplotlib.patches import FancyArrowPatch, Rectangle

from snippets.figures.style import (
    CONTEXT,
    FAINT,
    INK,
    KEY,
    QUERY,
    VALUE,
    WEIGHT,
    heat_map,
    new_figure,
    outline,
)
from tests.support.drawn import read, role


def drawing(draw, says="Drawn by hand.", facts=None, panels=1):
    """Return a figure function that lets `draw` draw in its panels."""

    def by_hand():
        figure = new_figure(2.5)
        axes = figure.subplots(1, panels)
        draw(axes)
        return figure, facts or {}

    by_hand.__doc__ = says
    return by_hand


def drawn(draw):
    return read(drawing(draw)).panel


def test_a_colour_is_read_as_its_role():
    colours = {"ink": INK, "faint": FAINT, "query": QUERY, "key": KEY}
    colours |= {"value": VALUE, "context": CONTEXT, "weight": WEIGHT}
    assert {name: role(colour) for name, colour in colours.items()} == {
        name: name for name in colours
    }
    assert role("none") == "none"
    with pytest.raises(ValueError, match="#ff0000 has no role"):
        role("red")


def test_axes_are_read_as_they_can_be_seen():
    def draw(axes):
        axes.plot([1, 4], [10, 1000])
        axes.lines[0].set_color(KEY)
        axes.set_title("A title", loc="left")
        axes.set_xticks([0, 1, 4], ["none", "one", "four"])
        axes.set_xlim(0.5, 5)
        axes.set_xlabel("keys", color=KEY)
        axes.set_yscale("log")
        axes.set_ylim(2000, 5)
        axes.set_ylabel("size")

    panel = drawn(draw)
    assert panel.title == "A title"
    assert panel.x.ticks == [("one", 1), ("four", 4)]
    assert (panel.x.label, panel.x.role, panel.x.ticks_role) == (
        "keys",
        "key",
        "ink",
    )
    assert (panel.y.label, panel.y.scale) == ("size", "log")
    assert (panel.x.limits, panel.y.limits) == ((0.5, 5), (2000, 5))


def test_hidden_axes_have_no_ticks_and_no_label():
    def draw(axes):
        axes.text(0.5, 0.5, "seen")
        axes.set_axis_off()

    panel = drawn(draw)
    assert (panel.x.label, panel.x.ticks, panel.y.ticks) == ("", [], [])
    assert panel.words() == ["seen"]


def test_labels_of_shared_axes_are_read_where_they_stand():
    def by_hand():
        """Drawn by hand."""
        figure = new_figure(2)
        above, below = figure.subplots(2, 1, sharex=True)
        for axes in (above, below):
            axes.axhline(color=KEY)
        below.set_xticks([0, 1], ["a", "b"])
        below.set_ylabel("y")
        return figure

    above, below = read(by_hand).panels
    assert (above.x.labels, below.x.labels) == ([], ["a", "b"])


def test_a_label_belongs_to_the_nearest_line_of_its_colour():
    def draw(axes):
        axes.plot([0, 1], [1, 2], color=KEY)
        axes.plot([0, 1], [8, 9], color=KEY, linestyle=(0, (2, 2)))
        axes.plot([0, 1], [8.5, 9], color=WEIGHT)
        axes.text(0.1, 1.5, "low", color=KEY)
        axes.text(0.1, 7.5, "high", color=KEY)
        axes.text(0.1, 2, "weights", color=WEIGHT)
        axes.text(0.5, 5, "nothing", color=VALUE)
        axes.set(xlabel="x", ylabel="y")

    panel = drawn(draw)
    assert panel.line("low").points == [(0, 1), (1, 2)]
    assert not panel.line("low").dashed
    assert (panel.line("high").y, panel.line("high").dashed) == ([8, 9], True)
    assert panel.line("weights").y == [8.5, 9]
    assert panel.words("key") == ["low", "high"]
    with pytest.raises(ValueError, match="no line has the colour of 'noth"):
        panel.line("nothing")


def test_dots_are_not_joined_and_may_be_alone():
    def draw(axes):
        axes.plot([3], [4], "o", color=KEY)
        axes.plot([3, 4], [5, 5], color=KEY, linewidth=0, marker="o")
        axes.text(3, 4, "a point", color=KEY)
        axes.set(xlabel="x", ylabel="y")

    panel = drawn(draw)
    assert panel.line("a point").points == [(3, 4)]
    assert [line.joined for line in panel.lines] == [False, False]


def test_lines_through_the_whole_panel_are_told_apart():
    def draw(axes):
        axes.axvline(0.3, color=FAINT)
        axes.axhline(0.7, color=INK)
        axes.set(xlabel="x", ylabel="y")

    panel = drawn(draw)
    [upright], [level] = panel.uprights, panel.levels
    assert (upright.x, upright.role) == ([0.3, 0.3], "faint")
    assert (level.y, level.role) == ([0.7, 0.7], "ink")
    assert panel.lines == []


def test_bands_have_a_lower_and_an_upper_edge():
    def draw(axes):
        low, high = [1, 2, 0], [5, 4, 4]
        axes.fill_between([0, 1, 2], low, high, color=KEY, alpha=0.2, lw=0)
        axes.set(xlabel="x", ylabel="y")

    [band] = drawn(draw).bands
    assert (band.role, band.x) == ("key", [0, 1, 2])
    assert (band.low, band.high) == ([1, 2, 0], [5, 4, 4])


def test_bars_are_named_by_the_ticks_below_them():
    def draw(axes):
        axes.bar(["b", "a"], [2, 3], color=WEIGHT)
        axes.set_ylabel("y")

    panel = drawn(draw)
    assert [(bar.label, bar.height, bar.role) for bar in panel.bars] == [
        ("b", 2, "weight"),
        ("a", 3, "weight"),
    ]
    assert panel.boxes == []


def test_boxes_hold_the_text_in_their_middle():
    def draw(axes):
        box = dict(facecolor="none", edgecolor=QUERY)
        axes.add_patch(Rectangle((0, 0.1), 1, 0.8, **box))
        axes.add_patch(Rectangle((1, 0), 1, 1, facecolor=KEY, alpha=0.4))
        axes.text(0.5, 0.5, "in it")
        axes.set_axis_off()

    panel = drawn(draw)
    first, second = panel.boxes
    assert first == (0, 0.1, 1, 0.8, "query", "none", 0)
    assert (second.fill, second.alpha) == ("key", 0.4)
    assert [panel.inside(box) for box in panel.boxes] == ["in it", ""]


def test_arrows_have_a_start_and_an_end():
    def draw(axes):
        style = {"arrowstyle": "->", "color": VALUE}
        axes.annotate("", (0.9, 0.8), (0.1, 0.2), arrowprops=style)
        axes.add_patch(FancyArrowPatch((0, 1), (1, 0), color=CONTEXT))
        axes.annotate("note", (0.5, 0.6), (0, 3), textcoords="offset points")
        axes.set_axis_off()

    panel = drawn(draw)
    assert panel.arrows == [
        ((0.1, 0.2), (0.9, 0.8), "value"),
        ((0, 1), (1, 0), "context"),
    ]
    assert [(text.text, text.place) for text in panel.texts] == [
        ("note", (0.5, 0.6))
    ]


def test_a_heat_map_is_read_by_row_and_column():
    def draw(axes):
        heat_map(axes, [[0.25, 0.5, 0.25], [0, 0.1, 0.9]], "ab", "xyz")
        outline(axes, 1, 2)

    cells = drawn(draw).cells
    assert (cells.rows, cells.columns) == (["a", "b"], ["x", "y", "z"])
    shares = [pytest.approx([0.25, 0.5, 0.25]), pytest.approx([0, 0.1, 0.9])]
    assert cells.shares == shares
    assert cells.printed == [
        ["0.25", "0.50", "0.25"],
        ["0.00", "0.10", "0.90"],
    ]
    assert cells.edges == [["faint"] * 3] * 2
    assert cells.outlined == {(1, 2)}


def cut(axes):
    heat_map(axes, [[0.5, 0.5]], "a", "xy")
    axes.set_xlim(0, 1.5)


def moved(axes):
    heat_map(axes, [[0.5, 0.5]], "a", "xy")
    axes.collections[0]._coordinates = (
        axes.collections[0].get_coordinates() / 2
    )


def recoloured(axes):
    heat_map(axes, [[0.5, 0.5]], "a", "xy")
    axes.collections[0].set_array([[(1.0, 0, 0, 1), (1.0, 0, 0, 1)]])


@pytest.mark.parametrize("draw", [cut, moved, recoloured])
def test_a_heat_map_that_misleads_is_refused(draw):
    with pytest.raises(ValueError, match=r"a heat map|has no role"):
        drawn(draw)


def test_what_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="PathCollection cannot be read"):
        drawn(lambda axes: axes.scatter([1, 2], [3, 4], color=KEY))


def test_the_text_alternative_is_that_of_the_page():
    says = """A line from {start}
    to the end."""

    def draw(axes):
        axes.text(0, 0, "3 words")
        axes.set_axis_off()

    found = read(drawing(draw, says, {"start": "left"}))
    assert found.alternative == "A line from left to the end."
    assert found.facts == {"start": "left"}


def bars(axes, **options):
    axes.bar([0, 1], [2, 3], color=WEIGHT, **options)
    axes.set(xlabel="x", ylabel="y")


FAULTS = {
    "7 is typed": (
        lambda axes: (axes.text(0, 0, "6.99 or 17"), axes.set_axis_off()),
        "It has 7 lines.",
    ),
    "does not start at 0": (lambda axes: bars(axes, bottom=1), ""),
    "axis of the bars": (lambda axes: (bars(axes), axes.set_ylim(1, 4)), ""),
    "lies outside": (
        lambda axes: (
            axes.plot([0, 9], [0, 9], color=KEY),
            axes.set(xlim=(0, 5), xlabel="x", ylabel="y"),
        ),
        "",
    ),
    "the y axis has numbers, but no label": (
        lambda axes: (axes.plot([0, 9], color=KEY), axes.set_xlabel("x")),
        "",
    ),
    "'the queries' has the colour of another: key": (
        lambda axes: (
            axes.text(0, 0, "the queries", color=KEY),
            axes.set_axis_off(),
        ),
        "",
    ),
    "'keys' has the colour of another: value": (
        lambda axes: (
            axes.plot([0, 9], color=KEY),
            axes.set(xticks=[], yticks=[], ylabel="keys"),
            axes.yaxis.label.set_color(VALUE),
        ),
        "",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_no_figure_may_have_is_refused(fault):
    draw, says = FAULTS[fault]
    with pytest.raises(ValueError, match=f"by_hand: .*{fault}"):
        read(drawing(draw, says or "Drawn by hand."))


def test_numbers_may_be_written_with_other_digits():
    def draw(axes):
        axes.text(0, 0, "1.00 of 1,024")
        axes.set_axis_off()

    read(drawing(draw, "It has 1 line and 1024 words."))
