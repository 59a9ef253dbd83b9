"""Training does what its settings say, twice the same, and it learns."""

import json

import pytest
import torch

from snippets.transformer import training as transformer_training
from snippets.transformer.training import (
    load_transformer,
    new_transformer,
    train_transformer,
)
from snippets.translator.evaluation import exact_match
from snippets.translator.number_words import english, make_splits
from snippets.translator.training import encode_pairs
from tests.support.tensors import identical

QUICK = dict(seed=0, steps=3, rate=0.005)
WHOLE = {**QUICK, "key_heads": None, "norm_first": True, "shift": 8}


@pytest.fixture(autouse=True, scope="module")
def few_numbers():
    """Encode a tenth of the training numbers: a test has little time."""
    splits = make_splits()
    short = [n for n in splits["training"] if len(english(n)) <= 6]
    fewer = splits | {"training": short}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformer_training, "make_splits", lambda: fewer)
        yield


@pytest.fixture(scope="module")
def quick(few_numbers):
    return train_transformer(**QUICK)


def test_the_same_settings_give_the_same_weights(quick):
    torch.seed()
    again = train_transformer(**QUICK)
    assert identical(quick["state"], again["state"])
    assert again["losses"] == quick["losses"]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"rate": 0.02},
        {"key_heads": 2},
        {"norm_first": False},
        {"shift": 0},
    ],
    ids=str,
)
def test_each_setting_matters(quick, change):
    other = train_transformer(**QUICK | change)
    assert not identical(quick["state"], other["state"])


def test_the_seed_draws_the_batches_too(monkeypatch):
    def same_start(settings):
        torch.manual_seed(5)
        return new_transformer(settings)

    def loss(seed):
        one_step = QUICK | {"seed": seed, "steps": 1}
        return train_transformer(**one_step)["losses"]

    monkeypatch.setattr(transformer_training, "new_transformer", same_start)
    assert loss(0) == loss(0) != loss(1)


def test_settings_reach_the_model(quick):
    model = load_transformer(train_transformer(**QUICK | {"key_heads": 2}))
    attention = model.decoder.blocks[0].self_attention
    assert (attention.num_heads, attention.num_key_heads) == (4, 2)
    for norm_first in (True, False):
        model = new_transformer(WHOLE | {"norm_first": norm_first})
        assert model.encoder[0].norm_1.norm_first is norm_first
        assert model.decoder.blocks[0].norm_3.norm_first is norm_first


def test_result_holds_settings_losses_and_weights(quick):
    assert quick["settings"] == WHOLE
    assert json.loads(json.dumps(quick["settings"])) == quick["settings"]
    assert [type(loss) for loss in quick["losses"]] == [float] * 3


def test_the_loaded_transformer_has_the_trained_weights(quick):
    model = load_transformer(quick)
    assert not model.training
    assert identical(quick["state"], model.state_dict())


def test_only_training_numbers_are_seen(monkeypatch):
    seen = []

    def spy(numbers):
        seen.extend(numbers)
        return encode_pairs(numbers)

    monkeypatch.setattr(transformer_training, "encode_pairs", spy)
    train_transformer(**QUICK | {"steps": 1})
    assert seen == transformer_training.make_splits()["training"]


def test_padding_has_no_part_in_the_loss(monkeypatch):
    """One batch, and the same with a longer sentence's padding beside it."""
    calls = []
    entropy = torch.nn.functional.cross_entropy

    def spy(logits, target, **given):
        calls.append((logits, target))
        return entropy(logits, target, **given)

    monkeypatch.setattr(torch.nn.functional, "cross_entropy", spy)
    [loss] = train_transformer(**QUICK | {"steps": 1})["losses"]
    [(logits, target)] = calls
    words = target != 0
    assert 0 < words.sum() < words.numel()
    expected = entropy(logits[words], target[words])
    assert loss == pytest.approx(expected.item())


def test_progress_is_reported():
    calls = []
    train_transformer(
        **QUICK | {"steps": 27}, report=lambda *call: calls.append(call)
    )
    assert [call[:2] for call in calls] == [(25, 27), (27, 27)]
    assert all(type(loss) is float for *_, loss in calls)


@pytest.mark.parametrize("norm_first", [True, False])
def test_a_short_training_learns_to_translate_short_numbers(norm_first):
    """With the norm on either side."""
    trained = train_transformer(
        seed=0, steps=250, rate=0.01, norm_first=norm_first
    )
    assert trained["losses"][0] > 3
    unseen = [n for n in make_splits()["held_out"] if len(english(n)) <= 6]
    assert exact_match(load_transformer(trained), unseen) >= 0.9


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 0), ("rate", 0), ("num_key_heads", 3)],
)
def test_settings_that_cannot_be_used_are_an_error(name, value):
    name_here = name.replace("num_", "")
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        train_transformer(**QUICK | {name_here: value})
