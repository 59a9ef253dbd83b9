"""The data of the translator: words, morphemes and their true alignment."""

import random

import pytest
import torch
from num2words import num2words

from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    LENGTH_BINS,
    LIMIT,
    MORPHEME,
    alignment,
    draw_numbers,
    encode,
    english,
    german,
    groups,
    length_bin,
    make_splits,
)

# Every shape that a number of this size can have, and a chance sample.
EDGES = [
    *range(1, 1200),
    *(10**power + more for power in range(15) for more in (-1, 0, 1, 21)),
    *(1001 * 10**power for power in range(12)),
    LIMIT - 1,
]
EDGES = [number for number in EDGES if 1 <= number < LIMIT]
SAMPLE = EDGES + draw_numbers(3_000, seed=11)

# What each English word can be in German, "and" aside.
DICTIONARY = {
    "one": "ein eine eins",
    "two": "zwei",
    "three": "drei",
    "four": "vier",
    "five": "fünf",
    "six": "sechs",
    "seven": "sieben",
    "eight": "acht",
    "nine": "neun",
    "ten": "zehn",
    "eleven": "elf",
    "twelve": "zwölf",
    "thirteen": "dreizehn",
    "fourteen": "vierzehn",
    "fifteen": "fünfzehn",
    "sixteen": "sechzehn",
    "seventeen": "siebzehn",
    "eighteen": "achtzehn",
    "nineteen": "neunzehn",
    "twenty": "zwanzig",
    "thirty": "dreißig",
    "forty": "vierzig",
    "fifty": "fünfzig",
    "sixty": "sechzig",
    "seventy": "siebzig",
    "eighty": "achtzig",
    "ninety": "neunzig",
    "hundred": "hundert",
    "thousand": "tausend",
    "million": "Million Millionen",
    "billion": "Milliarde Milliarden",
    "trillion": "Billion Billionen",
}


@pytest.fixture(scope="module")
def splits():
    return make_splits()


def test_words_are_those_of_num2words():
    for number in SAMPLE:
        words = num2words(number, lang="en").replace("-", " ")
        assert english(number) == words.replace(",", "").split()


def written(morphemes):
    """Join morphemes to German words: nouns stand alone."""
    spaced = [f" {m} " if m[0].isupper() else m for m in morphemes]
    return "".join(spaced).split()


def test_morphemes_join_to_the_words_of_num2words():
    for number in SAMPLE:
        words = num2words(number, lang="de").split()
        assert written(german(number)) == words


def test_splitting_undoes_joining_of_100_000_numbers():
    chance = random.Random(5)
    for _ in range(100_000):
        morphemes = german(chance.randrange(1, LIMIT))
        words = written(morphemes)
        split = [part for word in words for part in MORPHEME.findall(word)]
        assert split == morphemes


@pytest.mark.parametrize(
    ("number", "source", "target", "places"),
    [
        (1, "one", "eins", [0]),
        (13, "thirteen", "dreizehn", [0]),
        (20, "twenty", "zwanzig", [0]),
        (83, "eighty three", "drei und achtzig", [1, None, 0]),
        (100, "one hundred", "ein hundert", [0, 1]),
        (101, "one hundred and one", "ein hundert eins", [0, 1, 3]),
        (212, "two hundred and twelve", "zwei hundert zwölf", [0, 1, 3]),
        (
            999,
            "nine hundred and ninety nine",
            "neun hundert neun und neunzig",
            [0, 1, 4, None, 3],
        ),
        (1000, "one thousand", "ein tausend", [0, 1]),
        (1001, "one thousand and one", "ein tausend eins", [0, 1, 3]),
        (
            21_000,
            "twenty one thousand",
            "ein und zwanzig tausend",
            [1, None, 0, 2],
        ),
        (
            1_000_000_000_034,
            "one trillion and thirty four",
            "eine Billion vier und dreißig",
            [0, 1, 4, None, 3],
        ),
        (
            2_001_000_200,
            "two billion one million two hundred",
            "zwei Milliarden eine Million zwei hundert",
            [0, 1, 2, 3, 4, 5],
        ),
        (
            1_000_045_000,
            "one billion forty five thousand",
            "eine Milliarde fünf und vierzig tausend",
            [0, 1, 3, None, 2, 4],
        ),
        (
            301_000_016,
            "three hundred and one million and sixteen",
            "drei hundert eins Millionen sechzehn",
            [0, 1, 3, 4, 6],
        ),
    ],
)
def test_hand_made_case(number, source, target, places):
    assert english(number) == source.split()
    assert german(number) == target.split()
    assert alignment(number) == places


