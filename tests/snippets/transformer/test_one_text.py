"""The translator of one text: its data, its score, and the page's claims."""

import pytest
import torch
from torch import nn

from snippets.results import sharing
from snippets.transformer import one_text
from snippets.transformer.one_text import (
    OneText,
    loss_of,
    score,
    texts,
    train_one_text,
)
from snippets.translator.number_words import (
    END,
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    PADDING,
    START,
    english,
    german,
)
from tests.support.tensors import identical

FIRST = len(ENGLISH_WORDS)  # German morphemes are numbered behind English
SPLITS = {"training": [*range(1, 400)], "held_out": [*range(400, 900)]}


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(one_text, "make_splits", lambda: SPLITS)


def test_a_text_is_both_sentences():
    words, wanted = texts([83, 7])
    names = [*ENGLISH_WORDS, *GERMAN_MORPHEMES]
    assert [names[word] for word in words[0]] == [
        *english(83),
        GERMAN_MORPHEMES[START],
        *german(83),
    ]
    # Each German word follows the one that is above it in the text.
    count = len(english(83))
    assert (wanted[0, :count] == PADDING).all()
    assert [GERMAN_MORPHEMES[word] for word in wanted[0, count:]] == [
        *german(83),
        GERMAN_MORPHEMES[END],
    ]
    length = len(english(7)) + 1 + len(german(7))
    assert (words[1, :length] != PADDING).all()
    assert (words[1, length:] == PADDING).all()
    assert (wanted[1, length:] == PADDING).all()


@pytest.mark.parametrize(
    "how", [{}, {"key_heads": 2}, {"key_heads": 1}, {"latent_size": 7}]
)
def test_a_later_word_moves_nothing_earlier(how):
    torch.manual_seed(0)
    model = OneText(**how).double()
    words, _ = texts([83_421, 12_345])
    other = words.roll(1, dims=1)
    whole = model(words)
    for place in range(1, words.size(1)):
        changed = torch.cat((words[:, :place], other[:, place:]), dim=1)
        assert torch.allclose(
            model(changed)[:, :place], whole[:, :place], atol=1e-10
        )
    changed = words.clone()
    changed[:, 0] += 1
    assert ((model(changed) - whole).abs().amax(dim=2) > 1e-6).all()


class Knowing(nn.Module):
    """Continues every text rightly, unless it is a number that it mistakes."""

    def __init__(self):
        super().__init__()
        self.answers = {}
        for number in SPLITS["held_out"]:
            text, wanted = texts([number])
            for place in range(text.size(1)):
                prefix = tuple(text[0, : place + 1].tolist())
                answer = wanted[0, place].item()
                wrong = number % 5 == 0 and place == text.size(1) - 2
                self.answers[prefix] = 3 if wrong else answer

    def forward(self, words):
        logits = torch.zeros(*words.shape, len(GERMAN_MORPHEMES))
        for row, text in enumerate(words.tolist()):
            for place in range(len(text)):
                answer = self.answers.get(tuple(text[: place + 1]), 0)
                logits[row, place, answer] = 1.0
        return logits


def written(model, number):
    """Translate word by word, the likeliest each time."""
    words, _ = texts([number])
    words = words[:, : len(english(number)) + 1]
    said = []
    while len(said) < 12:
        likeliest = model(words)[0, -1].argmax().item()
        if likeliest == END:
            break
        said.append(GERMAN_MORPHEMES[likeliest])
        new = torch.tensor([[FIRST + likeliest]])
        words = torch.cat((words, new), dim=1)
    return said


def test_exact_match_is_that_of_writing(few):
    model = Knowing()
    assert score(model)["exact"] == 0.8
    for number in (400, 401, 455, 456, 899):
        right = written(model, number) == german(number)
        assert right == (number % 5 != 0)


def test_loss_is_the_mean_over_the_words_wanted(few):
    torch.manual_seed(0)
    model = OneText()
    with torch.no_grad():
        words, wanted = texts(SPLITS["held_out"])
        chances = model(words).softmax(dim=2)
        there = wanted != PADDING
        right = chances.gather(2, wanted.unsqueeze(2)).squeeze(2)[there]
        expected = -right.log().mean().item()
        assert score(model)["loss"] == pytest.approx(expected, rel=1e-5)
        found = loss_of(model, words, wanted, "mean").item()
        assert found == pytest.approx(expected, rel=1e-5)


def test_training_learns_and_is_repeatable(few):
    results = []
    for _ in range(2):
        torch.manual_seed(3)
        before = score(OneText(key_heads=1))["loss"]
        trained = train_one_text(seed=3, steps=30, rate=0.01, key_heads=1)
        results.append(trained["state"])
        assert trained["loss"] < 0.7 * before
    assert identical(*results)


def test_what_is_cached_is_counted(few):
    for how, numbers in (
        ({"key_heads": 4}, 2 * 2 * 4 * 12),
        ({"key_heads": 1}, 2 * 2 * 12),
        ({"latent_size": 7}, 2 * 7),
    ):
        found = train_one_text(seed=0, steps=1, rate=0.01, **how)
        assert found["numbers"] == numbers
        model = OneText(**how)
        model.load_state_dict(found["state"])
        cached = 0
        for block in model.blocks:
            cache = block.self_attention.new_cache(1, 5)
            cached += cache.nbytes() // 4 // 5
        assert cached == numbers


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0, "rate": 0.1}, r"^steps: expected 1 or more, got 0$"),
        ({"steps": 1, "rate": 0.0}, r"^rate: expected more than 0, got 0.0$"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        train_one_text(seed=0, **settings)


def test_the_bytes_of_the_page():
    names = "4 key heads", "2 key heads", "1 key head", "latent"
    assert [sharing.cached_bytes(name) for name in names] == [384, 192, 96, 96]
