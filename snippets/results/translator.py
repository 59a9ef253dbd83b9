"""The numbers of the translator, as the pages print them."""

import torch

from snippets.number_words import (
    ENGLISH_WORDS,
    LENGTH_BINS,
    encode,
    english,
    german,
    make_splits,
)
from snippets.results import benchmark
from snippets.results.measured import measured, translator
from snippets.results.trainings import (
    ATTENTION,
    FIXED,
    SCORES,
    SEEDS,
    TRANSLATORS,
    seeds,
)
from snippets.translator_evaluation import translate

LONGER = "fixed vector, four times the steps"


def runs(kind: str) -> list[dict]:
    """Return what was measured of one kind, one entry a seed."""
    return [measured(kind, seed) for seed in seeds(kind)]


def spread(values: list[float]) -> str:
    """Write the least and the largest of some shares."""
    low, high = min(values), max(values)
    return f"{low:.1%}" if low == high else f"{low:.1%} to {high:.1%}"


def task() -> dict[str, int | float]:
    """Return the sizes of the experiment."""
    splits = make_splits()
    return {
        "training": len(splits["training"]),
        "validation": len(splits["validation"]),
        "held_out": len(splits["held_out"]),
        "seeds": len(SEEDS),
        "attention_parameters": measured("attention")["parameters"],
        "fixed_parameters": measured("fixed vector")["parameters"],
        "attention_steps": ATTENTION["steps"],
        "fixed_steps": FIXED["steps"],
        "long_steps": TRANSLATORS["fixed vector, four times the steps"][
            "steps"
        ],
    }


def exact() -> dict[str, str]:
    """Return exact match on unseen numbers, over the seeds."""
    shares = {
        kind: [run["exact"] for run in runs(kind)]
        for kind in ("attention", "fixed vector")
    }
    longer = measured(LONGER)["exact"]
    return {
        "attention": spread(shares["attention"]),
        "fixed": spread(shares["fixed vector"]),
        "longer": f"{longer:.1%}",
    }


def by_length() -> list[dict[str, str]]:
    """Return exact match for each length, mean of the seeds."""

    def mean(kind: str, key: tuple[int, int]) -> str:
        shares = [run["by_length"][key] for run in runs(kind)]
        return f"{sum(shares) / len(shares):.0%}"

    longer = measured(LONGER)["by_length"]
    return [
        {
            "English words": f"{low} to {high}",
            "with attention": mean("attention", (low, high)),
            "fixed vector": mean("fixed vector", (low, high)),
            "fixed vector, four times the steps": f"{longer[low, high]:.0%}",
        }
        for low, high in LENGTH_BINS
    ]


def too_long() -> list[dict[str, str]]:
    """Return exact match for each length after training on short ones."""
    short = {
        kind: measured(f"{kind}, at most 16 words")["by_length"]
        for kind in ("attention", "fixed vector")
    }
    return [
        {
            "English words": f"{low} to {high}",
            "with attention": f"{short['attention'][low, high]:.0%}",
            "fixed vector": f"{short['fixed vector'][low, high]:.0%}",
        }
        for low, high in LENGTH_BINS
    ]


EXAMPLE = 83_000_021  # units and tens change places twice


def example() -> str:
    """Return a number in English words and in German ones."""
    return f"{' '.join(english(EXAMPLE))}\n{' '.join(german(EXAMPLE))}"


def garbled_number() -> int:
    """Return a long unseen number that only attention gets right."""
    numbers = make_splits()["by_length"]
    long = [n for n in numbers if 16 <= len(english(n)) <= 20]
    right = translate(translator("attention"), long)
    wrong = translate(translator("fixed vector"), long)
    return next(
        number
        for number, (said, _), (other, _) in zip(
            long, right, wrong, strict=True
        )
        if said == german(number) != other
    )


def garbled() -> list[dict[str, str]]:
    """Return what both models make of that number, word by word."""
    number = garbled_number()
    [(attention, _)] = translate(translator("attention"), [number])
    [(fixed, _)] = translate(translator("fixed vector"), [number])
    wrong = [
        said if said == right else f"**{said}**"
        for said, right in zip(
            fixed,
            [*german(number), *[""] * len(fixed)],
            strict=False,
        )
    ]
    return [
        {"who": "English", "words": " ".join(english(number))},
        {"who": "right", "words": " ".join(german(number))},
        {"who": "with attention", "words": " ".join(attention)},
        {"who": "fixed vector", "words": " ".join(wrong)},
    ]


