"""The attentions of *Types of Attention*: parts, products and questions."""

import pytest
import torch

from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from snippets.results import lookup_models as results
from snippets.self_attention import SelfAttention
from snippets.tasks.lookup import make_batch, make_rotation
from tests.results.made import keep_calls

KINDS = ["dot", "general", "concat", "local-p", "additive", "self-attention"]


def test_each_kind_is_its_own_module():
    parts = {
        "dot": (LuongAttention, DotScore),
        "general": (LuongAttention, GeneralScore),
        "concat": (LuongAttention, ConcatScore),
        "local-p": (LocalAttention, GeneralScore),
    }
    for kind, expected in parts.items():
        found = results.new(kind, 3, 5)
        assert (type(found), type(found.score)) == expected
    assert type(results.new("additive", 3, 5)) is AdditiveAttention
    assert type(results.new("self-attention", 3, 5).attention) is SelfAttention
    assert results.new("local-p", 3, 5).window == 2


def test_self_attention_reads_both_sentences_as_one():
    torch.manual_seed(0)
    module = results.new("self-attention", 3, 5)
    query, outputs = torch.randn(2, 4, 3), torch.randn(2, 7, 3)
    context, weights = module(query, outputs)
    both = torch.cat([query, outputs], dim=1)
    expected, expected_weights = module.attention(both)
    torch.testing.assert_close(context, expected[:, :4])
    torch.testing.assert_close(weights, expected_weights)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # scores of 7 x 7 pairs of 3 numbers, and the weighted sum
        ("dot", 7 * 7 * 3 * 2),
        # seven keys through a matrix as well
        ("general", 7 * 3 * 3 + 7 * 7 * 3 * 2),
        # as general, and a position for each query
        ("local-p", 7 * 3 * 3 + 7 * 7 * 3 * 2 + 7 * 3 * 3 + 7 * 3),
        # every pair through a matrix of 6 by 3, v, and the weighted sum
        ("concat", 7 * 7 * 6 * 3 + 7 * 7 * 3 + 7 * 7 * 3),
        # two projections, v for every pair, and the weighted sum
        ("additive", 2 * 7 * 3 * 3 + 7 * 7 * 3 + 7 * 7 * 3),
        # three projections, the scores, and the weighted sum
        ("self-attention", 3 * 7 * 3 * 3 + 7 * 7 * 3 * 2),
    ],
)
def test_multiplications_are_those_of_the_formulas(kind, expected):
    assert results.multiplications(kind, length=7, size=3) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_measured_on_data_that_it_has_not_seen(kind, monkeypatch):
    """With one batch made and nothing trained."""
    batches = []

    def train(attention, make):
        batches.append(make())
        return [3.0, 1.0]

    monkeypatch.setattr(results, "train", train)
    measured = results.measure(kind=kind, seed=7)

    torch.manual_seed(7)
    attention = results.new(kind, 8, 32)
    rotation = make_rotation(8, torch.Generator().manual_seed(7001))
    unseen = torch.Generator().manual_seed(7002)
    query, outputs, position = make_batch(1000, 5, rotation, unseen)
    with torch.no_grad():
        _, weights = attention(query, outputs)
    partners = weights
    if kind == "self-attention":  # from the five queries to the five outputs
        partners = weights[:, :5, 5:]
    right = (partners.argmax(dim=2) == position).sum().item()

    assert measured["losses"] == [3.0, 1.0]
    assert measured["found"] == pytest.approx(right / 5000)
    assert torch.equal(measured["example"], weights[0])
    assert torch.equal(measured["position"], position[0])
    assert [*measured] == ["losses", "found", "example", "position"]
    [(query, seen, _)] = batches
    assert query.shape == seen.shape == (64, 5, 8)
    assert not torch.equal(seen[:1], outputs[:1])


def test_a_kind_is_known_by_its_name_and_random_start(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.trained("concat", 2) == "what is kept"
    results.trained("dot")
    assert calls == [
        (results.measure, None, {"kind": "concat", "seed": 2}),
        (results.measure, None, {"kind": "dot", "seed": 0}),
    ]
