"""The numbers of the translator, as the pages print them."""

from difflib import SequenceMatcher
from statistics import mean

from snippets.claims import record
from snippets.results import batch_mates as neighbours
from snippets.results import benchmark, trainings
from snippets.results.measured import measured, translator
from snippets.results.trainings import (
    ATTENTION,
    FIXED,
    LARGER,
    SCORES,
)
from snippets.translator.evaluation import translate
from snippets.translator.number_words import (
    LENGTH_BINS,
    LIMIT,
    english,
    german,
    make_splits,
)

[LONGER] = trainings.LONGER
[WIDE] = LARGER
RECORDED = "why.translators"  # exact match from the other random starts

# What German morphemes are worth, and which power of 1000 a scale word is.
SAID = {"und": 0, "ein": 1, "eine": 1}
SAID |= {german(n)[-1]: n for n in (*range(1, 20), *range(20, 100, 10))}
POWERS = {german(n * 1000**p)[-1]: p for p in range(1, 5) for n in (1, 2)}


def task() -> dict[str, int | float]:
    """Return the sizes of the experiment."""
    splits = make_splits()
    held_out = splits["held_out"]
    return {
        "training": len(splits["training"]),
        "validation": len(splits["validation"]),
        "held_out": len(held_out),
        "short": f"{mean(len(english(n)) <= 10 for n in held_out):.0%}",
        "attention_parameters": measured("attention")["parameters"],
        "fixed_parameters": measured("fixed vector")["parameters"],
        "attention_steps": ATTENTION["steps"],
        "fixed_steps": FIXED["steps"],
        "fixed_numbers": translator("fixed vector").first_state.in_features,
        "long_steps": trainings.LONGER[LONGER]["steps"],
    }


def exact() -> dict[str, str]:
    """Return exact match on unseen numbers.

    "attention" and "fixed" are the mean of this build's starts, the range of
    the record's behind it; of the others there is the range alone.
    """

    def beside(kind: str) -> str:
        return record.beside(average(kind)["exact"], RECORDED, kind)

    return {
        "attention": beside("attention"),
        "fixed": beside("fixed vector"),
        "longer": record.written(RECORDED, LONGER),
        "narrow": record.written(RECORDED, "fixed vector"),
        "wide": record.written(RECORDED, WIDE),
    }


def average(name: str) -> dict:
    """Return exact match, together and by length: the mean of the starts that
    a build trains this model from.
    """
    runs = [measured(name, seed) for seed in trainings.seeds(name)]
    return {
        "exact": mean(run["exact"] for run in runs),
        "by_length": {
            key: mean(run["by_length"][key] for run in runs)
            for key in LENGTH_BINS
        },
    }


def by_length() -> list[dict[str, str]]:
    """Return exact match for each length: the mean of this build and the range
    of others, or the range alone.
    """

    def others(name: str, low: int, high: int) -> str:
        key = f"{name}, {low} to {high}"
        return record.written(RECORDED, key, ".0%")

    return [
        {
            "English words": f"{low} to {high}",
            "with attention": built("attention", (low, high)),
            "fixed vector": built("fixed vector", (low, high)),
            LONGER: others(LONGER, low, high),
            WIDE: others(WIDE, low, high),
        }
        for low, high in LENGTH_BINS
    ]


def built(name: str, bin: tuple[int, int]) -> str:
    """Write exact match of one length, and the range of other starts."""
    low, high = bin
    share = average(name)["by_length"][bin]
    return record.beside(share, RECORDED, f"{name}, {low} to {high}", ".0%")


def too_long() -> list[dict[str, str]]:
    """Return exact match for each length after training on short ones."""
    kinds = {"with attention": "attention", "fixed vector": "fixed vector"}
    return [
        {"English words": f"{low} to {high}"}
        | {
            title: built(f"{kind}, at most 16 words", (low, high))
            for title, kind in kinds.items()
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

    def row(who: str, number: int | None, words: list[str]) -> dict[str, str]:
        digits = "no number" if number is None else f"{number:,}"
        return {"who": who, "number": digits, "words": " ".join(words)}

    return [
        row("English", number, english(number)),
        row("German", number, german(number)),
        row("with attention", number_of(attention), attention),
        row("fixed vector", number_of(fixed), marked(fixed, number)),
    ]


def number_of(said: list[str]) -> int | None:
    """Return the number that German morphemes say, if they say one."""
    total = group = 0
    for word in said:
        if power := POWERS.get(word):
            total, group = total + group * 1000**power, 0
        elif word == "hundert":
            group *= 100
        else:
            group += SAID.get(word, 0)
    number = total + group
    readable = 1 <= number < LIMIT and german(number) == said
    return number if readable else None


def marked(said: list[str], number: int) -> list[str]:
    """Return the words, in bold those that are too many or in the wrong place.

    What is said after a word too many is not wrong by itself.
    """
    right = SequenceMatcher(None, said, german(number), autojunk=False)
    kept = {
        place
        for block in right.get_matching_blocks()
        for place in range(block.a, block.a + block.size)
    }
    return [
        word if place in kept else f"**{word}**"
        for place, word in enumerate(said)
    ]


ALIGNED = {
    "exact match": ("exact", ".1%"),
    "right word": ("words", ".1%"),
    "right word for *hundert*": ("hundert", ".0%"),
}


def alignment() -> list[dict[str, str]]:
    """Return alignment accuracy, here and from other starts."""
    found = measured("attention")
    numbers = found["alignment"] | found
    others = {
        title: record.written("using_it.alignment", key, form)
        for title, (key, form) in ALIGNED.items()
    }
    return [
        {"random start": "of this build"}
        | {
            title: f"{numbers[key]:{form}}"
            for title, (key, form) in ALIGNED.items()
        },
        {"random start": f"{record.starts()} others"} | others,
    ]


def scores() -> list[dict[str, str | int]]:
    """Return one row a score: the same task, the same training."""
    rows = {"additive": "attention"} | {name: name for name in SCORES}
    return [
        {
            "score": title,
            "parameters": found["parameters"],
            "cost of a step": f"{benchmark.cost(title):.2f}",
        }
        | {
            column: record.beside(
                (found["alignment"] | found)[key],
                "types_of_attention.scores",
                f"{title}, {key}",
                form,
            )
            for column, (key, form) in ALIGNED.items()
        }
        for title, name in rows.items()
        for found in [measured(name)]
    ]


def batch_mates() -> list[dict[str, str]]:
    """Return how short numbers fare alone and beside a long neighbour."""
    columns = {
        "correct alone": "alone",
        "correct beside a long one": "beside",
        "answers that changed": "changed",
    }
    return [
        {"model": title}
        | {
            column: record.beside(
                shares[kind], "preparing_data.neighbours", f"{title}, {kind}"
            )
            for column, kind in columns.items()
        }
        for title, shares in neighbours.measured().items()
    ]


def neighbour() -> dict[str, int]:
    """Return how long the neighbour is, and how many numbers it stood by."""
    short, long = neighbours.mates()
    return {"words": len(english(long)), "numbers": len(short)}
