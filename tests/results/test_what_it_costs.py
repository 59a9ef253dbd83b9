"""*What It Costs*: counts against formulas written anew, tables by hand."""

import pytest
import torch

from snippets.counting import Cost
from snippets.results import what_it_costs as found
from tests.results.made import columns, printed

N = 1024


def test_multiplications_of_all_pairs():
    """A score and a term of the sum for each pair: 2 x 512 products."""
    assert found.cost("dot", N).multiplications == 1024 * 1024 * 1024
    assert found.cost("heads alone", N).multiplications == 2**30
    assert found.cost("tiles", N).multiplications == 2**30
    assert found.cost("pytorch", N).multiplications == 2**30


@pytest.mark.parametrize(
    ("kind", "projections"),
    [
        ("additive", 2 * 512 * 512),
        ("self-attention", 3 * 512 * 512),
        ("multi-head", 4 * 512 * 512),
        ("grouped-query", 2 * 512 * 512 + 2 * 512 * 128),
        ("multi-query", 2 * 512 * 512 + 2 * 512 * 64),
    ],
)
def test_projections_of_each_word(kind, projections):
    own = found.cost(kind, N).multiplications
    alone = found.cost("dot", N).multiplications
    assert own - alone == N * projections


def test_multiplications_of_a_window():
    """Each block of 128 meets itself and the two beside it."""
    blocks = N // 128
    pairs = sum(
        128 * 128
        for i in range(blocks)
        for j in range(blocks)
        if abs(i - j) <= 1
    )
    assert found.cost("window", N).multiplications == pairs * 2 * 512
    whole = found.cost("heads alone", N).multiplications
    assert found.cost("window, masked", N).multiplications == whole


def test_tiles_behind_a_causal_mask_are_skipped():
    """Of 8 x 8 tiles, those on and below the diagonal are left: 36."""
    build = found.heads(
        found.flash_attention_forward, block_size=128, is_causal=True
    )
    cost = found.count(*build(N))
    assert cost.multiplications == 36 * 128 * 128 * 2 * 512
    build = found.heads(found.attention, is_causal=True)
    assert found.count(*build(N)).multiplications == 2**30


def test_multiplications_of_linear_attention():
    """Into 8 states of 64 x 64, out of them, and the sums of 8 x 64."""
    state = 8 * 64 * 64
    expected = N * (2 * state + 8 * 64)
    assert found.cost("linear", N).multiplications == expected


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("additive", (N, N, 512)),
        ("dot", (N, N)),
        ("multi-head", (8, N, N)),
        ("multi-query", (8, N, N)),
        ("window, masked", (8, N, N)),
        ("tiles", (8, 512, 512)),
        ("window", (N, 512)),
        ("linear", (N, 512)),
    ],
)
def test_largest_tensor(kind, shape):
    cost = found.cost(kind, N)
    assert cost.largest == torch.Size(shape).numel() * 4
    assert cost.largest <= cost.peak <= 8 * cost.largest


def test_four_kinds_do_not_grow_with_the_square():
    quadruple = {
        kind
        for kind in found.KINDS
        if found.cost(kind, 2 * N).largest == 4 * found.cost(kind, N).largest
    }
    assert {*found.KINDS} - quadruple == {
        "tiles",
        "pytorch",
        "window",
        "linear",
    }


def test_one_more_word():
    words = [found.step("no cache", n).multiplications for n in (512, 1024)]
    assert words == [
        found.cost("multi-head", n).multiplications for n in (512, 1024)
    ]
    cached = found.step("multi-head", N)
    assert cached.multiplications * N == words[1]
    assert cached.kept == 2 * N * 512 * 4
    assert found.step("grouped-query", N).kept == cached.kept // 4
    assert found.step("multi-query", N).kept == cached.kept // 8
    assert found.step("linear", N) == found.step("linear", 2 * N)
    assert found.step("linear", N).kept == 8 * 64 * 65 * 4


