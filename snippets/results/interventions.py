"""What a translator writes with other weights than its own, counted."""

import random
from statistics import fmean

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from snippets.claims import record
from snippets.interventions import CHANGES, with_change
from snippets.machinery.kept import kept
from snippets.results.measured import translator
from snippets.results.translator import EXAMPLE
from snippets.translator.evaluation import translate, write
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    alignment,
    encode,
    english,
    german,
    make_splits,
)

NUMBERS = 1000
OWN = "its own"
UNITS = {word for n in range(1, 10) for word in german(n)} - {"eins"}


def models(seed: int) -> dict[str, Translator]:
    """Return the translator, and a copy of it with each change."""
    model = translator("attention", seed)
    changed = {name: with_change(model, to) for name, to in CHANGES.items()}
    return {OWN: model, **changed}


def unchanged(seed: int = 0) -> dict[str, float]:
    """Return how many translations stay the same, by change."""
    numbers = make_splits()["held_out"][:NUMBERS]
    said = {
        name: [morphemes for morphemes, _ in translate(model, numbers)]
        for name, model in models(seed).items()
    }
    own = said.pop(OWN)
    return {
        name: fmean(a == b for a, b in zip(found, own, strict=True))
        for name, found in said.items()
    }


def rates() -> list[dict[str, str]]:
    """Return a row for each change: how many translations it leaves alone."""
    return [
        {
            "weights": name,
            "same translation": record.beside(
                share, "interventions.same", name, ".0%"
            ),
        }
        for name, share in kept(unchanged).items()
    ]


def examples() -> list[dict[str, str]]:
    """Return what is written for one number, with each change."""
    return [
        {"weights": name, "what it writes": " ".join(morphemes)}
        for name, model in models(0).items()
        for [(morphemes, _)] in [translate(model, [EXAMPLE])]
    ]


def facts() -> dict[str, int]:
    """Return the numbers that the page names."""
    return {"numbers": NUMBERS, "example": EXAMPLE}


class OneRow:
    """All weight of one written word on one source word, for each sentence."""

    def __init__(self, rows: list[int], places: list[int]) -> None:
        """Take which written word and which source word, by sentence."""
        self.rows, self.places = torch.tensor(rows), torch.tensor(places)
        self.step = -1

    def __call__(self, weights: Tensor, mask: Tensor) -> Tensor:
        """Return the weights (batch, 1, source) of the next step."""
        self.step += 1
        chosen = one_hot(self.places, weights.size(-1)).unsqueeze(1)
        here = (self.rows == self.step).view(-1, 1, 1)
        return torch.where(here, chosen.to(weights.dtype), weights)


def after(model: Translator, numbers: list[int], change: OneRow) -> list[str]:
    """Return what each sentence has in the row that was changed."""
    source = encode([english(number) for number in numbers], ENGLISH_WORDS)
    words, _ = write(with_change(model, change), source)
    places = zip(change.rows.tolist(), words.tolist(), strict=True)
    # A sentence may have ended before.
    return [
        GERMAN_MORPHEMES[row[i]] if i < len(row) else "" for i, row in places
    ]


def pointed(seed: int = 0) -> dict[str, float]:
    """Return how often one row decides, and how often it does not.

    "units": a word from one to nine looks at another such word instead, and
    is written as that. "und": it looks at any word, and stays.
    """
    model, choose = translator("attention", seed), random.Random(0)
    numbers = make_splits()["held_out"][:NUMBERS]
    swapped: list[tuple[int, int, int, str]] = []
    ands: list[tuple[int, int, int, str]] = []
    for number in numbers:
        said, places = german(number), alignment(number)
        units = [i for i, word in enumerate(said) if word in UNITS]
        pairs = [(i, j) for i in units for j in units if said[i] != said[j]]
        if pairs:
            i, j = choose.choice(pairs)
            swapped.append((number, i, places[j] or 0, said[j]))
        if "und" in said:
            i = choose.choice(
                [i for i, word in enumerate(said) if word == "und"]
            )
            place = choose.randrange(len(english(number)))
            ands.append((number, i, place, "und"))
    found = {}
    for name, cases in (("units", swapped), ("und", ands)):
        asked, rows, at, expected = (
            list(part) for part in zip(*cases, strict=True)
        )
        written = after(model, asked, OneRow(rows, at))
        found[name] = fmean(
            a == b for a, b in zip(written, expected, strict=True)
        )
    return found


def decided() -> dict[str, str]:
    """Return these shares, with the range of other starts."""
    return {
        name: record.beside(share, "interventions.by_one_row", name, ".0%")
        for name, share in kept(pointed).items()
    }
