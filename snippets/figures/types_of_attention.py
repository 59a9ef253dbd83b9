"""Types of Attention: what each type does on the same input."""

import math

import torch
from matplotlib.figure import Figure
from torch import Tensor

from snippets.dot_product_attention import DotScore, LocalAttention
from snippets.figures.style import (
    CRIMSON,
    FAINT,
    INK,
    OCHRE,
    QUERY,
    SLATE,
    WEIGHT,
    heat_map,
    new_figure,
    outline,
    spread,
)
from snippets.results.lookup_models import SOURCE, trained

QUERIES = [f"query {i + 1}" for i in range(SOURCE)]
KEYS = [f"word {j + 1}" for j in range(SOURCE)]


def _weights(kind: str) -> tuple[Figure, dict[str, str]]:
    run = trained(kind)
    figure = new_figure(2.3)
    axes = figure.subplots()
    heat_map(axes, run["example"].tolist(), QUERIES, KEYS)
    right = 0
    for i, j in enumerate(run["position"].tolist()):
        outline(axes, i, j)
        right += int(run["example"][i].argmax().item() == j)
    low = run["example"].gather(1, run["position"].unsqueeze(1)).min().item()
    return figure, {"right": f"{right} of {SOURCE}", "low": f"{low:.2f}"}


def dot() -> tuple[Figure, dict[str, str]]:
    """Weights of five queries over five words with the dot score. The word
    that each query asks for is outlined; in {right} rows it has the largest
    weight. Elsewhere the weight is on words that have nothing to do with it.
    """
    return _weights("dot")


def general() -> tuple[Figure, dict[str, str]]:
    """Weights of the same five queries with the trained general score. In
    {right} rows the outlined word, the one asked for, has the largest
    weight; the smallest of these weights is {low}.
    """
    return _weights("general")


def concat() -> tuple[Figure, dict[str, str]]:
    """Weights of the same five queries with the trained concat score. In
    {right} rows the outlined word, the one asked for, has the largest weight.
    """
    return _weights("concat")


def local_p() -> tuple[Figure, dict[str, str]]:
    """Weights of the same five queries with trained local attention. In
    {right} rows the outlined word, the one asked for, has the largest
    weight. No row adds up to one.
    """
    return _weights("local-p")


def additive() -> tuple[Figure, dict[str, str]]:
    """Weights of five queries over five words, additive attention, trained.
    In {right} rows the outlined word, the one asked for, has the largest
    weight; the smallest of these weights is {low}.
    """
    return _weights("additive")


def learning() -> tuple[Figure, dict[str, str]]:
    """The loss of four attentions while they are trained, on a logarithmic
    scale. Their last losses: {last}. Concat, which has no bias, stays
    highest.
    """
    figure = new_figure(2.7)
    axes = figure.subplots()
    last = {}
    colours = {
        "additive": WEIGHT,
        "general": OCHRE,
        "self-attention": SLATE,
        "concat": CRIMSON,
    }
    for kind, colour in colours.items():
        losses = torch.tensor(trained(kind)["losses"])
        smooth = losses.unfold(0, 20, 5).mean(dim=1)  # means of 20 steps
        steps = [20 + 5 * i for i in range(len(smooth))]
        axes.plot(steps, smooth.tolist(), color=colour)
        last[kind] = smooth[-1].item()
    heights = spread([math.log10(loss) for loss in last.values()], 0.26)
    for (kind, colour), height in zip(colours.items(), heights, strict=True):
        axes.text(408, 10**height, kind, color=colour, va="center")
    axes.set_yscale("log")
    axes.set_xlabel("training step")
    axes.set_ylabel("loss")
    axes.set_xlim(0, 560)
    axes.spines["bottom"].set_bounds(0, 400)
    axes.set_xticks([0, 100, 200, 300, 400])
    axes.minorticks_off()
    shown = ", ".join(f"{kind} {loss:.2g}" for kind, loss in last.items())
    return figure, {"last": shown}


def _local_example() -> tuple[LocalAttention, Tensor, Tensor]:
    torch.manual_seed(3)
    attention = LocalAttention(DotScore(), 8, 8, window=3)
    return attention, torch.randn(1, 1, 8), torch.randn(1, 14, 8)


def local() -> tuple[Figure, dict[str, str]]:
    """Local attention over fourteen source words. A curve, highest at the
    predicted position {centre}, falls to both sides; bars, the weights, are
    zero outside three words to each side of it.
    """
    attention, query, outputs = _local_example()
    with torch.no_grad():
        _, weights = attention(query, outputs)
        centre = attention.predict_position(query, outputs.size(1)).item()
    figure = new_figure(2.3)
    axes = figure.subplots()
    axes.bar(range(outputs.size(1)), weights[0, 0].tolist(), color=WEIGHT)
    places = torch.linspace(-0.5, outputs.size(1) - 0.5, 200)
    sigma = attention.window / 2
    bell = torch.exp(-((places - centre) ** 2) / (2 * sigma**2))
    axes.plot(places.tolist(), bell.tolist(), color=QUERY)
    axes.axvline(centre, color=QUERY, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.text(centre + 0.25, 1.04, f"p = {centre:.1f}", color=QUERY)
    for edge in (centre - attention.window, centre + attention.window):
        axes.axvline(edge, color=FAINT, linewidth=0.8)
    axes.text(
        centre + attention.window + 0.2, 0.8, "p + D", color=INK, va="center"
    )
    axes.text(
        centre - attention.window - 0.2,
        0.8,
        "p − D",
        color=INK,
        va="center",
        ha="right",
    )
    axes.set_ylim(0, 1.15)
    axes.set_xlabel("source position")
    axes.set_ylabel("weight")
    return figure, {"centre": f"{centre:.1f}"}
