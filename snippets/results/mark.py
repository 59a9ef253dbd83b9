"""The site's mark: the weights of one small translation."""

from snippets.results.measured import translator
from snippets.translator.evaluation import translate
from snippets.translator.number_words import english

NUMBER = 1042  # five words for five: a diagonal, then a crossing


def weights() -> list[dict[str, str | float]]:
    """Return the weights for "one thousand and forty two", two decimals.

    One row for each German morpheme, one column for each English word.
    """
    [(morphemes, found)] = translate(translator("attention"), [NUMBER])
    words = english(NUMBER)
    return [
        {"German": morpheme}
        | {w: round(x, 2) for w, x in zip(words, row, strict=True)}
        for morpheme, row in zip(morphemes, found.tolist(), strict=True)
    ]
