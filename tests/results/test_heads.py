"""What heads are for: counted on models and weights made by hand."""

import pytest
import torch

from snippets.multi_head_attention import MultiHeadAttention
from snippets.number_words import alignment
from snippets.results import heads as results
from snippets.transformer import Transformer
from tests.probes import normal
from tests.results.made import printed, reader, same, table

NUMBER = 83_000_021


@pytest.fixture
def untrained():
    torch.manual_seed(0)
    return Transformer(39, 41, features=12, num_heads=2, hidden=5, layers=2)


@pytest.fixture
def read(monkeypatch):
    """Let results read this model and these numbers, and no others."""

    def read(model, held_out=()):
        models = {"transformer": model}
        monkeypatch.setattr(
            results, "transformer", reader(models, "transformer")
        )
        splits = {"held_out": [*held_out]}
        monkeypatch.setattr(results, "make_splits", lambda: splits)

    return read


def test_attentions_have_the_names_of_their_places(untrained):
    first, second = untrained.encoder
    third, fourth = untrained.decoder.blocks
    found = results.attentions(untrained)
    expected = {
        "encoder 1": first.self_attention,
        "encoder 2": second.self_attention,
        "decoder 1": third.self_attention,
        "cross 1": third.cross_attention,
        "decoder 2": fourth.self_attention,
        "cross 2": fourth.cross_attention,
    }
    assert [*found] == [*expected]
    for name, attention in expected.items():
        assert found[name] is attention


def test_weights_are_those_of_each_attention(untrained):
    found = results.weights_of(untrained, NUMBER)
    source, target = 6, 8
    shapes = {name: tuple(weights.shape) for name, weights in found.items()}
    assert shapes == {
        "encoder 1": (2, source, source),
        "encoder 2": (2, source, source),
        "decoder 1": (2, target, target),
        "decoder 2": (2, target, target),
        "cross 1": (2, target, source),
        "cross 2": (2, target, source),
    }
    for name, weights in found.items():
        sums = weights.sum(dim=2)
        torch.testing.assert_close(sums, torch.ones_like(sums))
        causal = name.startswith("decoder")
        assert (weights.triu(1) == 0).all().item() is causal
    for attention in results.attentions(untrained).values():
        assert not attention._forward_hooks


def test_where_a_head_might_look():
    # drei und achtzig Millionen ein und zwanzig, and the end
    assert alignment(NUMBER) == [1, None, 0, 2, 5, None, 4]
    same(
        results.cross_places(NUMBER),
        {
            "written now": [1, None, 0, 2, 5, None, 4, None],
            "written last": [None, 1, None, 0, 2, 5, None, 4],
        },
    )


def looking_at(*places):
    """Weights of two heads: one looks at the first word, one at these."""
    weights = torch.zeros(2, len(places), 6)
    weights[0, :, 0] = 1
    weights[1, range(len(places)), places] = 1
    return weights


def test_hits_count_the_largest_weights(monkeypatch, read):
    """In 83, und has no place: of 4 rows two count, now and last."""
    weights = {
        83: looking_at(1, 1, 0, 1),
        NUMBER: looking_at(1, 3, 0, 2, 5, 3, 4, 3),
    }
    monkeypatch.setattr(
        results,
        "weights_of",
        lambda model, number: {"cross 1": weights[number]},
    )
    monkeypatch.setattr(results, "UNSEEN", 2)
    read("model", [83, NUMBER, "not looked at"])
    names = "head", "written now", "written last"
    rows = [
        ("cross 1, head 1", "29%", "29%"),  # two of seven
        ("cross 1, head 2", "100%", "14%"),  # all, and one of seven
    ]
    printed(results.hits("cross 1"), table(names, rows))


def test_both_cross_attentions_are_shown(monkeypatch):
    monkeypatch.setattr(results, "hits", lambda name: [{"head": name}])
    printed(results.cross(), [{"head": "cross 1"}, {"head": "cross 2"}])


def test_a_removed_head_is_removed_and_comes_back():
    torch.manual_seed(0)
    module = MultiHeadAttention(33, 3).double()
    sequence = normal(0, 2, 7, 33)
    context, weights = module(sequence)
    value = module.project(sequence, sequence)[1]
    own = (weights @ value)[:, 1]  # (batch, length, head_dim)
    part = own @ module.output_projection.weight[:, 11:22].T
    with results.removed(module, 1):
        torch.testing.assert_close(module(sequence)[0], context - part)
    assert torch.equal(module(sequence)[0], context)


def test_each_head_is_removed_alone_then_all(untrained, monkeypatch, read):
    """Each attention without some heads gives a share of its own."""
    names = [*results.attentions(untrained)]
    shares = {"1": 0.806, "2": 0.406, "all": 0.1}

    def exact_match(model, numbers):
        assert (model, numbers) == (untrained, [1, 2])
        [(place, gone)] = [
            (place, gone)
            for place, attention in enumerate(
                results.attentions(model).values()
            )
            if (gone := removed_heads(attention))
        ]
        return shares["all" if gone == "12" else gone] + place / 100

    def removed_heads(attention):
        parts = attention.output_projection.weight.split(6, dim=1)
        zero = [(part == 0).all().item() for part in parts]
        return "1" * zero[0] + "2" * zero[1]

    monkeypatch.setattr(results, "exact_match", exact_match)
    monkeypatch.setattr(results, "UNSEEN", 2)
    read(untrained, [1, 2, 3])
    rows = [
        ("encoder 1", "81%", "41%", "10%"),
        ("encoder 2", "82%", "42%", "11%"),
        ("decoder 1", "83%", "43%", "12%"),
        ("cross 1", "84%", "44%", "13%"),
        ("decoder 2", "85%", "45%", "14%"),
        ("cross 2", "86%", "46%", "15%"),
    ]
    assert names == [row[0] for row in rows]
    printed(results.ablation(), table(("attention", "1", "2", "all"), rows))


def test_the_mean_largest_weight_is_of_all_rows(monkeypatch, read):
    weights = {
        1: torch.tensor([[[0.25, 0.75], [0.5, 0.5]]]),
        2: torch.tensor([[[0.25, 0.125]]]),
    }
    monkeypatch.setattr(
        results, "weights_of", lambda model, number: {"name": weights[number]}
    )
    monkeypatch.setattr(results, "UNSEEN", 2)
    read("model", [1, 2, "not looked at"])
    assert results.largest("name") == 0.5  # (0.75 + 0.5 + 0.25) / 3


def test_the_numbers_that_the_page_names(monkeypatch, read):
    def exact_match(model, numbers):
        assert (model, numbers) == ("model", [*range(500)])
        return 0.9876

    monkeypatch.setattr(results, "exact_match", exact_match)
    largest = {"encoder 1": 0.256, "cross 2": 0.754}
    monkeypatch.setattr(results, "largest", largest.__getitem__)
    read("model", range(900))
    printed(
        results.facts(),
        {"unseen": 500, "exact": "98.8%", "encoder": "0.26", "cross": "0.75"},
    )
