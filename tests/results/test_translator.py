"""The numbers of the translator, of trainings made by hand."""

from types import SimpleNamespace

import pytest
import torch

from snippets.number_words import ENGLISH_WORDS, english, german, make_splits
from snippets.results import translator as results
from tests.results.made import columns, printed, reader, same, table

BINS = [(1, 5), (6, 10), (11, 15), (16, 20), (21, 25), (26, 30)]
LENGTHS = ["1 to 5", "6 to 10", "11 to 15", "16 to 20", "21 to 25", "26 to 30"]
LONGER = "fixed vector, four times the steps"


def run(parameters, exact, by_length):
    return {
        "parameters": parameters,
        "exact": exact,
        "by_length": dict(zip(BINS, by_length, strict=True)),
    }


# Neither the first nor the last start is the best; the mean is no median.
RUNS = {
    ("attention", 0): run(71, 0.9811, (0.90, 0.80, 0.70, 0.60, 0.50, 0.40)),
    ("attention", 1): run(72, 0.9907, (0.60, 0.50, 0.40, 0.30, 0.20, 0.10)),
    ("attention", 2): run(73, 0.9709, (0.62, 0.52, 0.42, 0.32, 0.22, 0.12)),
    ("fixed vector", 0): run(81, 0.62, (0.10, 0.12, 0.14, 0.16, 0.18, 0.20)),
    ("fixed vector", 1): run(82, 0.61, (0.50, 0.52, 0.54, 0.56, 0.58, 0.60)),
    ("fixed vector", 2): run(83, 0.64, (0.20, 0.22, 0.24, 0.26, 0.28, 0.30)),
    (LONGER, 0): run(84, 0.8786, (0.96, 0.86, 0.76, 0.66, 0.56, 0.456)),
    ("attention, at most 16 words", 0): run(
        74, 0.5, (0.99, 0.97, 0.95, 0.93, 0.07, 0.016)
    ),
    ("fixed vector, at most 16 words", 0): run(
        85, 0.4, (0.89, 0.87, 0.85, 0.83, 0.06, 0.02)
    ),
}


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(results, "measured", reader(RUNS))


def test_runs_are_those_of_each_random_start(made):
    attention = [RUNS["attention", seed] for seed in (0, 1, 2)]
    same(results.runs("attention"), attention)
    same(results.runs(LONGER), [RUNS[LONGER, 0]])


def test_a_spread_has_the_least_first():
    assert results.spread([0.981, 0.9906, 0.97]) == "97.0% to 99.1%"
    assert results.spread([0.5, 0.5]) == "50.0%"


def test_the_sizes_of_the_experiment(made, monkeypatch):
    splits = {"training": [1] * 7, "validation": [1] * 5, "held_out": [1] * 3}
    monkeypatch.setattr(results, "make_splits", lambda: splits)
    printed(
        results.task(),
        {
            "training": 7,
            "validation": 5,
            "held_out": 3,
            "seeds": 3,
            "attention_parameters": 71,
            "fixed_parameters": 81,
            "attention_steps": 450,
            "fixed_steps": 650,
            "long_steps": 2600,
        },
    )


def test_exact_match_over_the_random_starts(made):
    printed(
        results.exact(),
        {
            "attention": "97.1% to 99.1%",
            "fixed": "61.0% to 64.0%",
            "longer": "87.9%",
        },
    )


def test_each_length_has_the_mean_of_the_random_starts(made):
    printed(
        results.by_length(),
        columns(
            {
                "English words": LENGTHS,
                "with attention": ["71%", "61%", "51%", "41%", "31%", "21%"],
                "fixed vector": ["27%", "29%", "31%", "33%", "35%", "37%"],
                LONGER: ["96%", "86%", "76%", "66%", "56%", "46%"],
            }
        ),
    )


def test_each_length_after_training_on_short_numbers(made):
    printed(
        results.too_long(),
        columns(
            {
                "English words": LENGTHS,
                "with attention": ["99%", "97%", "95%", "93%", "7%", "2%"],
                "fixed vector": ["89%", "87%", "85%", "83%", "6%", "2%"],
            }
        ),
    )


