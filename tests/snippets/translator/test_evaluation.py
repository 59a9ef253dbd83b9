"""The counts are right: checked on translators whose answers are known."""

import pytest
import torch
from torch import nn

from snippets.translator.evaluation import (
    LONGEST,
    alignment_accuracy,
    exact_match,
    exact_match_by_length,
    translate,
)
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    END,
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    START,
    alignment,
    draw_numbers,
    encode,
    english,
    german,
)

NUMBERS = [7, 83, 121, 1_000_045, 583_721_946_021]


class Perfect(nn.Module):
    """Knows every number: writes its German and attends to the true words.

    wrong: numbers that it gets wrong at their last morpheme; away: morphemes
    that it attends to the wrong word for.
    """

    def __init__(self, numbers, wrong=(), away=()):
        super().__init__()
        self.decoder = nn.Module()
        self.decoder.attention = None
        self.number = {tuple(english(number)): number for number in numbers}
        self.wrong, self.away = wrong, away

    def encode(self, source):
        numbers = [
            self.number[tuple(ENGLISH_WORDS[word] for word in row if word)]
            for row in source.tolist()
        ]
        return (numbers, source.size(1)), torch.zeros(len(numbers), 1)

    def step(self, previous, state, memory):
        numbers, length = memory
        step = int(state[0, 0])
        logits = torch.zeros(len(numbers), 1, len(GERMAN_MORPHEMES))
        weights = torch.full((len(numbers), 1, length), 0.1)
        for row, number in enumerate(numbers):
            morphemes = german(number)
            said = GERMAN_MORPHEMES[START] if step == 0 else None
            assert said is None or int(previous[row]) == START
            if step >= len(morphemes):
                logits[row, 0, END] = 1
                continue
            word = GERMAN_MORPHEMES.index(morphemes[step])
            if number in self.wrong and step == len(morphemes) - 1:
                word = word - 1 if word > END + 1 else word + 1
            logits[row, 0, word] = 1
            place = alignment(number)[step] or 0
            if morphemes[step] in self.away:
                place = (place + 1) % len(english(number))
            weights[row, 0, place] = 0.6
        return logits, weights, state + 1


class Endless(Perfect):
    """Never stops."""

    def step(self, previous, state, memory):
        logits, weights, state = super().step(previous, state, memory)
        logits[:, :, END] = -1
        return logits, weights, state


def untrained(attention="additive"):
    torch.manual_seed(0)
    sizes = len(ENGLISH_WORDS), len(GERMAN_MORPHEMES)
    return Translator(*sizes, attention=attention).eval()


def test_translations_hold_morphemes_and_a_weight_for_each_pair():
    translations = translate(Perfect(NUMBERS), NUMBERS)
    for number, (morphemes, weights) in zip(
        NUMBERS, translations, strict=True
    ):
        assert morphemes == german(number)
        assert weights.shape == (len(morphemes), len(english(number)))
        for place, row in zip(alignment(number), weights, strict=True):
            assert place is None or row.argmax() == place


def test_batches_of_any_size_give_the_same_translations():
    numbers = draw_numbers(23, seed=5)
    model = untrained()
    together = translate(model, numbers)
    for size in (1, 7):
        apart = translate(model, numbers, batch_size=size)
        for one, other in zip(together, apart, strict=True):
            assert one[0] == other[0]
            torch.testing.assert_close(one[1], other[1], rtol=0, atol=1e-5)


def test_decoding_is_greedy():
    """Each word is the likeliest one after those that were written."""
    model = untrained()
    for number in NUMBERS:
        ((morphemes, weights),) = translate(model, [number])
        source = encode([english(number)], ENGLISH_WORDS)
        previous = encode([["<start>", *morphemes]], GERMAN_MORPHEMES)
        logits, expected = model(source, previous)
        likeliest = [GERMAN_MORPHEMES[i] for i in logits.argmax(dim=2)[0]]
        steps = len(morphemes)
        assert likeliest[:steps] == morphemes
        assert steps == LONGEST or likeliest[steps] == "<end>"
        torch.testing.assert_close(
            weights, expected[0, :steps].detach(), rtol=0, atol=1e-5
        )


def test_a_translator_that_never_stops_is_stopped():
    ((morphemes, weights),) = translate(Endless([7]), [7])
    assert len(morphemes) == len(weights) == LONGEST


def test_every_number_has_fewer_morphemes_than_the_limit():
    assert len(german(999_999_999_999_999)) < LONGEST


def test_exact_match_counts_whole_numbers():
    assert exact_match(Perfect(NUMBERS), NUMBERS) == 1.0
    assert exact_match(Perfect(NUMBERS, wrong=[83]), NUMBERS) == 0.8
    assert exact_match(Perfect(NUMBERS, wrong=NUMBERS), NUMBERS) == 0.0


def test_exact_match_by_length_counts_each_bin_alone():
    numbers = [7, 83, 121, 122, 583_721_946_021]
    shares = exact_match_by_length(Perfect(numbers, wrong=[83, 122]), numbers)
    assert shares == {(1, 5): 0.5, (21, 25): 1.0}


def test_alignment_accuracy_of_a_perfect_translator_is_one():
    accuracy = alignment_accuracy(Perfect(NUMBERS), NUMBERS)
    assert accuracy == {
        "words": 1.0,
        "weight": pytest.approx(0.6),
        "hundert": 1.0,
    }


def test_hundert_is_counted_apart():
    model = Perfect(NUMBERS, away=["hundert"])
    accuracy = alignment_accuracy(model, NUMBERS)
    assert (accuracy["words"], accuracy["hundert"]) == (1.0, 0.0)


def test_each_wrong_weight_is_counted():
    # Of "ein hundert drei und zwanzig", "drei" and "zwanzig" and "ein" count.
    model = Perfect([123], away=["zwanzig"])
    accuracy = alignment_accuracy(model, [123])
    assert accuracy["words"] == pytest.approx(2 / 3)
    assert accuracy["weight"] == pytest.approx((0.6 + 0.6 + 0.1) / 3)


def test_wrong_translations_do_not_count_in_the_alignment():
    model = Perfect([123, 83], wrong=[83], away=["achtzig"])
    assert alignment_accuracy(model, [123, 83])["words"] == 1.0


def test_numbers_are_required():
    with pytest.raises(ValueError, match=r"^numbers: expected one or more"):
        exact_match(untrained(), [])


def test_a_number_out_of_range_is_an_error():
    with pytest.raises(ValueError, match=r"^number: expected 1 to"):
        translate(untrained(), [0])


def test_a_batch_size_below_one_is_an_error():
    with pytest.raises(ValueError, match=r"^batch_size: expected 1 or more"):
        translate(untrained(), [7], batch_size=0)


def test_alignment_needs_attention():
    with pytest.raises(ValueError, match=r"^model: expected .* attention"):
        alignment_accuracy(untrained("none"), NUMBERS)


def test_alignment_needs_right_translations():
    with pytest.raises(ValueError, match=r"^numbers: expected right"):
        alignment_accuracy(Perfect(NUMBERS, wrong=NUMBERS), NUMBERS)
