"""Translate unseen numbers and count what is right."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import expect
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    END,
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    LENGTH_BINS,
    START,
    alignment,
    encode,
    english,
    german,
    length_bin,
)

# --8<-- [start:translate]
LONGEST = 32  # more morphemes than any number below 10**15 has


@torch.no_grad()
def write(model: Translator, source: Tensor) -> tuple[Tensor, Tensor]:
    """Write the likeliest word after the other (greedy decoding).

    source: (batch, source). Returns words (batch, target), each sentence
    ended by END, and weights (batch, target, source).
    """
    memory, state = model.encode(source)
    word = torch.full_like(source[:, :1], START)  # (batch, 1)
    ended = torch.zeros_like(word, dtype=torch.bool)  # (batch, 1)
    words: list[Tensor] = []
    weights: list[Tensor] = []
    while len(words) < LONGEST and not ended.all():
        logits, weight, state = model.step(word, state, memory)
        word = logits.argmax(dim=2)  # (batch, 1)
        ended |= word == END
        words.append(word)
        weights.append(weight)
    return torch.cat(words, dim=1), torch.cat(weights, dim=1)


def translate(
    model: Translator, numbers: list[int], batch_size: int = 500
) -> list[tuple[list[str], Tensor]]:
    """Translate the English words of each number.

    Returns for each number the German morphemes and the weights (target,
    source): a row for each morpheme, a column for each English word.
    batch_size: sentences read at once; it changes no result, unless the model
        ignores the mask.
    Raises ValueError without a number, for one that is out of range and for a
        batch_size below 1.
    """
    expect(len(numbers) > 0, "numbers", "one or more", "none")
    expect(batch_size >= 1, "batch_size", "1 or more", batch_size)
    translations = []
    for first in range(0, len(numbers), batch_size):
        sentences = [english(n) for n in numbers[first : first + batch_size]]
        words, weights = write(model, encode(sentences, ENGLISH_WORDS))
        for row, sentence in enumerate(sentences):
            written = words[row].tolist()
            target = written.index(END) if END in written else len(written)
            morphemes = [GERMAN_MORPHEMES[word] for word in written[:target]]
            kept = weights[row, :target, : len(sentence)].clone()
            translations.append((morphemes, kept))
    return translations


# --8<-- [end:translate]


# --8<-- [start:exact_match]
def exact_match(model: Translator, numbers: list[int]) -> float:
    """Return the share of numbers with every morpheme right."""
    translations = translate(model, numbers)
    pairs = zip(numbers, translations, strict=True)
    return sum(german(n) == said for n, (said, _) in pairs) / len(numbers)


def exact_match_by_length(
    model: Translator, numbers: list[int]
) -> dict[tuple[int, int], float]:
    """Return the exact match for each of LENGTH_BINS that occurs."""
    right: dict[tuple[int, int], list[bool]] = {key: [] for key in LENGTH_BINS}
    translations = translate(model, numbers)
    for number, (said, _) in zip(numbers, translations, strict=True):
        right[length_bin(number)].append(german(number) == said)
    return {key: sum(hits) / len(hits) for key, hits in right.items() if hits}


# --8<-- [end:exact_match]


# --8<-- [start:alignment_accuracy]
def alignment_accuracy(
    model: Translator, numbers: list[int]
) -> dict[str, float]:
    """Return how often the largest weight is on the true English word.

    Only right translations count, and no "und", which has no English word.
    Returns "words", the share for numerals and scale words but "hundert",
    "weight", the mean weight on their true word, and "hundert", the share for
    this word alone, on which trainings differ.
    Raises ValueError for a model without attention, and if nothing counts.
    """
    attends = hasattr(model.decoder, "attention")
    expect(attends, "model", "a decoder with attention", "none")
    found: dict[str, list[float]] = {"words": [], "weight": [], "hundert": []}
    translations = translate(model, numbers)
    for number, (morphemes, weights) in zip(
        numbers, translations, strict=True
    ):
        if morphemes != german(number):
            continue
        places = alignment(number)
        for morpheme, place, row in zip(
            morphemes, places, weights, strict=True
        ):
            if place is None:
                continue
            hit = float(row.argmax() == place)
            if morpheme == "hundert":
                found["hundert"].append(hit)
            else:
                found["words"].append(hit)
                found["weight"].append(row[place].item())
    counts = all(found.values())
    expect(counts, "numbers", "right translations with hundert", "none")
    return {name: sum(hits) / len(hits) for name, hits in found.items()}


# --8<-- [end:alignment_accuracy]