def aligned(place):
    """Measurements that are other ones in each place of a table."""
    return {
        "parameters": 60_000 + place,
        "losses": [1.0] * place + [0.05] * 20,
        "exact": 0.9004 + place / 100,
        "alignment": {
            "words": 0.8006 + place / 100,
            "weight": 0.7096 + place / 100,
            "hundert": 0.1 + place / 100,
        },
    }


def test_alignment_has_a_row_for_each_random_start(monkeypatch):
    known = {("attention", seed): aligned(seed) for seed in (0, 1, 2)}
    monkeypatch.setattr(results, "measured", reader(known))
    printed(
        results.alignment(),
        columns(
            {
                "seed": ["0", "1", "2"],
                "exact match": ["90.0%", "91.0%", "92.0%"],
                "right word": ["80.1%", "81.1%", "82.1%"],
                "mean weight on it": ["0.71", "0.72", "0.73"],
                "right word for *hundert*": ["10.0%", "11.0%", "12.0%"],
            }
        ),
    )


def test_scores_have_a_row_for_each(monkeypatch):
    luong = "Luong's order"
    names = (
        "score",
        "parameters",
        "cost of a step",
        "steps to a loss of 0.1",
        "exact match",
        "right word",
        "right word for *hundert*",
    )
    rows = [
        ("additive", 60_000, "1.00", 10, "90.0%", "80.1%", "10.0%"),
        ("concat", 60_001, "1.12", 11, "91.0%", "81.1%", "11.0%"),
        ("dot", 60_002, "1.25", 12, "92.0%", "82.1%", "12.0%"),
        ("general", 60_003, "1.38", 13, "93.0%", "83.1%", "13.0%"),
        ("scaled", 60_004, "1.50", 14, "94.0%", "84.1%", "14.0%"),
        (f"additive, {luong}", 60_005, "1.62", 15, "95.0%", "85.1%", "15.0%"),
        (f"general, {luong}", 60_006, "1.75", 16, "96.0%", "86.1%", "16.0%"),
        (f"scaled, {luong}", 60_007, "1.88", 17, "97.0%", "87.1%", "17.0%"),
    ]
    scores = [row[0] for row in rows]
    known = {score: aligned(place) for place, score in enumerate(scores)}
    known["attention"] = known.pop("additive")
    costs = {score: 1 + place / 8 for place, score in enumerate(scores)}
    monkeypatch.setattr(results, "measured", reader(known))
    monkeypatch.setattr(results.benchmark, "cost", costs.__getitem__)
    printed(results.scores(), table(names, rows))


def test_steps_to_a_loss_are_those_of_the_mean_of_ten():
    assert results.steps_to([0.0] * 10, 0.1) == 10
    # The mean of ten is 0.95, 0.85, … and first below 0.5 after six of 0.
    assert results.steps_to([1.0] * 10 + [0.0] * 9, 0.5) == 16
    with pytest.raises(ValueError, match=r"^the loss never fell below 0.1$"):
        results.steps_to([1.0] * 18 + [0.0] * 9, 0.1)


# Examples of translations.


def test_the_example_in_both_languages():
    assert results.example() == (
        "eighty three million and twenty one\n"
        "drei und achtzig Millionen ein und zwanzig"
    )


def test_the_example_of_the_figures_is_unseen():
    assert results.EXAMPLE not in make_splits()["training"]


# Of 15, 21, 16, 16, 20 and 17 English words: the first two are left out.
NUMBERS = [
    516_626_000_830,
    653_005_204_434_004,
    667_012_443_007,
    379_000_607_021_003,
    961_707_795_091,
    222_007_393_069,
]


def translations(known):
    """Stand in for translate: what each model says of each number."""
    return lambda model, numbers: [(known[model](n), None) for n in numbers]


