"""What the small language model attends to, and how often it is right."""

import torch

from snippets.machinery.kept import kept
from snippets.results.trainings import AGREEMENT
from snippets.tasks.agreement import (
    END,
    INDEX,
    NOUNS,
    VERBS,
    WORDS,
    LanguageModel,
    encode,
    split,
    train,
    verb_of,
)

UNSEEN = 500  # beginnings that are looked at
EXAMPLE = ["the", "black", "cat", "near", "the", "dogs"]
LEARNT, EQUAL = AGREEMENT


def subject(beginning: list[str]) -> int:
    """Return the place of the first noun."""
    return next(i for i, word in enumerate(beginning) if word in NOUNS)


def hard(beginning: list[str]) -> bool:
    """Return whether other nouns follow the first one, none like it."""
    first, *others = (word for word in beginning if word in NOUNS)
    return bool(others) and first not in others


@torch.no_grad()
def look(model: LanguageModel, beginning: list[str]) -> dict:
    """Return the likeliest "verb" after it, and the last word's "weights"."""
    logits, weights = model(encode([beginning]))
    last = logits[0, -1]
    verbs = last[[INDEX[verb] for verb in VERBS]]
    return {
        "verb": VERBS[int(verbs.argmax())],
        "weights": weights[0, -1].tolist(),
    }


@torch.no_grad()
def write(model: LanguageModel, seed: int, longest: int = 12) -> str:
    """Let a model write a sentence: each next word is drawn by its share."""
    generator = torch.Generator().manual_seed(seed)
    sentence = ["the"]
    while sentence[-1] != END and len(sentence) < longest:
        logits, _ = model(encode([sentence]))
        shares = torch.softmax(logits[0, -1], dim=-1)
        drawn = torch.multinomial(shares, 1, generator=generator)
        sentence.append(WORDS[int(drawn)])
    return " ".join(sentence)


def measure(*, attends: str, seed: int) -> dict:
    """Train a model and look at beginnings that it has never seen.

    Returns "right": how often its verb is that of the first noun; "largest":
    how often its largest weight is on that noun; "grid": the weights in
    EXAMPLE; "after": its verb after it; "written": the first sentences that it
    writes; and its "parameters".
    """
    model = train(attends, seed)
    _, unseen = split()
    beginnings = [begun for begun in unseen if hard(begun)][:UNSEEN]
    right = largest = 0
    for begun in beginnings:
        found = look(model, begun)
        weights = found["weights"]
        right += found["verb"] == verb_of(begun)
        largest += weights.index(max(weights)) == subject(begun)
    with torch.no_grad():
        _, grid = model(encode([EXAMPLE]))
    count = len(beginnings)
    return {
        "right": right / count,
        "largest": largest / count,
        "grid": grid[0].tolist(),
        "after": look(model, EXAMPLE)["verb"],
        "written": [write(model, number) for number in range(5)],
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def measured(name: str = LEARNT, seed: int = 0) -> dict:
    """Return what was measured of one of AGREEMENT."""
    return kept(measure, **AGREEMENT[name], seed=seed)


def facts() -> dict[str, str | int]:
    """Return the numbers of the page."""
    learnt, equal = measured(LEARNT), measured(EQUAL)
    return {
        "unseen": UNSEEN,
        "parameters": learnt["parameters"],
        "right": f"{learnt['right']:.1%}",
        "largest": f"{learnt['largest']:.1%}",
        "equal": f"{equal['right']:.0%}",
    }


def written() -> str:
    """Return the first sentences that the model writes."""
    return "\n".join(measured()["written"])
