"""Reads a figure back: from what matplotlib has drawn to plain data.

A colour is read as its role, the name that it has in the style of figures;
a place is in the units of the axes.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from matplotlib import colors, lines, patches
from matplotlib.axes import Axes
from matplotlib.axis import Axis as DrawnAxis
from matplotlib.collections import (
    FillBetweenPolyCollection,
    QuadMesh,
)
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.text import Text as DrawnText

from snippets.figures import style
from snippets.machinery.content import present

Point = tuple[float, float]

ROLES = {
    getattr(style, name): name.lower()
    for name in dir(style)
    if getattr(style, name) in [*style.CSS_COLOURS]
}
# What is read of patches and collections; a circle has no data.
READ = (
    FillBetweenPolyCollection,
    QuadMesh,
    patches.Circle,
    patches.FancyArrowPatch,
    patches.FancyBboxPatch,
    patches.Polygon,
    patches.Rectangle,
)
# The four parts of attention, each with a colour of its own.
STEMS = {"query": "quer", "key": "key", "value": "value", "context": "context"}
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def role(colour) -> str:
    """Return the role of a colour, "none" for one that cannot be seen.

    Raises ValueError for a colour that has no role.
    """
    if colors.to_rgba(colour)[3] == 0:
        return "none"
    found = ROLES.get(colors.to_hex(colour))
    if found is None:
        raise ValueError(f"the colour {colors.to_hex(colour)} has no role")
    return found


def numbers(text: str) -> set[float]:
    """Return every number that stands in a text, without its sign."""
    return {float(n.replace(",", "")) for n in NUMBER.findall(text)}


class Text(NamedTuple):
    """A text in the drawing; of an arrow's note, the place it points at."""

    text: str
    place: Point
    role: str
    artist: DrawnText


class Line(NamedTuple):
    """A line or, if it is not joined, dots."""

    points: list[Point]
    role: str
    width: float
    joined: bool
    dashed: bool
    artist: lines.Line2D

    @property
    def x(self) -> list[float]:
        return [x for x, _ in self.points]

    @property
    def y(self) -> list[float]:
        return [y for _, y in self.points]


class Band(NamedTuple):
    """What is filled between two lines."""

    role: str
    x: list[float]
    low: list[float]
    high: list[float]


class Bar(NamedTuple):
    """One bar, with the label of the tick below it."""

    label: str
    place: float
    base: float
    height: float
    role: str


class Box(NamedTuple):
    """A rectangle, by its lower edges; `alpha` is that of its filling."""

    x: float
    y: float
    width: float
    height: float
    edge: str
    fill: str
    alpha: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


class Arrow(NamedTuple):
    """From where to where an arrow points."""

    start: Point
    end: Point
    role: str


class Axis(NamedTuple):
    """One axis: `ticks` are the labels that can be seen, and their places."""

    label: str
    role: str
    scale: str
    limits: Point
    ticks: list[tuple[str, float]]
    ticks_role: str

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in self.ticks]

    @property
    def places(self) -> list[float]:
        return [place for _, place in self.ticks]

    def holds(self, place: float) -> bool:
        """Say whether a place can be seen."""
        low, high = sorted(self.limits)
        return low <= place <= high


class Cells(NamedTuple):
    """A heat map, by rows from above."""

    rows: list[str]
    columns: list[str]
    shares: list[list[float]]
    printed: list[list[str]]
    edges: list[list[str]]
    outlined: set[tuple[int, int]]


