"""The tables of *Types of Attention*, of models that nothing trained."""

import pytest
import torch

from snippets.results import types_of_attention as results
from tests.results.made import columns, printed, reader, recorded

KINDS = ["dot", "general", "concat", "local-p", "additive", "self-attention"]
# Numbers learnt with 8 features and 32 of the hidden layer.
PARAMETERS = [
    0,
    8 * 8,
    16 * 32 + 32,
    8 * 8 + 8 * 32 + 32,
    2 * 8 * 32 + 32 + 32,
    3 * 8 * 8,
]
FOUND = [0.2149, 0.9751, 0.501, 0.9649, 0.994, 0.955]


@pytest.fixture
def made(monkeypatch):
    known = {
        kind: {"found": found}
        for kind, found in zip(KINDS, FOUND, strict=True)
    }
    monkeypatch.setattr(results, "trained", reader(known))
    rows = [
        {kind: place / 10 + more for place, kind in enumerate(KINDS)}
        for more in (0.08, 0.02, 0.04)
    ]
    recorded(monkeypatch, types_of_attention__partner_found=rows)


def test_each_kind_has_its_page_formula_and_success(made):
    printed(
        results.overview(),
        columns(
            {
                "score": [
                    "[dot](dot-product.html)",
                    "[general](dot-product.html)",
                    "[concat](dot-product.html)",
                    "[local-p](dot-product.html#what-else-luong-et-al-tried)",
                    "[additive](additive.html)",
                    "[self-attention](self-attention.html)",
                ],
                "formula": [
                    r"$\query{s}^\top \key{h}$",
                    r"$\query{s}^\top W \key{h}$",
                    r"$v^\top \tanh(W [\query{s} ; \key{h}])$",
                    r"$\operatorname{softmax}(e) "
                    r"\exp(-(j - p)^2 / 2 \sigma^2)$",
                    r"$v^\top \tanh(W_q \query{s} + W_k \key{h} + b)$",
                    r"$(W_q \query{x})^\top (W_k \key{x'}) / \sqrt{d}$",
                ],
                "parameters": PARAMETERS,
                "partner found": [
                    "21% (2 to 8)",
                    "98% (12 to 18)",
                    "50% (22 to 28)",
                    "96% (32 to 38)",
                    "99% (42 to 48)",
                    "96% (52 to 58)",
                ],
            }
        ),
    )


def test_the_facts_of_each_kind(made):
    for kind, parameters, found in zip(KINDS, PARAMETERS, FOUND, strict=True):
        facts = {"parameters": parameters, "found": found}
        printed(results.facts_of(kind), facts)
    printed(results.concat(), results.facts_of("concat"))
    printed(results.additive(), results.facts_of("additive"))


# At full size: 1000 features, 50 words.
PRODUCTS, PAIRS = 1000 * 1000, 50 * 50
FULL_PARAMETERS = {
    "dot": 0,
    "general": PRODUCTS,
    "concat": 2 * PRODUCTS + 1000,
    "local-p": 2 * PRODUCTS + 1000,
    "additive": 2 * PRODUCTS + 2000,
    "self-attention": 3 * PRODUCTS,
}
BOTH_SUMS = 2 * PAIRS * 1000  # the scores, and the weighted sum
MULTIPLICATIONS = {
    "dot": BOTH_SUMS,
    "general": 50 * PRODUCTS + BOTH_SUMS,
    "concat": PAIRS * 2 * PRODUCTS + BOTH_SUMS,
    "local-p": 100 * PRODUCTS + 50 * 1000 + BOTH_SUMS,
    "additive": 100 * PRODUCTS + BOTH_SUMS,
    "self-attention": 150 * PRODUCTS + BOTH_SUMS,
}


def costs(kinds):
    return columns(
        {
            "score": kinds,
            "parameters": [FULL_PARAMETERS[kind] for kind in kinds],
            "multiplications": [MULTIPLICATIONS[kind] for kind in kinds],
        }
    )


def test_the_cost_of_each_kind():
    printed(results.cost(), costs(KINDS))
    printed(
        results.luong_cost(), costs(["dot", "general", "concat", "local-p"])
    )


def test_the_cost_of_one_kind():
    own = {kind: row for kind, row in zip(KINDS, costs(KINDS), strict=True)}
    for kind, row in own.items():
        printed({"score": kind, **results.cost_of(kind)}, row)
    del own["additive"]["score"], own["self-attention"]["score"]
    printed(results.cost_of_additive(), own["additive"])
    printed(results.cost_of_self_attention(), own["self-attention"])


def test_concat_takes_many_times_the_multiplications_of_additive():
    assert results.concat_over_additive() == (
        MULTIPLICATIONS["concat"] / MULTIPLICATIONS["additive"]
    )


def test_the_sizes_of_the_task():
    printed(
        results.task(),
        {
            "source": 5,
            "features": 8,
            "hidden": 32,
            "chance": 20,
            "window": 2,
            "length": 50,
            "size": 1000,
        },
    )


def test_parameters_are_those_of_the_formulas():
    assert results.count("dot", 3, 5) == 0
    assert results.count("general", 3, 5) == 3 * 3
    assert results.count("concat", 3, 5) == 6 * 5 + 5
    assert results.count("local-p", 3, 5) == 3 * 3 + 3 * 5 + 5
    assert results.count("additive", 3, 5) == 2 * 3 * 5 + 5 + 5
    assert results.count("self-attention", 3, 5) == 3 * 3 * 3


def test_the_same_space_is_asked_without_a_rotation(monkeypatch):
    """Two of three queries are nearest to the word that they stand at."""
    outputs = torch.eye(3).unsqueeze(0)

    seed = 2

    def make_batch(batch, source, rotation, generator):
        assert (batch, source, generator.initial_seed()) == (1000, 5, seed)
        assert torch.equal(rotation, torch.eye(8))
        return outputs[:, [2, 0, 1]], outputs, torch.tensor([[2, 0, 0]])

    monkeypatch.setattr(results, "make_batch", make_batch)
    assert results.same_space() == pytest.approx(2 / 3)
    seed = 3002
    assert results.found_in_same_space(3) == pytest.approx(2 / 3)
