"""Multi-Query and Grouped-Query Attention: who shares what, at what price."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from snippets.figures.style import (
    FAINT,
    KEY,
    OCHRE,
    QUERY,
    VALUE,
    WEIGHT,
    new_figure,
)
from snippets.results.sharing import cached_bytes, measured

HEADS = 4


def _box(
    axes: Axes, x: float, y: float, width: float, colour: str, fill: bool
) -> None:
    axes.add_patch(
        Rectangle(
            (x - width / 2, y - 0.16),
            width,
            0.32,
            facecolor=colour if fill else "none",
            edgecolor=colour,
            linewidth=1.2,
        )
    )


def _pair(axes: Axes, x: float, y: float, fill: bool) -> None:
    _box(axes, x - 0.18, y, 0.32, KEY, fill)
    _box(axes, x + 0.18, y, 0.32, VALUE, fill)


def _line(axes: Axes, start: float, top: float, end: float, low: float):
    axes.plot([start, end], [top, low], color=FAINT, linewidth=1.0)


def _heads(axes: Axes, key_heads: int, title: str) -> None:
    group = HEADS // key_heads
    for shared in range(key_heads):
        centre = shared * group + (group - 1) / 2
        for head in range(shared * group, (shared + 1) * group):
            _box(axes, head, 1.0, 0.5, QUERY, True)
            _line(axes, head, 0.84, centre, 0.16)
        _pair(axes, centre, 0.0, True)
    axes.set_title(title, y=-0.14)


def sharing() -> Figure:
    """Four panels with four query heads each. Multi-head: each has a filled
    key and value of its own. Grouped-query: two neighbours share one pair.
    Multi-query: all four share one pair. Latent: each has a pair again, but
    only outlined; all pairs come from one filled box, the latent, which is
    all that is cached.
    """
    figure = new_figure(3.5)
    panels = figure.subplots(2, 2)
    for axes, key_heads, title in (
        (panels[0, 0], 4, "multi-head"),
        (panels[0, 1], 2, "grouped-query"),
        (panels[1, 0], 1, "multi-query"),
    ):
        _heads(axes, key_heads, title)
    axes = panels[1, 1]
    for head in range(HEADS):
        _box(axes, head, 1.0, 0.5, QUERY, True)
        _line(axes, head, 0.84, head, 0.71)
        _pair(axes, head, 0.55, False)
        _line(axes, head, 0.39, HEADS / 2 - 0.5, 0.16)
    _box(axes, HEADS / 2 - 0.5, 0.0, 1.4, WEIGHT, True)
    axes.set_title("latent", y=-0.14)
    for axes in panels.flat:
        axes.set_xlim(-0.5, HEADS - 0.5)
        axes.set_ylim(-0.3, 1.3)
        axes.set_axis_off()
    panels[0, 0].text(-0.25, 1.25, "query", color=QUERY)
    panels[1, 0].text(1.1, 0, "key", color=KEY, ha="right", va="center")
    panels[1, 0].text(1.9, 0, "value", color=VALUE, va="center")
    return figure


def quality() -> tuple[Figure, dict[str, str]]:
    """Loss on unseen numbers over the bytes that are cached per position,
    four trained models. {points}.
    """
    figure = new_figure(2.6)
    axes = figure.subplots()
    names = ["1 key head", "2 key heads", "4 key heads"]
    sizes = [cached_bytes(name) for name in names]
    losses = [measured(name)["loss"] for name in names]
    axes.plot(sizes, losses, color=OCHRE, marker="o", markersize=5)
    for name, size, loss in zip(names, sizes, losses, strict=True):
        axes.annotate(
            name,
            (size, loss),
            xytext=(6, 6),
            textcoords="offset points",
            color=OCHRE,
        )
    size, loss = cached_bytes("latent"), measured("latent")["loss"]
    axes.plot([size], [loss], color=WEIGHT, marker="s", markersize=5)
    axes.annotate(
        "latent",
        (size, loss),
        xytext=(6, 6),
        textcoords="offset points",
        color=WEIGHT,
    )
    axes.set_xlim(0, 480)
    axes.set_ylim(0, max(*losses, loss) * 1.25)
    axes.set_xticks([0, *sizes])
    axes.set_xlabel("bytes cached per position")
    axes.set_ylabel("loss on unseen numbers")
    points = [
        f"{name}: {cached_bytes(name)} bytes, {measured(name)['loss']:.3f}"
        for name in (*names, "latent")
    ]
    return figure, {"points": "; ".join(points)}
