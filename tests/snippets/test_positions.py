"""Positions against complex numbers, loops and what the page says of them."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.attention import attention
from snippets.positions import (
    LearnedPositions,
    alibi_bias,
    alibi_slopes,
    rotary_embedding,
    sinusoidal_positions,
)
from snippets.self_attention import SelfAttention
from tests.support.probes import TOLERANCE, normal

BATCH, HEADS, LENGTH, HEAD_DIM = 2, 3, 5, 14
BOTH = pytest.mark.parametrize("interleaved", [False, True])


def near(left, right, tolerance=1e-10):
    torch.testing.assert_close(left, right, rtol=0, atol=tolerance)


def turn(vector, position, **options):
    """Turn one vector: (features) at a number."""
    position = torch.tensor([position], dtype=torch.float64)
    return rotary_embedding(
        vector.view(1, 1, 1, -1), position, **options
    ).flatten()


def to_interleaved(x):
    """Move feature m to 2m and feature m + half to 2m + 1."""
    return x.unflatten(-1, (2, -1)).mT.flatten(-2)


# Sinusoidal.


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    length=st.integers(1, 40),
    half=st.integers(1, 9),
    base=st.sampled_from([10000.0, 7]),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
)
def test_sinusoids_equal_the_formula(length, half, base, dtype):
    features = 2 * half
    table = sinusoidal_positions(length, features, base=base, dtype=dtype)
    assert table.shape == (length, features)
    assert table.dtype == dtype
    for i in range(length):
        for m in range(half):
            angle = i / base ** (2 * m / features)
            for place, number in enumerate((math.sin(angle), math.cos(angle))):
                found = table[i, 2 * m + place].item()
                assert found == pytest.approx(number, abs=TOLERANCE[dtype])


def test_products_of_sinusoids_depend_on_the_distance_only():
    table = sinusoidal_positions(1000, 64, dtype=torch.float64)
    products = table @ table.T
    for distance in (0, 1, 7, 333):
        diagonal = products.diagonal(distance)
        near(diagonal, diagonal[:1].expand_as(diagonal))
        near(diagonal, products.diagonal(-distance))
    assert products[0, 1] < products[0, 0] - 0.1


def test_moving_sinusoids_is_a_linear_map():
    """The same matrix moves every position by the same distance."""
    features, step = 14, 11
    table = sinusoidal_positions(200, features, dtype=torch.float64)
    move = torch.zeros(features, features, dtype=torch.float64)
    for m in range(features // 2):
        angle = step / 10000 ** (2 * m / features)
        sin, cos = math.sin(angle), math.cos(angle)
        block = normal(0, 2, 2).new_tensor([[cos, sin], [-sin, cos]])
        move[2 * m : 2 * m + 2, 2 * m : 2 * m + 2] = block
    near(table[:-step] @ move.T, table[step:])


# Learnt.


def test_learned_positions_are_rows_of_the_table():
    positions = LearnedPositions(7, 11)
    assert torch.equal(positions(5), positions.table[:5])
    assert torch.equal(positions(3, offset=4), positions.table[4:])
    positions(3, offset=4).sum().backward()
    assert positions.table.grad.sum(dim=1).tolist() == [0] * 4 + [11] * 3


# Rotary.


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    data=st.data(),
    batch=st.integers(1, 3),
    heads=st.integers(1, 3),
    length=st.integers(1, 5),
    half=st.integers(1, 7),
    base=st.sampled_from([10000.0, 500]),
    interleaved=st.booleans(),
    a_batch=st.booleans(),
    kind=st.sampled_from([torch.int32, torch.int64, torch.float64]),
)
def test_rotary_equals_complex_numbers(
    data, batch, heads, length, half, base, interleaved, a_batch, kind
):
    x = normal(data.draw(st.integers(0, 99)), batch, heads, length, 2 * half)
    shape = (batch, length) if a_batch else (length,)
    positions = (normal(1, *shape) * 1000).to(kind)
    turned = rotary_embedding(x, positions, base=base, interleaved=interleaved)
    if interleaved:
        numbers = torch.view_as_complex(x.unflatten(-1, (half, 2)))
    else:
        numbers = torch.complex(x[..., :half], x[..., half:])
    for item in range(batch):
        own = positions[item] if a_batch else positions
        for i, position in enumerate(own.tolist()):
            for m in range(half):
                angle = position * base ** (-2 * m / (2 * half))
                numbers[item, :, i, m] *= complex(
                    math.cos(angle), math.sin(angle)
                )
    if interleaved:
        expected = torch.view_as_real(numbers).flatten(-2)
    else:
        expected = torch.cat((numbers.real, numbers.imag), -1)
    near(turned, expected)


@BOTH
def test_rotary_scores_depend_on_the_distance_only(interleaved):
    query, key = normal(0, 64), normal(1, 64)

    def score(i, j):
        query_at_i = turn(query, i, interleaved=interleaved)
        return query_at_i @ turn(key, j, interleaved=interleaved)

    for distance in (0, 7, 1000):
        expected = score(distance, 0)
        for j in (1, 100, 10_000, 100_000):
            near(score(j + distance, j), expected, 1e-9)
    assert abs(score(7, 0) - score(0, 7)) > 0.1
    assert abs(score(7, 0) - score(8, 0)) > 0.1


@BOTH
def test_rotary_keeps_lengths_and_position_zero(interleaved):
    x = normal(0, BATCH, HEADS, LENGTH, HEAD_DIM)
    positions = torch.arange(LENGTH) * 1009
    turned = rotary_embedding(x, positions, interleaved=interleaved)
    near(turned.norm(dim=-1), x.norm(dim=-1))
    assert torch.equal(turned[:, :, 0], x[:, :, 0])
    assert (turned[:, :, 1:] - x[:, :, 1:]).abs().max() > 0.5


@BOTH
def test_turning_twice_is_turning_once(interleaved):
    vector = normal(0, HEAD_DIM)
    twice = turn(
        turn(vector, 3.5, interleaved=interleaved),
        40,
        interleaved=interleaved,
    )
    near(twice, turn(vector, 43.5, interleaved=interleaved))


def test_conventions_differ_by_an_order_of_the_features():
    x = normal(0, BATCH, HEADS, LENGTH, HEAD_DIM)
    positions = torch.arange(LENGTH) * 11
    halves = rotary_embedding(x, positions)
    neighbours = rotary_embedding(
        to_interleaved(x), positions, interleaved=True
    )
    near(neighbours, to_interleaved(halves), 0)
    assert (halves - neighbours).abs().max() > 0.5


def test_mixed_conventions_break_the_distance():
    query, key = normal(0, 64), normal(1, 64)
    scores = [
        turn(query, j + 7) @ turn(key, j, interleaved=True)
        for j in (0, 100, 10_000)
    ]
    assert max(scores) - min(scores) > 1


def test_same_as_sinusoids_where_query_and_key_are_ones():
    """Then a pair's share of the score is 2 cos(speed * distance)."""
    ones = torch.ones(64, dtype=torch.float64)
    table = sinusoidal_positions(100, 64, dtype=torch.float64)
    for i, j in ((0, 0), (3, 50), (99, 7)):
        near(turn(ones, i) @ turn(ones, j), 2 * table[i] @ table[j])


