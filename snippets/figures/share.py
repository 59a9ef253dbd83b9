"""The picture that a shared link shows: the site's title and a real run."""

import matplotlib
from matplotlib.figure import Figure

from snippets.figures.style import INK, KEY, QUERY, STYLE, WEIGHT
from snippets.machinery.drawing import SIZE, encode
from snippets.results.measured import translator
from snippets.results.translator import EXAMPLE
from snippets.translator.evaluation import translate
from snippets.translator.number_words import english

DPI = 100
GROUND = "#fdfdfc"
QUIET = "#555b66"
LEAST = 0.05  # a thinner line would not be seen


def card(title: str) -> dict[str, str]:
    """Return the card: `png` (base64) and `alt`, its text alternative.

    Lines lead from English words to the German words that a trained network
    wrote for them, as wide as its attention weights.
    """
    [(morphemes, weights)] = translate(translator("attention"), [EXAMPLE])
    words = english(EXAMPLE)
    look = {**STYLE, "figure.dpi": DPI, "savefig.transparent": False}
    with matplotlib.rc_context(look):
        size = (SIZE[0] / DPI, SIZE[1] / DPI)
        figure = Figure(figsize=size, dpi=DPI, facecolor=GROUND)
        figure.text(
            0.06, 0.8, title, size=50, weight="bold", va="center", color=INK
        )
        subtitle = "Every figure and every number comes out of a run."
        figure.text(0.0625, 0.665, subtitle, size=21, color=QUIET)
        axes = figure.add_axes((0.03, 0.04, 0.94, 0.54))
        axes.set_axis_off()
        axes.set_xlim(-0.6, len(words) - 0.4)
        axes.set_ylim(-0.28, 1.28)
        step = (len(words) - 1) / (len(morphemes) - 1)
        for i, morpheme in enumerate(morphemes):
            style = {"ha": "center", "size": 20}
            axes.text(i * step, 1.07, morpheme, color=QUERY, **style)
            for j in range(len(words)):
                weight = weights[i, j].item()
                if weight > LEAST:
                    axes.plot(
                        [j, i * step],
                        [0, 1],
                        color=WEIGHT,
                        linewidth=14 * weight,
                        alpha=0.85,
                        solid_capstyle="round",
                    )
        for j, word in enumerate(words):
            axes.text(
                j, -0.07, word, color=KEY, ha="center", va="top", size=20
            )
        alt = (
            f"{title}. Lines, as wide as learnt attention weights, lead from "
            f'"{" ".join(words)}" to "{" ".join(morphemes)}"; where the order '
            "of the words differs, they cross."
        )
        return {"png": encode(figure), "alt": alt}