@pytest.mark.parametrize("place", [-2, -1])
@pytest.mark.parametrize("kind", found.KINDS)
def test_a_wrong_formula_of_a_kind_is_refused(kind, place, monkeypatch):
    row = [*found.KINDS[kind]]
    row[place] += " + 1"
    monkeypatch.setitem(found.KINDS, kind, found.Kind(*row))
    with pytest.raises(ValueError, match=rf"{kind}: .* counted"):
        found.cost.__wrapped__(kind, N)


@pytest.mark.parametrize("place", [-2, -1])
@pytest.mark.parametrize("name", found.STEPS)
def test_a_wrong_formula_of_a_step_is_refused(name, place, monkeypatch):
    row = [*found.STEPS[name]]
    row[place] += " + 1"
    monkeypatch.setitem(found.STEPS, name, tuple(row))
    with pytest.raises(ValueError, match=rf"{name}: .* counted"):
        found.step.__wrapped__(name, N)


def test_formulas_are_written_as_they_are_computed():
    tex = found.formatted("max(n*D, h*B**2) + 2*n**2*D")
    assert tex == r"$\max(n D, h B^2) + 2 n^2 D$"
    assert found.value("2*n*D**2 + h*d + g - w + B", 3) == (
        2 * 3 * 512**2 + 512 + 2 - 128 + 512
    )


def test_a_count_that_differs_is_named():
    found.check("kind", "n*D", 3 * 512, 3)
    message = r"^kind: n\*D is 1536 for n = 3, counted 1535$"
    with pytest.raises(ValueError, match=message):
        found.check("kind", "n*D", 1535, 3)


def test_training_is_three_times_the_work():
    printed(found.training(), {"times": 3.0})


# What is built to be counted.


def test_a_module_gets_words_as_often_as_it_takes_inputs():
    layer, *words = found.module(lambda: torch.nn.Linear(2, 3), inputs=2)(7)
    assert layer.weight.shape == (3, 2)
    assert [tuple(each.shape) for each in words] == [(1, 7, 512)] * 2
    assert {each.device.type for each in (layer.weight, *words)} == {"meta"}


def test_a_function_gets_query_key_and_value_of_all_heads():
    call, *tensors = found.heads(dict, device="cpu", a=1)(7)
    assert call() == {"a": 1}
    assert [tuple(each.shape) for each in tensors] == [(1, 8, 7, 64)] * 3
    assert {each.device.type for each in tensors} == {"cpu"}


@pytest.mark.parametrize("key_heads", [1, 2, 8])
def test_key_heads_are_shared(key_heads):
    layer = found.multi_head(key_heads)
    assert layer.key_projection.weight.shape == (key_heads * 64, 512)
    assert layer.value_projection.weight.shape == (key_heads * 64, 512)
    assert layer.query_projection.weight.shape == (512, 512)
    assert {name.split(".")[1] for name, _ in layer.named_parameters()} == {
        "weight"
    }


def test_each_step_is_counted_its_own_way():
    assert found.step("no cache", 40) == found.without_cache(40)
    for name, key_heads in (
        ("multi-head", 8),
        ("grouped-query", 2),
        ("multi-query", 1),
    ):
        assert found.step(name, 40) == found.with_cache(40, key_heads)
    assert found.step("linear", 40) == found.with_state(40)


# The tables, of counts made by hand.


@pytest.fixture
def made(monkeypatch):
    """Every kind costs something else, and grows at another rate."""

    def cost(kind, n):
        assert n in (2048, 4096)
        place = [*found.KINDS].index(kind)
        if n == 2048:
            return Cost(1_000_000, 0, 2**20)
        # 2.0, 2.11, 2.22 … and 3.0, 3.26, 3.52 … times as much
        return Cost(
            2_000_000 + 110_000 * place, 0, int((3 + 0.26 * place) * 2**20)
        )

    monkeypatch.setattr(found, "cost", cost)


