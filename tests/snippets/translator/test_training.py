"""Training does what its settings say, twice the same, and it learns."""

import json

import pytest
import torch

from snippets.translator import training as translator_training
from snippets.translator.evaluation import exact_match
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    english,
    german,
    make_splits,
)
from snippets.translator.training import (
    batches,
    cropped,
    encode_pairs,
    load_translator,
    train_translator,
)
from tests.support.tensors import identical

QUICK = dict(attention="additive", seed=0, steps=3, rate=0.01, longest=6)


@pytest.fixture(scope="module")
def quick():
    return train_translator(**QUICK)


def test_the_same_settings_give_the_same_weights(quick):
    torch.seed()
    again = train_translator(**QUICK)
    assert identical(quick["state"], again["state"])
    assert again["losses"] == quick["losses"]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"rate": 0.02},
        {"longest": 7},
        {"order": "luong"},
        {"attention": "concat"},
        {"times": 2},
    ],
    ids=str,
)
def test_each_setting_matters(quick, change):
    other = train_translator(**QUICK | change)
    assert not identical(quick["state"], other["state"])


def test_the_mask_setting_reaches_the_model(quick):
    assert load_translator(quick).mask is True
    trained = train_translator(**QUICK | {"mask": False})
    assert load_translator(trained).mask is False


def test_result_holds_settings_losses_and_weights(quick):
    others = {"order": "bahdanau", "mask": True, "times": 1}
    assert quick["settings"] == QUICK | others
    assert json.loads(json.dumps(quick["settings"])) == quick["settings"]
    assert [type(loss) for loss in quick["losses"]] == [float] * 3


def test_the_loaded_translator_has_the_trained_weights(quick):
    model = load_translator(quick)
    assert not model.training
    assert identical(quick["state"], model.state_dict())


@pytest.mark.parametrize("attention", ["additive", "none"])
def test_the_models_compared_have_like_numbers_of_parameters(attention):
    trained = train_translator(**QUICK | {"attention": attention, "steps": 1})
    count = sum(weights.numel() for weights in trained["state"].values())
    assert count == {"additive": 67_089, "none": 70_745}[attention]


def test_only_training_numbers_up_to_the_longest_are_seen(monkeypatch):
    seen = []

    def spy(numbers):
        seen.extend(numbers)
        return encode_pairs(numbers)

    monkeypatch.setattr(translator_training, "encode_pairs", spy)
    train_translator(**QUICK | {"steps": 1})
    training = make_splits()["training"]
    assert seen == [n for n in training if len(english(n)) <= 6]


def test_pairs_are_encoded_with_start_and_end():
    sources, targets = encode_pairs([2, 83])
    assert [ENGLISH_WORDS[word] for word in sources[1]] == english(83)
    words = [GERMAN_MORPHEMES[word] for word in targets[1]]
    assert words == ["<start>", *german(83), "<end>"]
    padding = ["<padding>"] * 2
    words = [GERMAN_MORPHEMES[word] for word in targets[0]]
    assert words == ["<start>", "zwei", "<end>", *padding]


def test_cropping_cuts_padding_only():
    words = torch.tensor([[3, 4, 0, 0], [3, 0, 0, 0]])
    assert cropped(words).tolist() == [[3, 4], [3, 0]]


def test_each_epoch_has_every_item_once_in_batches_of_like_lengths():
    length = torch.arange(50) % 7 + 1
    sources = (torch.arange(7) < length.unsqueeze(1)).long()
    targets = torch.arange(50)
    stream = batches(sources, targets, 8, torch.Generator().manual_seed(0))
    epochs = [[next(stream) for _ in range(7)] for _ in range(2)]
    for epoch in epochs:
        items = torch.cat([target for _, target in epoch])
        assert items.sort().values.tolist() == list(range(50))
        for source, target in epoch:
            assert torch.equal(source, sources[target])
            assert length[target].max() - length[target].min() <= 2
    orders = [[target.tolist() for _, target in epoch] for epoch in epochs]
    assert orders[0] != orders[1]


def test_progress_is_reported():
    calls = []
    train_translator(
        **QUICK | {"steps": 27}, report=lambda *call: calls.append(call)
    )
    assert [call[:2] for call in calls] == [(25, 27), (27, 27)]
    assert all(type(loss) is float for *_, loss in calls)


def test_a_short_training_learns_to_translate_short_numbers():
    trained = train_translator(
        attention="additive", seed=0, steps=200, rate=0.02, longest=6
    )
    assert trained["losses"][0] > 3
    unseen = [n for n in make_splits()["held_out"] if len(english(n)) <= 6]
    assert len(unseen) > 300
    assert exact_match(load_translator(trained), unseen) >= 0.95


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("rate", 0),
        ("longest", 0),
        ("attention", "dott"),
        ("order", "vaswani"),
    ],
)
def test_settings_that_cannot_be_used_are_an_error(name, value):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        train_translator(**QUICK | {name: value})
