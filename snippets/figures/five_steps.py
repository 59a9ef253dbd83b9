"""How Attention Works: each step, what goes in and what comes out."""

from matplotlib.figure import Figure

from snippets.figures.rows import (
    Rows,
    draw_cells,
    draw_weight,
    listed,
    written,
)
from snippets.figures.style import (
    CONTEXT,
    FAINT,
    KEY,
    QUERY,
    VALUE,
    WEIGHT,
    new_figure,
)
from snippets.five_steps import (
    SOURCE,
    TARGET,
    example,
    five_steps,
    next_state,
)

STATE, OUTPUTS, LAYER = example()
STEPS = five_steps(STATE, OUTPUTS, LAYER)


def compare() -> Figure:
    """Four source words, the, black, cat and slept, each with its encoder
    output of two numbers. Below each stands the same decoder state (2, −1),
    and below that the products, number by number: (0, 0), (2, 0), (4, −1)
    and (2, −2).
    """
    rows = Rows(SOURCE, 4)
    rows.vectors("encoder\noutput", [*OUTPUTS], KEY, named=KEY)
    states = [STATE] * len(SOURCE)
    rows.vectors("× decoder\nstate", states, QUERY, named=QUERY)
    rows.vectors("1 compare", [*STEPS.compared], FAINT)
    return rows.figure


def score() -> Figure:
    """The products of each word, and below them their sum, the word's score.
    The scores are 0, 2, 3 and 0; cat has the largest.
    """
    rows = Rows(SOURCE, 3)
    rows.vectors("1 compare", [*STEPS.compared], FAINT)
    rows.vectors("2 score", [*STEPS.score], FAINT)
    return rows.figure


def softmax() -> tuple[Figure, dict[str, str]]:
    """The four scores, and below them their softmax. The weights are
    {weights}; the fuller a cell's colour, the larger.
    """
    rows = Rows(SOURCE, 3)
    rows.vectors("2 score", [*STEPS.score], FAINT)
    rows.weights("3 softmax", STEPS.weights)
    return rows.figure, {"weights": listed(STEPS.weights, 2)}


def context() -> tuple[Figure, dict[str, str]]:
    """Each word's weight, and below it the encoder output, now a value. The
    two multiplied are the word's share. A line runs from there to the context
    vector ({context}), as wide as the weight is large: most of it comes from
    cat.
    """
    rows = Rows(SOURCE, 5.5)
    rows.weights("3 softmax", STEPS.weights)
    rows.vectors("× encoder\noutput", [*OUTPUTS], VALUE, named=VALUE)
    given = [w * h for w, h in zip(STEPS.weights, OUTPUTS, strict=True)]
    rows.vectors("= share", given, VALUE, digits=2)
    rows.context("4 context", STEPS.context, STEPS.weights)
    return rows.figure, {"context": listed(STEPS.context, 2)}


def combine() -> tuple[Figure, dict[str, str]]:
    """The decoder state (2, −1) and the context vector, side by side, are the
    input of the output layer. It gives each target word a number, its logit:
    {logits}. Bars show the probability that the softmax makes of it:
    {probabilities}.
    """
    figure = new_figure(3.1)
    top, bottom = figure.subplots(2, 1, height_ratios=(1, 2))
    draw_cells(top, -0.6, 0, STATE, QUERY)
    draw_cells(top, 0.6, 0, STEPS.context, CONTEXT, digits=2)
    top.text(-0.6, -0.65, "decoder state", ha="center", color=QUERY)
    top.text(0.6, -0.65, "context", ha="center", color=CONTEXT)
    top.set_xlim(-1.9, 1.9)
    top.set_ylim(0.4, -1.1)
    top.set_axis_off()
    probabilities = STEPS.probabilities.tolist()
    logits = [written(logit, 2) for logit in STEPS.logits.tolist()]
    labels = [
        f"{word}\n{logit}" for word, logit in zip(TARGET, logits, strict=True)
    ]
    bottom.bar(labels, probabilities, width=0.55, color=WEIGHT)
    for i, probability in enumerate(probabilities):
        bottom.text(i, probability + 0.03, f"{probability:.2f}", ha="center")
    bottom.set_ylim(0, 1.15)
    bottom.set_yticks([])
    bottom.set_xlabel("word and its logit")
    bottom.set_ylabel("probability")
    bottom.tick_params(length=0)
    bottom.spines["left"].set_visible(False)

    def by_word(numbers: list[str]) -> str:
        pairs = zip(TARGET, numbers, strict=True)
        return ", ".join(f"{word} {number}" for word, number in pairs)

    return figure, {
        "logits": by_word(logits),
        "probabilities": by_word([f"{p:.2f}" for p in probabilities]),
    }


def again() -> tuple[Figure, dict[str, str]]:
    """Two words, one after the other. With the state (2, −1) the weights of
    the, black, cat and slept are {first}, and the next word is {word}. With
    the state (−1, 2) they are {second}, and the next word is {next}.
    """
    figure = new_figure(1.75)
    axes = figure.subplots()
    said = {}
    for j, word in enumerate(SOURCE):
        axes.text(j, 0, word, ha="center", va="center", weight="bold")
    states = {"first": STATE, "second": next_state()}
    for row, (name, state) in enumerate(states.items()):
        y = 1.0 + 1.3 * row
        steps = five_steps(state, OUTPUTS, LAYER)
        place = int(steps.probabilities.argmax())
        before = " ".join(TARGET[:place])
        draw_cells(axes, -1.2, y, state, QUERY)
        axes.text(-1.2, y + 0.6, before, ha="center", va="center", color=FAINT)
        for j, weight in enumerate(steps.weights.tolist()):
            draw_weight(axes, j, y, weight)
        axes.text(3.62, y, f"→ {TARGET[place]}", ha="left", va="center")
        said[name] = listed(steps.weights, 2)
        said["word" if row == 0 else "next"] = TARGET[place]
    axes.text(-1.2, 0, "decoder state", ha="center", va="center", color=QUERY)
    axes.set_xlim(-2.5, 5.1)
    axes.set_ylim(3.2, -0.35)
    axes.set_axis_off()
    return figure, said
