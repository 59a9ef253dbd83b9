"""The figures of Multi-Query and Grouped-Query Attention."""

from snippets.figures import grouped_query
from tests.support.drawn import Panel, read

HEADS = range(4)


def boxes_of(panel: Panel, colour: str) -> dict[float, bool]:
    """Return the middles of the boxes of a colour, and which are filled."""
    return {
        round(box.middle[0], 2): box.fill == colour
        for box in panel.boxes
        if box.edge == colour
    }


def ways(panel: Panel) -> set[tuple[float, float]]:
    return {(line.x[0], line.x[1]) for line in panel.lines}


def test_query_heads_share_what_they_are_said_to_share():
    *panels, latent = read(grouped_query.sharing).panels
    groups = {
        "multi-head": [[0], [1], [2], [3]],
        "grouped-query": [[0, 1], [2, 3]],
        "multi-query": [[0, 1, 2, 3]],
    }
    assert [panel.title for panel in panels] == [*groups]
    for panel, members in zip(panels, groups.values(), strict=True):
        middles = {sum(group) / len(group): group for group in members}
        assert boxes_of(panel, "query") == dict.fromkeys(HEADS, True)
        for colour, aside in (("key", -0.18), ("value", 0.18)):
            assert boxes_of(panel, colour) == {
                round(middle + aside, 2): True for middle in middles
            }
        assert ways(panel) == {
            (head, middle)
            for middle, group in middles.items()
            for head in group
        }
        assert {line.role for line in panel.lines} == {"faint"}
    assert latent.title == "latent"
    assert boxes_of(latent, "query") == dict.fromkeys(HEADS, True)
    for colour, aside in (("key", -0.18), ("value", 0.18)):
        pairs = {round(head + aside, 2): False for head in HEADS}
        assert boxes_of(latent, colour) == pairs
    assert boxes_of(latent, "weight") == {1.5: True}
    assert ways(latent) == {(h, h) for h in HEADS} | {(h, 1.5) for h in HEADS}


def test_the_colours_of_the_heads_are_explained():
    panels = read(grouped_query.sharing).panels
    named = {t.text: t.role for panel in panels for t in panel.texts}
    assert named == {part: part for part in ("query", "key", "value")}


def test_each_model_stands_at_its_bytes_and_its_loss(monkeypatch):
    found = {
        "1 key head": (100, 0.41),
        "2 key heads": (200, 0.32),
        "4 key heads": (400, 0.23),
        "latent": (50, 0.14),
    }
    monkeypatch.setattr(
        grouped_query, "measured", lambda name, *_: {"loss": found[name][1]}
    )
    monkeypatch.setattr(
        grouped_query, "cached_bytes", lambda name: found[name][0]
    )
    drawn = read(grouped_query.quality)
    panel = drawn.panel
    assert {text.text: text.place for text in panel.texts} == found
    heads, latent = panel.line("1 key head"), panel.line("latent")
    *three, last = found.values()
    assert (heads.role, heads.points) == ("ochre", three)
    assert (latent.role, latent.points) == ("weight", [last])
    assert panel.y.limits[0] == 0
    assert panel.x.label == "bytes cached per position"
    assert panel.y.label == "loss on unseen numbers"
    assert panel.x.ticks == [(str(n), n) for n in (0, 100, 200, 400)]
    assert panel.y.limits[1] > 0.41
    points = [
        f"{n}: {size} bytes, {loss:.3f}" for n, (size, loss) in found.items()
    ]
    assert "; ".join(points) in drawn.alternative
