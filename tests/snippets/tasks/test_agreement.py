"""The small language model and its sentences are what the page says."""

import math

import pytest
import torch

from snippets.scaled_dot_product_attention import attention
from snippets.tasks.agreement import (
    ADJECTIVES,
    END,
    INDEX,
    NOUNS,
    PLACES,
    SAYS,
    VERBS,
    WORDS,
    LanguageModel,
    encode,
    make_beginnings,
    split,
    train,
    verb_of,
)


def test_beginnings_are_all_that_there_are():
    beginnings = make_beginnings()
    where = 1 + len(PLACES) * len(NOUNS) * (1 + len(PLACES) * len(NOUNS))
    assert len(beginnings) == len(ADJECTIVES) * len(NOUNS) * where
    assert len(set(map(tuple, beginnings))) == len(beginnings)
    assert {word for begun in beginnings for word in begun} == set(
        WORDS
    ) - set(VERBS) - {END}


@pytest.mark.parametrize(
    ("begun", "verb"),
    [
        ("the black cat near the dogs", "purrs"),
        ("the cats behind the frog near the lion", "purr"),
        ("the old frogs", "croak"),
    ],
)
def test_the_verb_is_that_of_the_first_noun(begun, verb):
    assert verb_of(begun.split()) == verb


def test_every_animal_has_its_own_verb_in_both_numbers():
    said = {verb_of(["the", noun]) for noun in NOUNS}
    assert len(said) == len(NOUNS) == 2 * len(SAYS) == len(VERBS)


def test_sentences_are_filled_up_to_the_longest():
    short, long = ["the", "cat"], ["the", "cat", "purrs", END]
    assert encode([short, long]).tolist() == [
        [INDEX["the"], INDEX["cat"], INDEX[END], INDEX[END]],
        [INDEX[word] for word in long],
    ]


def test_a_fifth_is_kept_aside():
    kept, aside = split()
    assert len(aside) == (len(kept) + len(aside)) // 5
    assert not {*map(tuple, kept)} & {*map(tuple, aside)}
    assert split()[1][:3] == aside[:3] != split(seed=1)[1][:3]


@pytest.fixture
def words():
    return encode([["the", "cat", "purrs", END], ["the", "dogs", "bark", END]])


def test_attention_is_that_of_its_own_page(words):
    torch.manual_seed(0)
    model = LanguageModel()
    logits, weights = model(words)
    vectors = model.word(words) + model.position(torch.arange(4))
    context, expected = attention(
        model.query(vectors).unsqueeze(1),
        model.key(vectors).unsqueeze(1),
        model.value(vectors).unsqueeze(1),
        is_causal=True,
    )
    torch.testing.assert_close(weights, expected[:, 0])
    torch.testing.assert_close(logits, model.output(vectors + context[:, 0]))


def test_a_later_word_changes_nothing_before_it(words):
    torch.manual_seed(0)
    model = LanguageModel()
    logits, _ = model(words)
    words[:, 2] = INDEX["frogs"]
    changed, _ = model(words)
    torch.testing.assert_close(changed[:, :2], logits[:, :2])
    assert not torch.allclose(changed[:, 2:], logits[:, 2:])


def test_equal_weights_are_shared_by_all_words_so_far(words):
    _, weights = LanguageModel("equal")(words)
    expected = [[1 / (i + 1)] * (i + 1) + [0] * (3 - i) for i in range(4)]
    torch.testing.assert_close(weights[0], torch.tensor(expected))


def test_training_repeats_and_learns():
    model, again = train("learnt", 1, steps=40), train("learnt", 1, steps=40)
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    torch.manual_seed(1)
    beginnings = split()[1][:200]
    rows = encode([[*begun, verb_of(begun), END] for begun in beginnings])

    def loss(model):
        logits, _ = model(rows[:, :-1])
        return torch.nn.functional.cross_entropy(logits.mT, rows[:, 1:])

    assert loss(model) < loss(LanguageModel()) - 1
    assert loss(LanguageModel()) > math.log(len(WORDS)) - 1