def alignment() -> list[dict[str, str | int]]:
    """Return alignment accuracy by seed, "hundert" apart."""
    return [
        {
            "seed": str(seed),
            "exact match": f"{found['exact']:.1%}",
            "right word": f"{found['alignment']['words']:.1%}",
            "mean weight on it": f"{found['alignment']['weight']:.2f}",
            "right word for *hundert*": f"{found['alignment']['hundert']:.1%}",
        }
        for seed in SEEDS
        for found in [measured("attention", seed)]
    ]


def scores() -> list[dict[str, str | int]]:
    """Return one row a score: the same task, the same training."""
    rows = {"additive": "attention"} | {name: name for name in SCORES}
    return [
        {
            "score": title,
            "parameters": found["parameters"],
            "cost of a step": f"{benchmark.cost(title):.2f}",
            "steps to a loss of 0.1": steps_to(found["losses"], 0.1),
            "exact match": f"{found['exact']:.1%}",
            "right word": f"{found['alignment']['words']:.1%}",
            "right word for *hundert*": f"{found['alignment']['hundert']:.1%}",
        }
        for title, name in rows.items()
        for found in [measured(name)]
    ]


def steps_to(losses: list[float], target: float) -> int:
    """Return the first step whose mean loss of ten steps is below target."""
    for step in range(10, len(losses) + 1):
        if sum(losses[step - 10 : step]) / 10 < target:
            return step
    raise ValueError(f"the loss never fell below {target}")


def batch_mates() -> list[dict[str, str]]:
    """Return how short numbers fare alone and beside a long neighbour."""
    splits = make_splits()
    short = [n for n in splits["held_out"] if len(english(n)) <= 10][:300]
    longest = max(splits["held_out"], key=lambda n: len(english(n)))
    rows = []
    for title, name in (
        ("with mask", "attention"),
        ("without", "attention, no mask"),
    ):
        model = translator(name)
        alone = [translate(model, [n])[0][0] for n in short]
        beside = [translate(model, [n, longest])[0][0] for n in short]
        pairs = zip(alone, beside, strict=True)
        rows.append(
            {
                "trained and run": title,
                "right, alone": _right(alone, short),
                "right, beside a long one": _right(beside, short),
                "output changed": _percent([a != b for a, b in pairs]),
            }
        )
    return rows


def _right(said: list[list[str]], numbers: list[int]) -> str:
    pairs = zip(said, numbers, strict=True)
    return _percent([words == german(number) for words, number in pairs])


def _percent(hits: list[bool]) -> str:
    return f"{sum(hits) / len(hits):.1%}"


@torch.no_grad()
def states(model, numbers: list[int]) -> torch.Tensor:
    """Return the fixed vector of each number, with a 1 for the bias."""
    source = encode([english(n) for n in numbers], ENGLISH_WORDS)
    memory, _ = model.encode(source)
    return torch.cat([memory.final, torch.ones(len(numbers), 1)], dim=1)


def probe() -> dict[tuple[int, int], tuple[float, float]]:
    """Return the share of words read from the fixed vector, by length.

    For each position of the sentence one matrix, fitted by least squares on
    the training numbers, names the word from the fixed vector. The second
    share is that of a guess without the vector: always the word that is most
    frequent at the position.
    """
    model = translator("fixed vector")
    splits = make_splits()
    train, test = splits["training"], splits["by_length"]
    seen, unseen = states(model, train), states(model, test)
    words, lengths = _words(train)
    answers, sizes = _words(test)
    read = torch.zeros(answers.shape, dtype=torch.bool)
    guessed = torch.zeros(answers.shape, dtype=torch.bool)
    for position in range(answers.size(1)):
        has = lengths > position
        wanted = torch.nn.functional.one_hot(
            words[has, position], len(ENGLISH_WORDS)
        ).float()
        ridge = seen[has].T @ seen[has] + 0.1 * torch.eye(seen.size(1))
        matrix = torch.linalg.solve(ridge, seen[has].T @ wanted)
        there = sizes > position
        answer = answers[:, position]
        named = (unseen @ matrix).argmax(dim=1)
        read[:, position] = (named == answer) & there
        guessed[:, position] = (wanted.sum(dim=0).argmax() == answer) & there
    shares = {}
    for low, high in LENGTH_BINS:
        rows = (sizes >= low) & (sizes <= high)
        count = sizes[rows].sum()
        shares[low, high] = (
            (read[rows].sum() / count).item(),
            (guessed[rows].sum() / count).item(),
        )
    return shares


def _words(numbers: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    words = encode([english(n) for n in numbers], ENGLISH_WORDS)
    pad = torch.zeros(len(numbers), 32 - words.size(1), dtype=torch.int64)
    return torch.cat([words, pad], dim=1), (words != 0).sum(dim=1)
