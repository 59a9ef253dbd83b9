"""The counts of *What It Costs*, against formulas written anew."""

import pytest
import torch

from snippets.build.worker import _is_plain
from snippets.results import what_it_costs as found

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
        if found.cost(kind, 4096).largest == 4 * found.cost(kind, 2048).largest
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


def test_training_is_three_times_the_work():
    assert found.training() == {"times": 3}


@pytest.mark.parametrize(
    "function",
    [
        found.operations,
        found.memory,
        found.decoding,
        found.sizes,
        found.training,
        found.savings,
    ],
    ids=lambda function: function.__name__,
)
def test_pages_can_print_it(function):
    assert _is_plain(function())


def test_tables_have_a_row_for_each_kind():
    assert len(found.operations()) == len(found.memory()) == len(found.KINDS)
    row = found.operations()[3]
    assert row["millions"] == round(
        (4 * 4096 * 512**2 + 2 * 4096**2 * 512) / 1e6
    )
    assert row["growth"] == 3.3  # 21475 / 6442
    row = found.memory()[1]
    assert (row["MiB"], row["growth"]) == (136, 3.8)
