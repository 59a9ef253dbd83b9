"""Introduction: attention in one picture."""

from matplotlib.figure import Figure

from snippets.figures.style import CONTEXT, KEY, QUERY, new_figure
from snippets.five_steps import SOURCE, TARGET, example, five_steps

STEP = 2  # the decoder is about to write the third word


def focus() -> tuple[Figure, dict[str, str]]:
    """The source words the, black, cat, slept below, the target words die,
    schwarze, Katze, schlief above. Lines run from each source word to Katze,
    as wide as its attention weight: {weights}.
    """
    weights = five_steps(*example()).weights.tolist()
    figure = new_figure(2.0)
    axes = figure.subplots()
    for i, word in enumerate(TARGET):
        now = i == STEP
        axes.text(
            i,
            1,
            word if i <= STEP else "…",
            ha="center",
            va="bottom",
            weight="bold" if now else "normal",
            color=QUERY,
        )
    for j, (word, weight) in enumerate(zip(SOURCE, weights, strict=True)):
        axes.plot(
            [j, STEP],
            [0.12, 0.95],
            color=CONTEXT,
            linewidth=0.6 + 9 * weight,
            solid_capstyle="round",
        )
        axes.text(j, 0, word, ha="center", va="top", color=KEY)
        axes.text(j, -0.24, f"{weight:.2f}", ha="center", va="top")
    axes.set_xlim(-0.6, len(SOURCE) - 0.4)
    axes.set_ylim(-0.45, 1.25)
    axes.set_axis_off()
    shown = ", ".join(
        f"{word} {weight:.2f}"
        for word, weight in zip(SOURCE, weights, strict=True)
    )
    return figure, {"weights": shown}
