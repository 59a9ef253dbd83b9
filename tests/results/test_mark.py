"""The site's mark: which translator, which number, and two decimals."""

import torch

from snippets.results import mark
from tests.results.made import printed, reader


def test_each_morpheme_has_the_weights_of_each_word(monkeypatch):
    german = ["ein", "tausend", "zwei", "und", "vierzig"]
    weights = torch.arange(25).view(5, 5) / 64

    def translate(model, numbers):
        assert (model, numbers) == ("the first attention", [1042])
        return [(german, weights)]

    known = {"attention": "the first attention"}
    monkeypatch.setattr(mark, "translator", reader(known))
    monkeypatch.setattr(mark, "translate", translate)
    words = ["one", "thousand", "and", "forty", "two"]
    rows = {
        "ein": [0.0, 0.02, 0.03, 0.05, 0.06],
        "tausend": [0.08, 0.09, 0.11, 0.12, 0.14],
        "zwei": [0.16, 0.17, 0.19, 0.2, 0.22],
        "und": [0.23, 0.25, 0.27, 0.28, 0.3],
        "vierzig": [0.31, 0.33, 0.34, 0.36, 0.38],
    }
    printed(
        mark.weights(),
        [
            {"German": morpheme, **dict(zip(words, row, strict=True))}
            for morpheme, row in rows.items()
        ],
    )
