"""What heads do: measured on models and weights made by hand."""

import pytest
import torch

from snippets.multi_head_attention import MultiHeadAttention
from snippets.results import measured_heads as results
from snippets.transformer.model import Transformer
from snippets.translator.number_words import alignment
from tests.results.made import keep_calls, reader, same
from tests.support.probes import normal

NUMBER = 83_000_021


@pytest.fixture
def untrained():
    torch.manual_seed(0)
    model = Transformer(39, 41, features=12, num_heads=2, hidden=5, layers=2)
    return model.eval()  # as a loaded one: positions begin at 0


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


def test_hits_count_the_largest_weights():
    """In 83, und has no place: of 4 rows two count, now and last."""
    looked = {
        83: looking_at(1, 1, 0, 1),
        NUMBER: looking_at(1, 3, 0, 2, 5, 3, 4, 3),
    }
    found = results.hits(looked)
    assert [*found] == ["written now", "written last"]
    assert found["written now"] == pytest.approx([2 / 7, 1])
    assert found["written last"] == pytest.approx([2 / 7, 1 / 7])


def test_the_mean_largest_weight_is_of_all_rows():
    looked = {
        1: torch.tensor([[[0.25, 0.75], [0.5, 0.5]]]),
        2: torch.tensor([[[0.25, 0.125]]]),
    }
    assert results.largest(looked) == 0.5  # (0.75 + 0.5 + 0.25) / 3


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


def removed_heads(attention):
    parts = attention.output_projection.weight.split(6, dim=1)
    return [place for place, part in enumerate(parts) if (part == 0).all()]


def test_each_measurement_is_of_its_attention(untrained, monkeypatch):
    """Each attention without some heads gives a share of its own."""
    monkeypatch.setattr(
        results, "transformer", reader({("m", 3): untrained}, "m")
    )
    numbers = [83, NUMBER]
    splits = {"held_out": [*numbers, "not looked at"]}
    monkeypatch.setattr(results, "make_splits", lambda: splits)
    monkeypatch.setattr(results, "UNSEEN", 2)

    def exact_match(model, given):
        assert (model, given) == (untrained, numbers)
        return sum(
            (1 + place) * 10.0 ** sum(gone) + len(gone)
            for place, attention in enumerate(
                results.attentions(model).values()
            )
            if (gone := removed_heads(attention))
        )

    monkeypatch.setattr(results, "exact_match", exact_match)
    found = results.measure(seed=3)
    names = [*results.attentions(untrained)]
    places = range(1, 7)
    assert found["exact"] == 0
    # head 0 alone, head 1 alone, and both
    without = [[place + 1, 10 * place + 1] for place in places]
    assert found["without"] == dict(zip(names, without, strict=True))
    both = [10 * place + 2 for place in places]
    assert found["without all"] == dict(zip(names, both, strict=True))
    weights = {n: results.weights_of(untrained, n) for n in numbers}
    for name in names:
        looked = {number: w[name] for number, w in weights.items()}
        assert found["largest"][name] == results.largest(looked)
        if name.startswith("cross"):
            assert found["hits"][name] == results.hits(looked)
    assert [*found["hits"]] == ["cross 1", "cross 2"]
    for attention in results.attentions(untrained).values():
        assert not removed_heads(attention)


def test_some_heads_are_removed_from_one_attention(untrained, monkeypatch):
    def exact_match(model, numbers):
        assert numbers == [7]
        return {
            name: removed_heads(attention)
            for name, attention in results.attentions(model).items()
        }

    monkeypatch.setattr(results, "exact_match", exact_match)
    found = results.without(untrained, "cross 1", [1], [7])
    nothing = {name: [] for name in results.attentions(untrained)}
    assert found == nothing | {"cross 1": [1]}


def test_heads_are_known_by_the_random_start(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.measured(3) == "what is kept"
    results.measured()
    assert calls == [
        (results.measure, None, {"seed": 3}),
        (results.measure, None, {"seed": 0}),
    ]
