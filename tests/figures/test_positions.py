"""The figures of Positions against the formulas."""

import math

import torch

from snippets.figures import positions
from snippets.positions import LearnedPositions
from tests.figures.checks import check_cells, near, softmax_weights
from tests.support.drawn import Box, Panel, read


def test_the_weights_move_with_the_words():
    drawn = read(positions.order)
    generator = torch.Generator().manual_seed(5)
    size = 64
    vectors = torch.randn(3, size, generator=generator)
    project = torch.randn(2, size, size, generator=generator) / 8
    of_word = dict(zip(("bites", "dog", "man"), vectors, strict=True))
    shown = set()
    for panel, sentence in zip(
        drawn.panels, ("dog bites man", "man bites dog"), strict=True
    ):
        words = sentence.split()
        sequence = torch.stack([of_word[word] for word in words])
        weights = softmax_weights(*(sequence @ matrix for matrix in project))
        check_cells(panel.cells, words, words, weights)
        [outlined] = panel.cells.outlined
        assert [words[place] for place in outlined] == ["bites", "dog"]
        shown.add(panel.cells.printed[outlined[0]][outlined[1]])
    [dog] = shown
    assert f"gives dog the weight {dog} in both" in drawn.alternative


def named_at(panel: Panel, place) -> str:
    """Return the text that stands at a place."""
    [found] = [text.text for text in panel.texts if text.place == place]
    return found


def framed(panel: Panel, frame: Box) -> set[str]:
    """Return what stands within a frame."""
    return {
        text.text
        for text in panel.texts
        if 0 < text.place[0] - frame.x < frame.width
        and 0 < text.place[1] - frame.y < frame.height
    }


def test_each_kind_of_positions_has_its_place():
    panel = read(positions.places).panel
    ways = {
        (named_at(panel, arrow.start), named_at(panel, arrow.end))
        for arrow in panel.arrows
    }
    assert ways == {
        ("word's vector", "value"),
        ("word's vector", "query"),
        ("word's vector", "key"),
        ("query", "score"),
        ("key", "score"),
        ("score", "weights"),
        ("weights", "context"),
        ("value", "context"),
    }
    frames = {frame.edge for frame in panel.frames}
    assert {arrow.role for arrow in panel.arrows} | frames == {"faint"}
    kinds = {}
    for frame in panel.frames:
        [note] = [
            text.text
            for text in panel.texts
            if text.place[1] == near(frame.middle[1]) and text.place[0] > 4.7
        ]
        kinds[note.split(":")[0]] = framed(panel, frame)
    assert kinds == {
        "sinusoidal, learned": {"word's vector"},
        "RoPE": {"query", "key"},
        "ALiBi": {"score"},
    }
    roles = {text.text: text.role for text in panel.texts}
    for part in ("query", "key", "value", "context"):
        assert roles[part] == part
    assert roles["weights"] == "weight"


def test_each_hand_turns_at_its_own_speed():
    drawn = read(positions.clocks)
    speeds = [1.0, 0.1, 0.01, 0.001]
    titles = [panel.title for panel in drawn.panels]
    assert titles == [f"{speed:g} rad" for speed in speeds]
    for panel, speed in zip(drawn.panels, speeds, strict=True):
        hands = [line for line in panel.lines if len(line.points) == 2]
        ends = [[math.cos(p * speed), math.sin(p * speed)] for p in range(7)]
        assert [[*hand.points[1]] for hand in hands] == [
            near(end) for end in ends
        ]
        assert {hand.points[0] for hand in hands} == {(0, 0)}
        roles = [hand.role for hand in hands]
        assert roles == ["faint"] * 6 + ["weight"]
        tips = [line for line in panel.lines if len(line.points) == 1]
        assert [tip.points[0] for tip in tips] == [h.points[1] for h in hands]
    assert (
        "positions 0 to 6. From one position to the next the hands move by "
        f"{', '.join(f'{speed:g}' for speed in speeds)} radians"
    ) in drawn.alternative


SIZE, FIRST, SECOND, REACH = 64, 100, 300, 60
STEPS = range(-REACH, REACH + 1)
SPEEDS = torch.tensor([10000 ** (-2 * m / SIZE) for m in range(SIZE // 2)])


def waves(sizes: torch.Tensor, shift: int = 0) -> list[float]:
    """Add up a cosine of the distance for each pair of features."""
    return [
        (sizes * torch.cos((step - shift) * SPEEDS)).sum().item() / SIZE**0.5
        for step in STEPS
    ]


def check_profiles(panel: Panel, expected: dict[str, list[float]]) -> None:
    """Compare lines by colour; the dots lie on each of them in turn."""
    lines = [line for line in panel.lines if line.joined]
    dots = [line for line in panel.lines if not line.joined]
    assert [line.role for line in lines] == [*expected]
    assert {line.role for line in dots} == {"ink"}
    for line, dot, values in zip(lines, dots, expected.values(), strict=True):
        assert line.x == [*STEPS]
        assert line.y == near(values)
        assert dot.x == [*STEPS[::10]]
        assert dot.y == near(values[::10])


def test_three_kinds_see_only_the_distance():
    drawn = read(positions.distance)
    sine, learned, rope, alibi = drawn.panels
    assert [panel.title for panel in drawn.panels] == [
        "sinusoidal, added",
        "learned, untrained",
        "RoPE, two queries",
        "ALiBi, two heads",
    ]
    ones = torch.ones(SIZE // 2)
    check_profiles(sine, {"weight": waves(ones)})

    torch.manual_seed(0)
    length = SECOND + REACH + 1
    table = LearnedPositions(length, SIZE)(length).detach()
    line, dots = learned.lines
    for query, drawn_line, steps in (
        (FIRST, line, STEPS),
        (SECOND, dots, STEPS[::10]),
    ):
        near_by = table[[query + step for step in steps]]
        assert drawn_line.x == [*steps]
        assert drawn_line.y == near((near_by @ table[query] / 8).tolist())
    assert line.joined and not dots.joined

    first, second = torch.randn(2, SIZE // 2)  # features of a pair
    energy = first**2 + second**2
    check_profiles(
        rope, {"weight": waves(energy), "ochre": waves(energy, shift=-30)}
    )
    slopes = {"1/4": ("weight", 1 / 4), "1/16": ("ochre", 1 / 16)}
    check_profiles(
        alibi,
        {
            role: [-abs(s) * slope for s in STEPS]
            for role, slope in slopes.values()
        },
    )
    assert {text.text: text.role for text in alibi.texts} == {
        name: role for name, (role, _) in slopes.items()
    }
    for panel in (rope, alibi):
        assert panel.x.label == "distance"
        places = [float(label.replace("−", "-")) for label in panel.x.labels]
        assert places == panel.x.places == [-REACH, -30, 0, 30, REACH]
    assert sine.y.label == rope.y.label == "score"
    assert f"at position {FIRST}, dots for one at {SECOND}" in (
        drawn.alternative
    )
    assert rope.lines[2].x[rope.lines[2].y.index(max(rope.lines[2].y))] == -30
    assert "at -30 for another that looks back" in drawn.alternative