@pytest.fixture
def speakers(monkeypatch):
    """Attention errs on the third, the fixed vector on all but one."""

    def attention(number):
        return ["ein"] if number == NUMBERS[2] else german(number)

    def fixed(number):
        if number == NUMBERS[3]:
            return german(number)
        return [*german(number)[:2], "falsch", *german(number)[3:], "ein"]

    models = {"attention": "with", "fixed vector": "without"}
    known = {"with": attention, "without": fixed}
    monkeypatch.setattr(results, "translator", reader(models))
    monkeypatch.setattr(results, "translate", translations(known))
    splits = {"by_length": NUMBERS}
    monkeypatch.setattr(results, "make_splits", lambda: splits)


def test_the_garbled_number_is_the_first_that_only_attention_gets(speakers):
    lengths = [len(english(number)) for number in NUMBERS]
    assert lengths == [15, 21, 16, 16, 20, 17]
    assert results.garbled_number() == NUMBERS[4]


def test_wrong_words_are_bold(speakers):
    number = NUMBERS[4]
    right = german(number)
    words = [*right[:2], "**falsch**", *right[3:], "**ein**"]
    printed(
        results.garbled(),
        columns(
            {
                "who": ["English", "right", "with attention", "fixed vector"],
                "words": [
                    " ".join(english(number)),
                    " ".join(right),
                    " ".join(right),
                    " ".join(words),
                ],
            }
        ),
    )


SHORTER, LONG = 516_626_000_830, 583_721_464_121_777


def test_batch_mates_are_compared_with_being_alone(monkeypatch):
    """Only the first 300 short numbers, beside the longest of all."""

    def translate(model, numbers):
        [number, *mate] = numbers
        assert mate in ([], [LONG])
        said = german(number)
        if number > 300:
            said = ["after the three hundredth"]
        elif model == "masked" and number <= 30:
            said = ["wrong, alone or not"]
        elif model == "unmasked" and number <= 60:
            said = ["wrong", *map(str, mate)]
        elif model == "unmasked" and number <= 240 and mate:
            said = ["wrong beside it only"]
        return [(said, None)]

    models = {"attention": "masked", "attention, no mask": "unmasked"}
    splits = {"held_out": [SHORTER, *range(1, 401), LONG]}
    monkeypatch.setattr(results, "make_splits", lambda: splits)
    monkeypatch.setattr(results, "translator", reader(models))
    monkeypatch.setattr(results, "translate", translate)
    printed(
        results.batch_mates(),
        columns(
            {
                "trained and run": ["with mask", "without"],
                "right, alone": ["90.0%", "80.0%"],
                "right, beside a long one": ["90.0%", "20.0%"],
                "output changed": ["0.0%", "80.0%"],
            }
        ),
    )


# The probe.


def test_states_are_the_fixed_vectors_and_a_one():
    def encode(source):
        words = [[ENGLISH_WORDS[word] for word in row] for row in source]
        assert words == [["twenty", "one"], ["seven", "<padding>"]]
        final = torch.tensor([[2.0, 3], [5, 7]])
        return SimpleNamespace(final=final, outputs=-final), None

    model = SimpleNamespace(encode=encode)
    found = results.states(model, [21, 7])
    assert found.tolist() == [[2, 3, 1], [5, 7, 1]]


def test_the_probe_reads_what_the_vector_tells(monkeypatch):
    """Vectors that hold the tens alone: 21, 32 and 43 are learnt by heart."""

    def states(model, numbers):
        assert model == "without"
        tens = torch.tensor(numbers) // 10
        return torch.cat(
            [torch.eye(5)[tens], torch.ones(len(numbers), 1)], dim=1
        )

    splits = {
        "training": [21, 21, 21, 32, 32, 43],
        "by_length": [30, 21, 32, 43, 42],
    }
    monkeypatch.setattr(results, "states", states)
    monkeypatch.setattr(results, "LENGTH_BINS", [(1, 1), (2, 2)])
    monkeypatch.setattr(results, "make_splits", lambda: splits)
    models = {"fixed vector": "without"}
    monkeypatch.setattr(results, "translator", reader(models))
    # Only the "two" of 42 is read wrongly; the guess is always twenty one.
    same(results.probe(), {(1, 1): (1.0, 0.0), (2, 2): (0.875, 0.25)})