TITLES = [
    "[additive](../types-of-attention/additive.html)",
    "[dot](../types-of-attention/dot-product.html)",
    "[self-attention](../types-of-attention/self-attention.html)",
    "[multi-head](multi-head-attention.html)",
    "[grouped-query](grouped-query-attention.html)",
    "[multi-query](grouped-query-attention.html)",
    "[reference](index.html#one-function)",
    "[tiles](exact-attention-in-tiles.html)",
    "PyTorch's own",
    "[window](long-inputs.html), as a mask",
    "[window](long-inputs.html), in tiles",
    "[linear](linear-attention.html)",
]


def test_the_table_of_multiplications(made):
    formulas = """
        2 n D (D + n) | 2 n^2 D | n D (3 D + 2 n) | 2 n D (2 D + n)
        | 2 n D (D + g d + n) | 2 n D (D + d + n) | 2 n^2 D | 2 n^2 D
        | 2 n^2 D | 2 n^2 D | 2 w D (3 n - 2 w) | n D (2 d + 1)
    """
    printed(
        found.operations(),
        columns(
            {
                "kind": TITLES,
                "multiplications": [
                    f"${formula.strip()}$" for formula in formulas.split("|")
                ],
                "millions": [2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3],
                "growth": [
                    2.0,
                    2.1,
                    2.2,
                    2.3,
                    2.4,
                    2.5,
                    2.7,
                    2.8,
                    2.9,
                    3.0,
                    3.1,
                    3.2,
                ],
            }
        ),
    )


def test_the_table_of_memory(made):
    formulas = r"""
        n^2 D | n^2 | n^2 | h n^2 | h n^2 | h n^2 | h n^2
        | \max(n D, h B^2) | n D | h n^2 | n D | n D
    """
    printed(
        found.memory(),
        columns(
            {
                "kind": TITLES,
                "largest tensor": [
                    f"${formula.strip()}$" for formula in formulas.split("|")
                ],
                "MiB": [3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6],
                "growth": [
                    3.0,
                    3.3,
                    3.5,
                    3.8,
                    4.0,
                    4.3,
                    4.6,
                    4.8,
                    5.1,
                    5.3,
                    5.6,
                    5.9,
                ],
            }
        ),
    )


def test_growth_is_from_half_the_words_to_all(made):
    assert found.times("dot", "multiplications") == 2.1
    assert found.times("dot", "peak") == 3.3


def test_the_table_of_decoding(monkeypatch):
    def step(name, n):
        assert n == 4096
        place = [*found.STEPS].index(name)
        return found.Step(1_600 + 1000 * place, 2**20 * place // 7)

    monkeypatch.setattr(found, "step", step)
    printed(
        found.decoding(),
        columns(
            {
                "decoding": [
                    "no cache",
                    "multi-head",
                    "grouped-query",
                    "multi-query",
                    "linear",
                ],
                "multiplications": [
                    "$2 n D (2 D + n)$",
                    "$2 D (2 D + n)$",
                    "$2 D (D + g d + n)$",
                    "$2 D (D + d + n)$",
                    "$2 D (2 D + d + 1)$",
                ],
                "thousands": [2, 3, 4, 5, 6],
                "MiB kept": [0.0, 0.14, 0.29, 0.43, 0.57],
            }
        ),
    )


def test_savings_compare_the_largest_tensor_and_the_peak(monkeypatch):
    known = {
        "additive": Cost(1, largest=2560, peak=77),
        "dot": Cost(1, largest=5, peak=11),
        "heads alone": Cost(1, largest=91, peak=5770),
        "tiles": Cost(1, largest=7, peak=100),
    }
    known = {(kind, 4096): cost for kind, cost in known.items()}
    monkeypatch.setattr(found, "cost", lambda *asked: known[asked])
    printed(found.savings(), {"additive": 512, "tiles": 58})


def test_the_letters_of_the_formulas():
    printed(
        found.sizes(),
        {
            "features": 512,
            "heads": 8,
            "head_dim": 64,
            "key_heads": 2,
            "window": 128,
            "block": 512,
            "length": 4096,
            "crossing": 1024,
        },
    )
    # From so many words on the pairs cost more than the four projections.
    n = found.sizes()["crossing"]
    assert 4 * n * 512**2 == 2 * n**2 * 512
