"""The figure of the reference: what each argument does."""

import torch

from snippets.figures import beyond
from tests.figures.checks import check_grid, softmax_weights
from tests.support.drawn import read

SIZE = 7


def test_each_panel_shows_what_its_argument_does():
    drawn = read(beyond.arguments)
    torch.manual_seed(4)
    query, key = torch.randn(2, 1, 1, SIZE, 16)[:, 0, 0]
    i = torch.arange(SIZE).unsqueeze(1)
    j = torch.arange(SIZE)
    capped = 0.5 * torch.tanh(query @ key.T / 4 / 0.5)
    expected = {
        "no argument": softmax_weights(query, key),
        "is_causal": softmax_weights(query, key, j <= i),
        "offset=3": softmax_weights(query, key, j <= i)[3:],
        "window=(1, 1)": softmax_weights(query, key, (i - j).abs() <= 1),
        "mask": softmax_weights(query, key, (j < 5) & (i >= 0)),
        "mask, added": softmax_weights(query, key, added=-(i - j).abs()),
        "scale=1": softmax_weights(query, key, scale=1.0),
        "softcap=0.5": softmax_weights(query, key, added=capped, scale=0.0),
    }
    numbers = [str(number) for number in range(1, SIZE + 1)]
    panels = {panel.title: panel for panel in drawn.panels}
    assert [*panels] == [*expected, "fewer key heads"]
    for title, weights in expected.items():
        rows = numbers[SIZE - len(weights) :]
        check_grid(panels[title], rows, numbers, weights, weights > 0)
    columns = [panel.y for panel in drawn.panels[:9:3]]
    assert {(axis.label, axis.role) for axis in columns} == {
        ("query", "query")
    }
    below = [panel.x for panel in drawn.panels[6:8]]
    assert {(axis.label, axis.role) for axis in below} == {("key", "key")}
    plain, sharp, soft = (
        f"{expected[title].max():.2f}"
        for title in ("no argument", "scale=1", "softcap=0.5")
    )
    assert f"larger, the largest {sharp} instead of {plain};" in (
        drawn.alternative
    )
    assert f"evens them out, the largest {soft}." in drawn.alternative


def test_two_query_heads_each_share_a_key_head():
    panel = read(beyond.arguments).panels[-1]
    heads = {
        colour: {
            panel.inside(box): box.middle[0]
            for box in panel.boxes
            if box.edge == colour
        }
        for colour in ("query", "key")
    }
    assert [*heads["query"]] == ["1", "2", "3", "4"]
    ways = [
        (number, shared)
        for line in panel.lines
        for number, x in heads["query"].items()
        for shared, end in heads["key"].items()
        if line.x == [x, end]
    ]
    assert ways == [("1", "1"), ("2", "1"), ("3", "2"), ("4", "2")]
    assert panel.text("query heads").role == "query"
    assert panel.text("key heads").role == "key"
