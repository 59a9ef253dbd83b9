"""The scores by hand: additive, step by step; dot and general as arrows."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from snippets.figures.rows import Rows, listed
from snippets.figures.style import FAINT, KEY, QUERY, arrow, new_figure
from snippets.scores_by_hand import (
    WORDS,
    additive_parameters,
    additive_score,
    dot_score,
    example,
    general_score,
    other_language,
)

OUTPUTS, STATE = example()


def additive() -> tuple[Figure, dict[str, str]]:
    """The words the, black, cat and slept, each with its encoder output. Below
    them: the encoder output and the decoder state, both projected, and added
    up with the bias; the tanh of that; and the score: {scores}.
    """
    W_q, W_k, b, v = additive_parameters()
    added = OUTPUTS @ W_k.T + W_q @ STATE + b  # (source, hidden)
    score = additive_score(STATE, OUTPUTS, W_q, W_k, b, v)
    rows = Rows(WORDS, 6)
    rows.vectors("encoder\noutput", [*OUTPUTS], KEY, named=KEY)
    rows.vectors("decoder\nstate", [STATE] * len(WORDS), QUERY, named=QUERY)
    rows.vectors("added", [*added], FAINT)
    rows.vectors("tanh", [*added.tanh()], FAINT, digits=1)
    rows.vectors("score", [*score], FAINT, digits=1)
    return rows.figure, {"scores": listed(score, 1)}


def _arrows(axes: Axes, state: Tensor, title: str) -> None:
    """Draw the words' vectors and the state from one origin."""
    axes.set_title(title)
    for word, output in zip(WORDS[1:], OUTPUTS[1:].tolist(), strict=True):
        _arrow(axes, output, word, KEY)
    _arrow(axes, state.tolist(), "state", QUERY)
    axes.axhline(0, color=FAINT, linewidth=0.6)
    axes.axvline(0, color=FAINT, linewidth=0.6)
    axes.set_xlim(-1.6, 2.9)
    axes.set_ylim(-1.7, 2.8)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_axis_off()


def _arrow(axes: Axes, end: list[float], label: str, colour: str) -> None:
    x, y = end
    arrow(axes, (0, 0), (x, y), colour, 1.6, head=10)
    axes.text(
        x, y + (0.15 if y > 0 else -0.45), label, ha="center", color=colour
    )


def languages() -> tuple[Figure, dict[str, str]]:
    """Arrows for black, cat, slept and the decoder state, drawn three times.
    In one language the state ({state}) points more the way of cat than of
    slept, and the dot scores are {dot}. With its two numbers swapped it points
    the way of slept: {swapped}. Turned back by the matrix it finds cat again,
    and the general scores are {general}.
    """
    state, W = other_language()
    figure = new_figure(1.9)
    for axes, drawn, title in zip(
        figure.subplots(1, 3),
        (STATE, state, W.T @ state),
        ("one language", "another one", "turned by W"),
        strict=True,
    ):
        _arrows(axes, drawn, title)
    return figure, {
        "state": listed(STATE, 0),
        "dot": listed(dot_score(STATE, OUTPUTS), 0),
        "swapped": listed(dot_score(state, OUTPUTS), 0),
        "general": listed(general_score(state, OUTPUTS, W), 0),
    }
