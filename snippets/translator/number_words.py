"""The data of the translator: English number words to German morphemes."""

# --8<-- [start:imports]
import random
import re
from functools import cache

import torch
from num2words import num2words
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import expect

# --8<-- [start:vocabularies]
LIMIT = 10**15  # numbers are 1 to LIMIT - 1: five groups of three digits
PADDING, START, END = 0, 1, 2

# The teens stay whole: one German morpheme for one English word.
ENGLISH_WORDS = """
    <padding> <start> <end>
    one two three four five six seven eight nine ten eleven twelve thirteen
    fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty
    fifty sixty seventy eighty ninety and hundred thousand million billion
    trillion
""".split()
GERMAN_MORPHEMES = """
    <padding> <start> <end>
    ein eins eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf
    dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig
    dreißig vierzig fünfzig sechzig siebzig achtzig neunzig und hundert
    tausend Million Millionen Milliarde Milliarden Billion Billionen
""".split()
# --8<-- [end:vocabularies]


# --8<-- [start:groups]
def groups(number: int) -> list[tuple[int, int]]:
    """Split a number into its three-digit groups, largest first.

    2005000 gives [(2, 2), (5, 1)]: 2 million, 5 thousand. Empty groups are
    left out. Raises ValueError unless 1 <= number < LIMIT.
    """
    kind = type(number).__name__
    expect(kind == "int", "number", "an integer", kind)
    expect(1 <= number < LIMIT, "number", f"1 to {LIMIT - 1}", number)
    pairs = [(number // 1000**power % 1000, power) for power in range(5)]
    return [(group, power) for group, power in reversed(pairs) if group]


# --8<-- [end:groups]


# --8<-- [start:english]
@cache
def english_group(group: int, power: int) -> tuple[str, ...]:
    """Return the English words of group * 1000**power, letters only."""
    words = num2words(group * 1000**power, lang="en")
    return tuple(re.findall("[a-z]+", words))


def english(number: int) -> list[str]:
    """Return the English words of a number, without hyphens and commas.

    Group by group, as num2words is slow: each group is asked for only once.
    Raises ValueError unless 1 <= number < LIMIT.
    """
    words: list[str] = []
    for group, power in groups(number):
        if words and power == 0 and group < 100:
            words.append("and")  # "one thousand and one"
        words.extend(english_group(group, power))
    return words


# --8<-- [end:english]


# --8<-- [start:german]
# The longest morphemes first, so that "achtzig" is not read as "acht".
MORPHEME = re.compile("|".join(sorted(GERMAN_MORPHEMES, key=len)[::-1]))


@cache
def german_group(group: int, power: int) -> tuple[str, ...]:
    """Return the German morphemes of group * 1000**power."""
    words = num2words(group * 1000**power, lang="de").split()
    morphemes = [part for word in words for part in MORPHEME.findall(word)]
    assert "".join(morphemes) == "".join(words), words  # nothing is lost
    return tuple(morphemes)


def german(number: int) -> list[str]:
    """Return the German morphemes of a number, as num2words writes it.

    A "one" before a scale word is "ein" (tausend) or "eine" (Million), alone
    at the end "eins". After a hundred, num2words writes "einhunderteins
    Millionen" and "einhunderteinstausend", where German has other forms too.
    Raises ValueError unless 1 <= number < LIMIT.
    """
    pairs = groups(number)
    return [part for pair in pairs for part in german_group(*pair)]


# --8<-- [end:german]


# --8<-- [start:alignment]
def alignment(number: int) -> list[int | None]:
    """Return for each German morpheme the place of its English word.

    None stands for "und", which no English word says: "eighty three" is
    "drei und achtzig", [1, None, 0]. It follows from the digits alone.
    Raises ValueError unless 1 <= number < LIMIT.
    """
    places: list[int | None] = []
    here = 0  # place of the next English word
    for group, power in groups(number):
        hundreds, rest = divmod(group, 100)
        if hundreds:  # "two hundred", "zwei hundert"
            places += [here, here + 1]
            here += 2
        if rest and (hundreds or (here and power == 0)):
            here += 1  # the English "and" is not said in German
        if rest > 20 and rest % 10:  # tens and units change places
            places += [here + 1, None, here]
            here += 2
        elif rest:
            places.append(here)
            here += 1
        if power:  # "million", "Millionen"
            places.append(here)
            here += 1
    return places


# --8<-- [end:alignment]


# --8<-- [start:draw_numbers]
def draw_number(chance: random.Random) -> int:
    """Draw one number: up to five groups, a fifth of them empty.

    Uniform numbers would nearly all be long, and without "eine Million".
    """
    number = 0
    while number == 0:
        for _ in range(chance.randint(1, 5)):
            digits = chance.choice((1, 2, 3, 3, 3))
            group = chance.randrange(10**digits)
            number = 1000 * number + group * (chance.random() >= 0.2)
    return number


def draw_numbers(count: int, seed: int) -> list[int]:
    """Draw this many different numbers, the same ones for the same seed.

    Raises ValueError for a count below 1.
    """
    expect(count >= 1, "count", "1 or more", count)
    chance = random.Random(seed)
    numbers: dict[int, None] = {}  # a set that keeps its order
    while len(numbers) < count:
        numbers[draw_number(chance)] = None
    # Short numbers repeat, so that most of them came early.
    return chance.sample(list(numbers), count)


# --8<-- [end:draw_numbers]


# --8<-- [start:make_splits]
LENGTH_BINS = [(1, 5), (6, 10), (11, 15), (16, 20), (21, 25), (26, 30)]


def length_bin(number: int) -> tuple[int, int]:
    """Return the bin of a number: its least and largest English length."""
    low = (len(english(number)) - 1) // 5 * 5 + 1
    return low, low + 4


def make_splits(seed: int = 0) -> dict[str, list[int]]:
    """Return numbers for each purpose; no number is in two of the lists.

    training: 10,000; validation: 1,000; held_out: 2,000, drawn alike;
    by_length: 100 for each of LENGTH_BINS, in this order.
    """
    numbers = draw_numbers(13_000, seed)
    used = set(numbers)
    binned: dict[tuple[int, int], list[int]] = {key: [] for key in LENGTH_BINS}
    chance = random.Random(seed + 1)
    while any(len(chosen) < 100 for chosen in binned.values()):
        number = draw_number(chance)
        chosen = binned[length_bin(number)]
        if len(chosen) < 100 and number not in used:
            chosen.append(number)
            used.add(number)
    by_length = [number for chosen in binned.values() for number in chosen]
    return {
        "training": numbers[:10_000],
        "validation": numbers[10_000:11_000],
        "held_out": numbers[11_000:],
        "by_length": by_length,
    }


# --8<-- [end:make_splits]


# --8<-- [start:encode]
def encode(sentences: list[list[str]], vocabulary: list[str]) -> Tensor:
    """Return the numbers of the words, one row a sentence, padded at the end.

    Returns int64 (batch, length) with the length of the longest sentence and
    PADDING after the others: `encode(...) != PADDING` is their mask.
    Raises ValueError without a sentence, for an empty one and for a word that
    is not in the vocabulary.
    """
    expect(len(sentences) > 0, "sentences", "one or more", "none")
    number = {word: index for index, word in enumerate(vocabulary)}
    length = max(len(sentence) for sentence in sentences)
    rows = []
    for sentence in sentences:
        unknown = [word for word in sentence if word not in number]
        expect(not unknown, "sentences", "words of the vocabulary", unknown)
        expect(len(sentence) > 0, "sentences", "no empty one", sentence)
        padding = [PADDING] * (length - len(sentence))
        rows.append([number[word] for word in sentence] + padding)
    return torch.tensor(rows)  # (batch, length)


# --8<-- [end:encode]
