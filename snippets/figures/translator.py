"""The trained translator: accuracy by length, alignments, learning."""

import torch
from matplotlib.figure import Figure

from snippets.claims import record
from snippets.figures import lengths
from snippets.figures.style import (
    FAINT,
    KEY,
    OCHRE,
    QUERY,
    WEIGHT,
    heat_map,
    new_figure,
    outline,
)
from snippets.results.measured import measured, translator
from snippets.results.trainings import COMPARED
from snippets.results.translator import (
    EXAMPLE,
    LONGER,
    RECORDED,
    average,
    garbled_number,
)
from snippets.translator.evaluation import translate
from snippets.translator.number_words import LENGTH_BINS, alignment, english


def accuracy() -> tuple[Figure, dict[str, str]]:
    """Exact match by length of the number, six bins from 1 to 30 words. With
    attention: {attention} percent. With a fixed vector at equal training
    time: {fixed} percent. With four times the steps, in the mean of other
    starts: {longer} percent.
    """
    figure = new_figure(2.9)
    axes = figure.subplots()
    runs = {name: average(name) for name in COMPARED}
    longer = [
        100 * record.middle(RECORDED, f"{LONGER}, {low} to {high}")
        for low, high in LENGTH_BINS
    ]
    axes.plot(
        range(len(longer)), longer, color=OCHRE, linestyle=(0, (2, 2)), lw=1.3
    )
    for (name, run), colour in zip(runs.items(), (WEIGHT, OCHRE), strict=True):
        lengths.draw(axes, run, colour, lengths.others(RECORDED, name))
    lengths.label_axes(axes)
    axes.text(0.1, 104, "attention", color=WEIGHT, va="center")
    axes.text(0.05, 38, "fixed vector,\nequal time", color=OCHRE, va="center")
    axes.text(3.55, 62, "fixed vector,\nfour times\nthe steps", color=OCHRE)
    return figure, {
        "attention": lengths.listed(lengths.shares(runs["attention"])),
        "fixed": lengths.listed(lengths.shares(runs["fixed vector"])),
        "longer": lengths.listed(longer),
    }


def too_long() -> tuple[Figure, dict[str, str]]:
    """Exact match by length after training on at most 16 words. With
    attention: {attention} percent; with a fixed vector: {fixed} percent. Both
    fall where the numbers are longer than any they have seen.
    """
    figure = new_figure(2.6)
    axes = figure.subplots()
    runs = {kind: average(f"{kind}, at most 16 words") for kind in COMPARED}
    lengths.draw(axes, runs["fixed vector"], OCHRE)
    lengths.draw(axes, runs["attention"], WEIGHT)
    lengths.label_axes(axes)
    axes.axvline(2.7, color=FAINT, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.text(2.78, 64, "longer than\nany seen", va="top")
    axes.text(0.05, 108, "attention", color=WEIGHT, va="top")
    axes.text(0.2, 56, "fixed vector", color=OCHRE, va="bottom")
    return figure, {
        "attention": lengths.listed(lengths.shares(runs["attention"])),
        "fixed": lengths.listed(lengths.shares(runs["fixed vector"])),
    }


def _alignment(number: int) -> tuple[Figure, dict[str, str]]:
    model = translator("attention")
    [(morphemes, weights)] = translate(model, [number])
    words = english(number)
    places = alignment(number)
    cell = 0.27 if len(words) > 8 else 0.36
    figure = new_figure(1.0 + cell * len(morphemes))
    axes = figure.subplots()
    heat_map(axes, weights.tolist(), morphemes, words, numbers=False)
    axes.set_xticks(axes.get_xticks(), words, rotation=90)
    right = 0
    for row, place in enumerate(places):
        if place is None:
            continue
        right += int(weights[row].argmax().item() == place)
        outline(axes, row, place)
    count = sum(place is not None for place in places)
    return figure, {
        "right": f"{right} of {count}",
        "english": " ".join(words),
        "german": " ".join(morphemes),
    }


def crossing() -> tuple[Figure, dict[str, str]]:
    """Weights while the network translates "{english}" into "{german}". In
    {right} rows the largest weight is on the outlined cell, the true source
    word; where units and tens change places, the cells cross.
    """
    return _alignment(EXAMPLE)


def long_alignment() -> tuple[Figure, dict[str, str]]:
    """Weights for a long number, "{english}". In {right} rows the largest
    weight is on the outlined cell, the true source word; the cells run down
    the diagonal and swap places at each pair of tens and units.
    """
    return _alignment(garbled_number())


def introduction() -> tuple[Figure, dict[str, str]]:
    """Lines from English words below to German morphemes above, as wide as
    the learnt attention weight: "{english}" becomes "{german}". The lines of
    tens and units cross.
    """
    model = translator("attention")
    [(morphemes, weights)] = translate(model, [EXAMPLE])
    words = english(EXAMPLE)
    figure = new_figure(2.3)
    axes = figure.subplots()
    step = (len(words) - 1) / (len(morphemes) - 1)
    for i, morpheme in enumerate(morphemes):
        axes.text(
            i * step,
            1.04,
            morpheme,
            ha="center",
            va="bottom",
            color=QUERY,
            rotation=40,
        )
        for j in range(len(words)):
            weight = weights[i, j].item()
            if weight > 0.08:
                axes.plot(
                    [j, i * step],
                    [0, 1],
                    color=WEIGHT,
                    linewidth=6 * weight,
                    alpha=0.85,
                    solid_capstyle="round",
                )
    for j, word in enumerate(words):
        axes.text(j, -0.06, word, ha="center", va="top", color=KEY)
    axes.text(-1.7, -0.06, "it reads", va="top")
    axes.text(-1.7, 1.04, "it writes", va="bottom")
    axes.set_xlim(-1.7, len(words) - 0.3)
    axes.set_ylim(-0.25, 1.6)
    axes.set_axis_off()
    return figure, {
        "english": " ".join(words),
        "german": " ".join(morphemes),
    }


def learning() -> tuple[Figure, dict[str, str]]:
    """The loss while training, logarithmic. The fixed vector's last loss is
    {fixed}, that with attention {attention}.
    """
    figure = new_figure(2.6)
    axes = figure.subplots()
    last = {}
    for kind, colour in (("fixed vector", OCHRE), ("attention", WEIGHT)):
        losses = torch.tensor(measured(kind)["losses"])
        smooth = losses.unfold(0, 10, 5).mean(dim=1)  # means of 10 steps
        steps = [10 + 5 * i for i in range(len(smooth))]
        axes.plot(steps, smooth.tolist(), color=colour, linewidth=1)
        end = smooth[-1].item()
        axes.text(steps[-1] + 8, end, kind, color=colour, va="center")
        last[kind.split()[0]] = f"{end:.2g}"
    axes.set_yscale("log")
    axes.set_xlabel("training step")
    axes.set_ylabel("loss")
    axes.set_xlim(0, axes.get_xlim()[1] * 1.25)
    axes.minorticks_off()
    return figure, last