@BOTH
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_rotary_in_every_dtype(dtype, interleaved):
    x = normal(0, BATCH, HEADS, LENGTH, HEAD_DIM).to(dtype).requires_grad_()
    # bfloat16 cannot tell 1000 from 1001.
    positions = torch.arange(LENGTH) + 1000
    turned = rotary_embedding(x, positions, interleaved=interleaved)
    assert turned.dtype == dtype
    expected = rotary_embedding(x.double(), positions, interleaved=interleaved)
    # float32 has 1000 radians to a ten thousandth.
    tolerance = max(TOLERANCE[dtype], 1e-3 * (dtype != torch.float64))
    near(turned.double(), expected, tolerance)
    turned.sum().backward()
    assert x.grad.dtype == dtype
    assert x.grad.isfinite().all()


def test_rotary_leaves_its_input_alone():
    x = normal(0, BATCH, HEADS, LENGTH, HEAD_DIM)
    before = x.clone()
    rotary_embedding(x, torch.arange(LENGTH))
    assert torch.equal(x, before)


@BOTH
def test_gradient_equals_finite_differences(interleaved):
    x = normal(0, 1, 2, 3, 4).requires_grad_()
    positions = normal(1, 1, 3).requires_grad_()

    def rotate(x, positions):
        return rotary_embedding(x, positions, interleaved=interleaved)

    assert torch.autograd.gradcheck(rotate, (x, positions))


def test_decoding_with_rotary_equals_all_at_once():
    """Keys are turned before they go into a cache, and stay as they are."""
    query, key, value = normal(0, 3, BATCH, HEADS, LENGTH, HEAD_DIM)
    positions = torch.arange(LENGTH)
    turned = rotary_embedding(key, positions)
    expected, _ = attention(
        rotary_embedding(query, positions), turned, value, is_causal=True
    )
    for i in range(LENGTH):
        context, _ = attention(
            rotary_embedding(query[:, :, i : i + 1], positions[i : i + 1]),
            turned[:, :, : i + 1],
            value[:, :, : i + 1],
            is_causal=True,
            offset=i,
        )
        near(context, expected[:, :, i : i + 1])


# ALiBi.


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    heads=st.integers(1, 9),
    target=st.integers(1, 7),
    source=st.integers(1, 7),
    offset=st.integers(0, 5),
)
def test_alibi_subtracts_slope_times_distance(heads, target, source, offset):
    bias = alibi_bias(heads, target, source, offset)
    assert bias.shape == (heads, target, source)
    for head, slope in enumerate(alibi_slopes(heads)):
        for i in range(target):
            for j in range(source):
                expected = -slope * abs(i + offset - j)
                assert bias[head, i, j] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("is_causal", [False, True])