def test_alignment_links_translations_and_leaves_out_and_only():
    for number in SAMPLE:
        words, morphemes = english(number), german(number)
        places = alignment(number)
        linked = [place for place in places if place is not None]
        for morpheme, place in zip(morphemes, places, strict=True):
            if place is None:
                assert morpheme == "und"
            else:
                assert morpheme in DICTIONARY[words[place]].split()
        assert len(set(linked)) == len(linked)
        left_out = set(range(len(words))) - set(linked)
        assert all(words[place] == "and" for place in left_out)


def test_alignment_stays_inside_its_group():
    """A word that occurs twice is linked to the right one of the two."""
    number, words = 21_021_021_021_021, english(21_021_021_021_021)
    assert words.count("twenty") == 5
    places = [place for place in alignment(number) if place is not None]
    blocks = [[1, 0, 2], [4, 3, 5], [7, 6, 8], [10, 9, 11], [14, 13]]
    assert places == [place for block in blocks for place in block]


def test_vocabularies_are_exactly_what_occurs():
    used = set().union(*(english(number) for number in SAMPLE))
    assert used == set(ENGLISH_WORDS[3:]) == {*DICTIONARY, "and"}
    used = set().union(*(german(number) for number in SAMPLE))
    assert used == set(GERMAN_MORPHEMES[3:])
    assert len(ENGLISH_WORDS) == len(set(ENGLISH_WORDS)) == 36
    assert len(GERMAN_MORPHEMES) == len(set(GERMAN_MORPHEMES)) == 41


def test_groups_leave_out_the_empty_ones():
    assert groups(2_005_000) == [(2, 2), (5, 1)]
    assert groups(LIMIT - 1) == [(999, power) for power in (4, 3, 2, 1, 0)]


def test_draws_repeat_with_their_seed_and_differ_without():
    assert draw_numbers(50, seed=3) == draw_numbers(50, seed=3)
    assert draw_numbers(50, seed=3) != draw_numbers(50, seed=4)
    assert len(set(draw_numbers(500, seed=3))) == 500


def test_splits_have_their_sizes_and_share_nothing(splits):
    sizes = {name: len(numbers) for name, numbers in splits.items()}
    assert sizes == {
        "training": 10_000,
        "validation": 1_000,
        "held_out": 2_000,
        "by_length": 600,
    }
    together = [number for numbers in splits.values() for number in numbers]
    assert len(set(together)) == sum(sizes.values())
    assert splits == make_splits()


def test_each_length_has_100_numbers(splits):
    for index, (low, high) in enumerate(LENGTH_BINS):
        for number in splits["by_length"][100 * index : 100 * (index + 1)]:
            assert low <= len(english(number)) <= high
            assert length_bin(number) == (low, high)


def test_training_has_each_morpheme_in_short_and_long_inputs(splits):
    for lengths in (range(1, 8), range(16, 31)):
        chosen = [n for n in splits["training"] if len(english(n)) in lengths]
        used = set().union(*(german(number) for number in chosen))
        assert used == set(GERMAN_MORPHEMES[3:])


def test_encoded_sentences_are_padded_at_the_end():
    words = encode([["two"], ["one", "hundred"]], ENGLISH_WORDS)
    two, one, hundred = map(ENGLISH_WORDS.index, ("two", "one", "hundred"))
    assert words.dtype == torch.int64
    assert words.tolist() == [[two, 0], [one, hundred]]


@pytest.mark.parametrize("number", [0, -1, LIMIT, 1.0, "1", True])
@pytest.mark.parametrize("function", [english, german, alignment])
def test_a_number_out_of_range_is_an_error(function, number):
    with pytest.raises(ValueError, match=r"^number: expected"):
        function(number)


@pytest.mark.parametrize("sentences", [[], [[]], [["two"], []], [["zwei"]]])
def test_sentences_that_cannot_be_encoded_are_an_error(sentences):
    with pytest.raises(ValueError, match=r"^sentences: expected"):
        encode(sentences, ENGLISH_WORDS)


def test_a_count_below_one_is_an_error():
    with pytest.raises(ValueError, match=r"^count: expected 1 or more, got 0"):
        draw_numbers(0, seed=0)
