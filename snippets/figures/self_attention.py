"""Self-attention: by hand, of a trained model, and why scores are scaled."""

from matplotlib.figure import Figure

from snippets.figures.rows import Rows, listed
from snippets.figures.style import (
    FAINT,
    INK,
    KEY,
    OCHRE,
    QUERY,
    VALUE,
    WEIGHT,
    heat_map,
    new_figure,
    outline,
)
from snippets.results.agreement import EXAMPLE, measured, subject
from snippets.results.self_attention import SIZES, largest_weights
from snippets.self_attention_by_hand import WORDS, example, self_attention

ASKS = WORDS.index("slept")  # the word whose attention is worked out


def by_hand() -> tuple[Figure, dict[str, str]]:
    """The words the, black, cat and slept, each with its vector and the query,
    key and value made from it. Below: what slept finds. Its query (2, 1) times
    the keys gives the scores {scores}; divided by the root of 2, the softmax
    makes them the weights {weights}; the values, weighted, add up to the
    context ({context}).
    """
    vectors, W_q, W_k, W_v = example()
    query, key, value = vectors @ W_q.T, vectors @ W_k.T, vectors @ W_v.T
    contexts, weights = self_attention(vectors, W_q, W_k, W_v)
    score = key @ query[ASKS]  # (length)
    rows = Rows(WORDS, 9.3)
    rows.vectors("word vector", [*vectors], INK)
    rows.vectors("query", [*query], QUERY, named=QUERY)
    rows.vectors("key", [*key], KEY, named=KEY)
    rows.vectors("value", [*value], VALUE, named=VALUE)
    rows.vectors("score of slept", [*score], FAINT)
    rows.weights("softmax", weights[ASKS])
    shares = [w * v for w, v in zip(weights[ASKS], value, strict=True)]
    rows.vectors("× value", shares, VALUE, named=VALUE, digits=2)
    rows.context("context", contexts[ASKS], weights[ASKS])
    return rows.figure, {
        "scores": listed(score, 0),
        "weights": listed(weights[ASKS], 2),
        "context": listed(contexts[ASKS], 2),
    }


def grid() -> tuple[Figure, dict[str, str]]:
    """Weights of a trained language model in "{sentence}", one row per word
    that looks, one column per word that is looked at; nothing stands above the
    diagonal. The last word, {last}, has its largest weight, {weight}, on
    {looked}, and the model goes on with "{after}".
    """
    found = measured()
    weights = found["grid"]
    figure = new_figure(3.0)
    axes = figure.subplots()
    heat_map(axes, weights, EXAMPLE, EXAMPLE, numbers=False)
    for i, row in enumerate(weights):
        for j, weight in enumerate(row[: i + 1]):
            axes.text(
                j + 0.5, i + 0.5, f"{weight:.2f}", ha="center", va="center"
            )
    last = len(EXAMPLE) - 1
    outline(axes, last, subject(EXAMPLE))
    axes.text(last + 1.15, last + 0.5, f"→ {found['after']}", va="center")
    axes.set_xlim(0, last + 2.3)
    looked = max(range(last + 1), key=weights[last].__getitem__)
    return figure, {
        "sentence": " ".join(EXAMPLE),
        "last": EXAMPLE[last],
        "looked": EXAMPLE[looked],
        "weight": f"{weights[last][looked]:.2f}",
        "after": found["after"],
    }


def scaling() -> tuple[Figure, dict[str, str]]:
    """Mean of the largest of 16 weights for vectors of 4 to 1024 numbers.
    With the scale it stays near {scaled}; without it climbs to {unscaled}.
    """
    largest = largest_weights()
    figure = new_figure(2.4)
    axes = figure.subplots()
    for name, colour in (("unscaled", OCHRE), ("scaled", WEIGHT)):
        axes.plot(SIZES, largest[name], color=colour, marker="o", markersize=4)
        axes.text(1250, largest[name][-1], name, color=colour, va="center")
    axes.set_xscale("log", base=2)
    axes.set_xticks(SIZES, [str(size) for size in SIZES])
    axes.set_xlim(3, 5000)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("numbers in a vector (head_dim)")
    axes.set_ylabel("largest weight")
    return figure, {
        "scaled": f"{largest['scaled'][-1]:.2f}",
        "unscaled": f"{largest['unscaled'][-1]:.2f}",
    }