def test_alibi_in_attention(is_causal):
    query, key, value = normal(0, 3, BATCH, HEADS, LENGTH, HEAD_DIM)
    bias = alibi_bias(HEADS, LENGTH, LENGTH)
    context, weights = attention(
        query, key, value, mask=bias, is_causal=is_causal
    )
    for head, slope in enumerate([1 / 16, 1 / 256, 1 / 4]):
        score = query[:, head] @ key[:, head].mT / math.sqrt(HEAD_DIM)
        for i in range(LENGTH):
            for j in range(LENGTH):
                score[:, i, j] -= slope * abs(i - j)
                if is_causal and j > i:
                    score[:, i, j] = -math.inf
        expected = score.softmax(-1)
        near(weights[:, head], expected)
        near(context[:, head], expected @ value[:, head])


@pytest.mark.parametrize(
    ("heads", "slopes"),
    [
        (1, [1 / 256]),
        (2, [1 / 16, 1 / 256]),
        (8, [2**-k for k in range(1, 9)]),
        # Four of four heads, then the first and third of eight.
        (6, [1 / 4, 1 / 16, 1 / 64, 1 / 256, 1 / 2, 1 / 8]),
        (16, [2 ** (-k / 2) for k in range(1, 17)]),
        # Eight of eight, then the first four odd ones of sixteen.
        (
            12,
            [2**-k for k in range(1, 9)]
            + [2 ** (-k / 2) for k in (1, 3, 5, 7)],
        ),
    ],
)
def test_slopes(heads, slopes):
    assert alibi_slopes(heads) == pytest.approx(slopes)


# What attention cannot see, and what positions change.


def order_gap(sequence, order):
    """Attend to a sequence and to another order of it; compare, undone."""
    torch.manual_seed(0)
    module = SelfAttention(sequence.size(-1)).double()
    positions = sinusoidal_positions(
        sequence.size(1), sequence.size(2), dtype=torch.float64
    )
    gaps = []
    for added in (0 * positions, positions):
        context, _ = module(sequence + added)
        shuffled, _ = module(sequence[:, order] + added)
        gaps.append((shuffled - context[:, order]).abs().max().item())
    return gaps


def test_attention_is_blind_to_order_without_positions():
    order = torch.tensor([3, 0, 4, 1, 2])
    without, with_positions = order_gap(normal(0, 2, 5, 14), order)
    assert without < 1e-10
    assert with_positions > 0.01


# Wrong inputs.

X = torch.ones(BATCH, HEADS, LENGTH, HEAD_DIM)
P = torch.arange(LENGTH)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sinusoidal_positions(0, 4), "length: expected an int, 1"),
        (lambda: sinusoidal_positions(3, 5), "features: expected an even"),
        (
            lambda: sinusoidal_positions(3.0, 4),  # type: ignore[arg-type]
            "length: expected an int",
        ),
        (lambda: sinusoidal_positions(3, 4, base=0), "base: expected a fin"),
        (lambda: LearnedPositions(0, 4), "longest: expected an int, 1"),
        (lambda: LearnedPositions(3, 0), "features: expected an int, 1"),
        (lambda: LearnedPositions(3, 4)(4), "length: expected at most 3"),
        (lambda: LearnedPositions(3, 4)(2, 2), "length: expected at most 1"),
        (lambda: LearnedPositions(3, 4)(1, 9), "length: expected at most 0"),
        (lambda: LearnedPositions(3, 4)(1, -1), "offset: expected an int, 0"),
        (lambda: rotary_embedding(X[0], P), "x: expected shape (batch, heads"),
        (lambda: rotary_embedding(X[..., :5], P), "x: expected an even"),
        (lambda: rotary_embedding(X.int(), P), "x: expected a floating"),
        (lambda: rotary_embedding(X[:, :0], P), "x: expected no empty axis"),
        (lambda: rotary_embedding(X, [0, 1]), "positions: expected a tensor"),
        (lambda: rotary_embedding(X, P[1:]), "positions: expected shape (5,"),
        (lambda: rotary_embedding(X, P[:, None]), "positions: expected shape"),
        (lambda: rotary_embedding(X, P.expand(3, 5)), "positions: expected s"),
        (lambda: rotary_embedding(X, P.half()), "positions: expected int32"),
        (lambda: rotary_embedding(X, P > 0), "positions: expected int32"),
        (lambda: rotary_embedding(X, P.to("meta")), "positions: expected cpu"),
        (lambda: rotary_embedding(X, P, base=math.nan), "base: expected a"),
        (lambda: rotary_embedding(X, P, base=math.inf), "base: expected a"),
        (lambda: alibi_bias(0, 2, 3), "heads: expected an int, 1 or more"),
        (lambda: alibi_bias(2, 0, 3), "target: expected an int, 1 or more"),
        (lambda: alibi_bias(2, 2, True), "source: expected an int, 1 or more"),
        (lambda: alibi_bias(2, 2, 3, -1), "offset: expected an int, 0"),
    ],
)
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError) as raised:
        call()
    assert str(raised.value).startswith(message)
