"""What the tests of several figures share."""

from collections.abc import Iterable, Sequence
from itertools import chain

import pytest
import torch
from torch import Tensor

from tests.support.drawn import Box, Cells, Panel


def near(expected) -> object:
    """Return what equals these numbers, but for rounding in float32."""
    return pytest.approx(expected, rel=1e-4, abs=1e-5)


def softmax_weights(
    query: Tensor,
    key: Tensor,
    allowed: Tensor | None = None,
    added: Tensor | float = 0.0,
    scale: float | None = None,
) -> Tensor:
    """Return weights (target, source) of vectors, without the project's code.

    A row that may attend nothing has no weight.
    """
    scale = query.size(-1) ** -0.5 if scale is None else scale
    score = query @ key.T * scale + added
    if allowed is None:
        allowed = torch.ones_like(score)
    exponentials = score.exp() * allowed
    return exponentials / exponentials.sum(dim=1, keepdim=True).clamp(1e-30)


def check_cells(
    cells: Cells,
    rows: Iterable[str],
    columns: Iterable[str],
    weights: Tensor | Sequence[Sequence[float]],
    printed: bool = True,
) -> None:
    """Compare the cells of a heat map, and the numbers in them."""
    expected = torch.as_tensor(weights).tolist()
    assert (cells.rows, cells.columns) == ([*rows], [*columns])
    for shares, weights_of_row in zip(cells.shares, expected, strict=True):
        assert shares == near(weights_of_row)
    assert cells.printed == [
        [f"{weight:.2f}" if printed else "" for weight in row]
        for row in expected
    ]


def check_grid(
    panel: Panel,
    rows: Iterable[str],
    columns: Iterable[str],
    weights: Tensor,
    allowed: Tensor,
) -> None:
    """Compare a grid: a box where attention is allowed, else a dot."""
    assert panel.cells
    check_cells(panel.cells, rows, columns, weights, printed=False)
    assert panel.cells.edges == [
        ["faint" if may else "none" for may in row]
        for row in allowed.bool().tolist()
    ]
    dots = [line for line in panel.lines if not line.joined]
    assert [point for dot in dots for point in dot.points] == [
        (j + 0.5, i + 0.5) for i, j in (allowed == 0).nonzero().tolist()
    ]


def stretched(values: Iterable[float]) -> list[float]:
    """Return values moved and stretched to run from 0 to 1.

    A line is as wide as a weight is large if both are alike after this.
    """
    values = [*values]
    low, high = min(values), max(values)
    return [(value - low) / (high - low) for value in values]


def grids(boxes: Iterable[Box]) -> list[tuple[str, float, float, int, int]]:
    """Join boxes that touch to matrices, in the order of their drawing.

    Returns of each its colour, its left and upper edge, rows and columns.
    """
    groups: list[list[Box]] = []
    for box in boxes:
        beside = [g for g in groups if any(_touch(box, other) for other in g)]
        groups = [group for group in groups if group not in beside]
        groups.append([*chain(*beside), box])
    found = []
    for group in groups:
        [colour] = {box.edge for box in group}
        rows = {round(box.y, 6) for box in group}
        columns = {round(box.x, 6) for box in group}
        assert len(group) == len(rows) * len(columns)
        found.append(
            (colour, min(columns), min(rows), len(rows), len(columns))
        )
    return found


def _touch(one: Box, other: Box) -> bool:
    aside = round(abs(one.x - other.x), 6)
    down = round(abs(one.y - other.y), 6)
    return one.edge == other.edge and sorted((aside, down)) in (
        [0, round(one.width, 6)],
        [0, round(one.height, 6)],
    )