class Panel:
    """One axes of a figure and all that is drawn in it."""

    def __init__(self, axes: Axes) -> None:
        titles = (axes.get_title(loc=loc) for loc in ("left", "center"))
        self.title = "".join(titles)
        self.x, self.y = _axis(axes.xaxis), _axis(axes.yaxis)
        self.texts = [_text(text) for text in axes.texts if text.get_text()]
        self.lines: list[Line] = []
        self.uprights: list[Line] = []
        self.levels: list[Line] = []
        for line in axes.lines:
            kind, found = _line(axes, line)
            getattr(self, kind).append(found)
        self.bands = [
            _band(band)
            for band in axes.collections
            if isinstance(band, FillBetweenPolyCollection)
        ]
        self.bars = [
            _bar(patch, self.x.ticks)
            for container in axes.containers
            if isinstance(container, BarContainer)
            for patch in container
        ]
        self.arrows = [*_arrows(axes)]
        in_bars = {id(p) for c in axes.containers for p in c}
        shapes = [p for p in axes.patches if id(p) not in in_bars]
        self.boxes = [
            _box(p) for p in shapes if isinstance(p, patches.Rectangle)
        ]
        self.frames = [
            _box(p) for p in shapes if isinstance(p, patches.FancyBboxPatch)
        ]
        self.polygons = [
            [tuple(xy) for xy in p.get_xy().tolist()]
            for p in shapes
            if isinstance(p, patches.Polygon)
        ]
        meshes = [c for c in axes.collections if isinstance(c, QuadMesh)]
        self.cells = _cells(self, *meshes) if meshes else None
        for artist in (*axes.collections, *shapes, *axes.images):
            if not isinstance(artist, READ):
                raise ValueError(f"{type(artist).__name__} cannot be read")

    def text(self, words: str) -> Text:
        """Return the only text that says this."""
        [found] = [text for text in self.texts if text.text == words]
        return found

    def words(self, role: str | None = None) -> list[str]:
        """Return what all texts say, or those of one role."""
        return [t.text for t in self.texts if role in (None, t.role)]

    def inside(self, box: Box) -> str:
        """Return what stands in the middle of a box."""
        middle = np.array(box.middle)
        [found] = [
            t.text for t in self.texts if np.allclose(t.place, middle)
        ] or [""]
        return found

    def line(self, label: str) -> Line:
        """Return the line that a label belongs to.

        It is the one of the label's colour, the nearest if there are more.
        """
        text = self.text(label)
        same = [line for line in self.lines if line.role == text.role]
        if not same:
            raise ValueError(f"no line has the colour of {label!r}")
        return min(same, key=lambda line: _distance(text.artist, line.artist))

    def said(self) -> Iterator[tuple[str, str]]:
        """Yield all that can be read in the panel, each with its colour."""
        yield self.title, "ink"
        for axis in (self.x, self.y):
            yield axis.label, axis.role
            yield from ((label, axis.ticks_role) for label in axis.labels)
        yield from ((text.text, text.role) for text in self.texts)


class Drawn(NamedTuple):
    """A figure as data, with the facts and the text alternative it has."""

    panels: list[Panel]
    facts: dict[str, str]
    alternative: str

    @property
    def panel(self) -> Panel:
        """The only panel."""
        [panel] = self.panels
        return panel


def read(function: Callable[[], Figure | tuple[Figure, dict]]) -> Drawn:
    """Draw a figure as a page does, and read it back.

    Raises ValueError for what no figure may have: a number typed in the text
    alternative that does not stand in the drawing, a query, key, value or
    context in the colour of another, a point that cannot be seen, a bar or
    its axis that does not start at 0, an axis of numbers without a label.
    """
    result = function()
    figure, facts = result if isinstance(result, tuple) else (result, {})
    shown = present((figure, facts), function, function.__name__)
    panels = [Panel(axes) for axes in figure.axes]
    drawn = Drawn(panels, facts, shown["figure"]["alt"])
    for fault in faults(drawn, inspect.getdoc(function) or ""):
        raise ValueError(f"{function.__name__}: {fault}")
    return drawn


def faults(drawn: Drawn, template: str) -> Iterator[str]:
    """Yield what no figure may have."""
    typed = numbers(re.sub(r"\{.*?\}", "", template))
    seen = {
        number
        for panel in drawn.panels
        for text, _ in panel.said()
        for number in numbers(text)
    }
    for number in sorted(typed - seen):
        yield f"{number:g} is typed, and does not stand in the drawing"
    for panel in drawn.panels:
        for text, colour in panel.said():
            named = {part for part in STEMS if STEMS[part] in text.lower()}
            if named and colour in STEMS and colour not in named:
                yield f"{text!r} has the colour of another: {colour}"
        tops = [(bar.place, bar.height) for bar in panel.bars]
        for x, y in sum((line.points for line in panel.lines), tops):
            if panel.x.ticks and not (panel.x.holds(x) and panel.y.holds(y)):
                yield f"({x:g}, {y:g}) lies outside of what can be seen"
        if any(bar.base for bar in panel.bars):
            yield "a bar does not start at 0"
        if panel.bars and panel.y.limits[0] != 0:
            yield "the axis of the bars does not start at 0"
    for name in ("x", "y"):
        axes = [getattr(p, name) for p in drawn.panels if not p.cells]
        numbered = [
            label
            for axis in axes
            for label in axis.labels
            if NUMBER.fullmatch(label)
        ]
        if numbered and not any(axis.label for axis in axes):
            yield f"the {name} axis has numbers, but no label"


def _axis(axis: DrawnAxis) -> Axis:
    low, high = map(float, axis.get_view_interval())
    found = Axis("", "none", axis.get_scale(), (low, high), [], "none")
    if not axis.axes.axison:
        return found
    sides = ("labelbottom", "labeltop", "labelleft", "labelright")
    settings = axis.get_tick_params()
    places = map(float, axis.get_majorticklocs())
    labels = axis.get_major_formatter().format_ticks(axis.get_majorticklocs())
    shown = any(settings.get(side) for side in sides)
    ticks = [
        (label, place)
        for label, place in zip(labels, places, strict=True)
        if shown and label and found.holds(place)
    ]
    label = axis.get_label()
    roles = {role(tick.get_color()) for tick in axis.get_majorticklabels()}
    return found._replace(
        label=label.get_text(),
        role=role(label.get_color()),
        ticks=ticks,
        ticks_role=" ".join(sorted(roles)),
    )


def _text(text: DrawnText) -> Text:
    place = text.get_position()
    if isinstance(text, Annotation):
        place = text.xy
    x, y = map(float, place)
    return Text(text.get_text(), (x, y), role(text.get_color()), text)


def _line(axes: Axes, line: lines.Line2D) -> tuple[str, Line]:
    """Return a line, and whether it runs through the whole panel."""
    in_x, in_y = line.get_transform().contains_branch_seperately(
        axes.transData
    )
    points = [(float(x), float(y)) for x, y in line.get_xydata()]
    found = Line(
        points,
        role(line.get_color()),
        line.get_linewidth(),
        line.get_linestyle() != "None" and line.get_linewidth() > 0,
        line.is_dashed(),
        line,
    )
    kinds = {(True, True): "lines", (True, False): "uprights"}
    return kinds.get((in_x, in_y), "levels"), found


def _band(band: FillBetweenPolyCollection) -> Band:
    [path] = band.get_paths()
    heights: dict[float, list[float]] = {}
    for x, y in path.vertices.tolist():
        heights.setdefault(x, []).append(y)
    x = sorted(heights)
    low, high = ([f(heights[place]) for place in x] for f in (min, max))
    return Band(role(band.get_facecolor()[0]), x, low, high)


def _bar(bar: patches.Rectangle, ticks: list[tuple[str, float]]) -> Bar:
    place = bar.get_x() + bar.get_width() / 2
    near = sorted(ticks, key=lambda tick: abs(tick[1] - place))
    label = near[0][0] if near else ""
    return Bar(
        label,
        float(place),
        float(bar.get_y()),
        float(bar.get_height()),
        role(bar.get_facecolor()),
    )


def _box(box: patches.Rectangle | patches.FancyBboxPatch) -> Box:
    fill = box.get_facecolor()
    return Box(
        float(box.get_x()),
        float(box.get_y()),
        float(box.get_width()),
        float(box.get_height()),
        role(box.get_edgecolor()),
        role(fill),
        fill[3],
    )


def _arrows(axes: Axes) -> Iterator[Arrow]:
    for text in axes.texts:
        if isinstance(text, Annotation) and text.arrow_patch:
            colour = role(text.arrow_patch.get_edgecolor())
            yield Arrow(text.get_position(), text.xy, colour)
    for patch in axes.patches:
        if isinstance(patch, patches.FancyArrowPatch):
            start, end = patch._posA_posB
            colour = role(patch.get_edgecolor())
            yield Arrow(tuple(start), tuple(end), colour)


def _cells(panel: Panel, mesh: QuadMesh) -> Cells:
    corners = mesh.get_coordinates()
    count, width = (size - 1 for size in corners.shape[:2])
    shares = np.asarray(mesh.get_array()).reshape(count, width, 4)
    grid = np.meshgrid(range(width + 1), range(count + 1))
    if not np.array_equal(corners, np.stack(grid, axis=-1)):
        raise ValueError("a heat map whose cells are not of size 1")
    if {role((*rgba[:3], 1)) for rgba in shares.reshape(-1, 4)} != {"fill"}:
        raise ValueError("a heat map in another colour than that of cells")
    inside = zip((panel.x, panel.y), (width, count), strict=True)
    if not all(axis.holds(0) and axis.holds(end) for axis, end in inside):
        raise ValueError("a heat map whose cells are cut off")
    edges = [role(colour) for colour in mesh.get_edgecolors()]
    edges *= 1 if len(edges) == count * width else count * width
    places = {t.place: t.text for t in panel.texts}
    outlined = {
        (round(box.y - 0.05), round(box.x - 0.05))
        for box in panel.boxes
        if (box.edge, box.fill) == ("ink", "none")
    }
    return Cells(
        _labels(panel.y.ticks, count),
        _labels(panel.x.ticks, width),
        (shares[..., 3] ** (1 / 0.7)).tolist(),
        [
            [places.get((j + 0.5, i + 0.5), "") for j in range(width)]
            for i in range(count)
        ],
        [edges[i * width : (i + 1) * width] for i in range(count)],
        outlined,
    )


def _labels(ticks: list[tuple[str, float]], count: int) -> list[str]:
    """Return the label at the middle of each cell."""
    places = {place: label for label, place in ticks}
    return [places.get(i + 0.5, "") for i in range(count)]


def _distance(text: DrawnText, line: lines.Line2D) -> float:
    """Return how far a text is from a line, in pixels."""
    box = text.get_window_extent()
    path = line.get_transform().transform(line.get_xydata())
    steps = np.linspace(0, 1, 50)[:, None, None]
    between = path[:-1] + steps * (path[1:] - path[:-1])
    points = np.concatenate([path, between.reshape(-1, 2)])
    inside = np.clip(points, (box.x0, box.y0), (box.x1, box.y1))
    return float(np.linalg.norm(points - inside, axis=1).min())
