"""Attention in tiles against attention in one piece and against PyTorch."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.attention import attention
from snippets.counting import count_multiplications
from snippets.flash_attention import flash_attention_forward, reach
from snippets.results.flash_attention import Largest
from tests.support.probes import DEVICES, TOLERANCE, masks, normal

BATCH, HEADS, TARGET, SOURCE, HEAD_DIM, VALUE_DIM = 2, 6, 5, 7, 11, 13


def inputs(
    batch=BATCH,
    heads=HEADS,
    target=TARGET,
    source=SOURCE,
    key_heads=None,
    head_dim=HEAD_DIM,
    value_dim=VALUE_DIM,
    seed=0,
):
    key_heads = key_heads or heads
    return (
        normal(seed, batch, heads, target, head_dim),
        normal(seed + 1, batch, key_heads, source, head_dim),
        normal(seed + 2, batch, key_heads, source, value_dim),
    )


def logsumexp_by_hand(query, key, mask, is_causal, scale):
    """Compute it from all scores at once."""
    group = query.size(1) // key.size(1)
    score = query @ key.repeat_interleave(group, dim=1).mT * scale
    if mask is not None and mask.dtype == torch.bool:
        score = score.masked_fill(~mask, -math.inf)
    elif mask is not None:
        score = score + mask
    if is_causal:
        ahead = torch.ones(query.size(2), key.size(2)).triu(1).bool()
        score = score.masked_fill(ahead, -math.inf)
    return score.logsumexp(dim=-1)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    data=st.data(),
    target=st.integers(1, 9),
    source=st.integers(1, 9),
    key_heads=st.sampled_from([1, 2, 3, 6]),
    block_size=st.integers(1, 10),
    is_causal=st.booleans(),
    additive=st.booleans(),
    scale=st.sampled_from([None, 0.5, -1.0]),
)
def test_equals_attention_in_one_piece(
    data, target, source, key_heads, block_size, is_causal, additive, scale
):
    seed = data.draw(st.integers(0, 99))
    tensors = inputs(
        target=target, source=source, key_heads=key_heads, seed=seed
    )
    mask = data.draw(st.none() | masks(BATCH, HEADS, target, source))
    if mask is not None and additive:
        number = normal(seed + 3, *mask.shape)
        mask = number.masked_fill(~mask, -math.inf)
    settings = dict(mask=mask, is_causal=is_causal, scale=scale)
    context, logsumexp = flash_attention_forward(
        *tensors, block_size=block_size, **settings
    )
    expected, _ = attention(*tensors, **settings)
    torch.testing.assert_close(context, expected, rtol=0, atol=1e-12)
    settings["scale"] = HEAD_DIM**-0.5 if scale is None else scale
    expected = logsumexp_by_hand(*tensors[:2], **settings)
    torch.testing.assert_close(logsumexp, expected, rtol=0, atol=1e-12)


sizes = st.none() | st.integers(-1, 5)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    target=st.integers(1, 9),
    source=st.integers(1, 9),
    block_size=st.integers(1, 10),
    is_causal=st.booleans(),
    offset=st.integers(-9, 9) | st.tuples(*[st.integers(-9, 9)] * BATCH),
    window=st.none() | st.tuples(sizes, sizes),
    softcap=st.sampled_from([0.0, 1.5]),
)
def test_positions_and_caps_are_those_of_attention(
    target, source, block_size, is_causal, offset, window, softcap
):
    tensors = inputs(target=target, source=source)
    offset = torch.tensor(offset) if isinstance(offset, tuple) else offset
    settings = dict(
        is_causal=is_causal, offset=offset, window=window, softcap=softcap
    )
    context, logsumexp = flash_attention_forward(
        *tensors, block_size=block_size, **settings
    )
    expected, weights = attention(*tensors, **settings)
    assert context.shape == expected.shape
    torch.testing.assert_close(context, expected, rtol=0, atol=1e-12)
    empty = (weights == 0).all(dim=-1)
    assert torch.equal(logsumexp == -math.inf, empty)
    assert (context[empty] == 0).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    data=st.data(),
    target=st.integers(1, 7),
    source=st.integers(1, 7),
    block_size=st.integers(1, 8),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
    is_causal=st.booleans(),
)
def test_equals_pytorch(data, target, source, block_size, dtype, is_causal):
    seed = data.draw(st.integers(0, 99))
    tensors = [
        tensor.to(dtype)
        for tensor in inputs(target=target, source=source, seed=seed)
    ]
    mask = None
    if not is_causal:  # PyTorch takes one of the two
        mask = data.draw(st.none() | masks(BATCH, HEADS, target, source))
    context, logsumexp = flash_attention_forward(
        *tensors, block_size=block_size, mask=mask, is_causal=is_causal
    )
    expected = F.scaled_dot_product_attention(
        *tensors, attn_mask=mask, is_causal=is_causal
    )
    assert context.dtype == dtype
    assert logsumexp.dtype == torch.promote_types(dtype, torch.float32)
    torch.testing.assert_close(
        context, expected, rtol=0, atol=TOLERANCE[dtype]
    )


def test_half_types_are_summed_in_float32():
    """In float16 alone, 4,001 shares of the same size would not add up."""
    query, key = torch.zeros(2, 1, 1, 4001, 3).half()
    value = torch.ones(1, 1, 4001, 1).half()
    context, logsumexp = flash_attention_forward(
        query[:, :, :1], key, value, block_size=7
    )
    assert context.item() == 1.0
    assert logsumexp.item() == pytest.approx(math.log(4001), abs=1e-5)


def test_the_rows_of_reach():
    assert reach(slice(4, 6), 9, False, 0, None) == (0, 9)
    assert reach(slice(4, 6), 9, True, 0, None) == (0, 6)
    assert reach(slice(4, 6), 9, True, 2, None) == (0, 8)
    assert reach(slice(4, 6), 9, True, 2, (1, -1)) == (5, 8)
    assert reach(slice(4, 6), 9, False, 0, (1, 2)) == (3, 8)
    offset = torch.tensor([0, 3])
    assert reach(slice(4, 6), 99, False, offset, (1, 2)) == (3, 11)


@pytest.mark.parametrize(
    ("settings", "tiles"),
    [
        (dict(), 7 * 7),
        (dict(is_causal=True), 7 * 8 // 2),  # the diagonal and below it
        # A tile for the diagonal, one for the window before it.
        (dict(is_causal=True, window=(5, 0)), 7 + 6),
        (dict(is_causal=True, offset=-35), 0),
    ],
)
def test_tiles_that_nothing_attends_are_left_out(settings, tiles):
    tensors = inputs(1, 1, 35, 35, head_dim=3, value_dim=2)
    count = count_multiplications(
        flash_attention_forward, *tensors, block_size=5, **settings
    )
    assert count == tiles * 5 * 5 * (3 + 2)


def test_no_key_after_the_last_query_of_a_tile_is_read():
    tensors = inputs(1, 1, 33, 41, head_dim=3, value_dim=2)
    count = count_multiplications(
        flash_attention_forward, *tensors, block_size=5, is_causal=True
    )
    ends = [min(top + 5, 33) for top in range(0, 33, 5)]
    rows = [5] * 6 + [3]
    pairs = sum(row * end for row, end in zip(rows, ends, strict=True))
    assert count == pairs * (3 + 2)


def test_nothing_as_large_as_the_weights_is_made():
    tensors = inputs(1, 1, 503, 509, head_dim=3, value_dim=2)
    with Largest() as tiles:
        flash_attention_forward(*tensors, block_size=17, is_causal=True)
    with Largest() as whole:
        attention(*tensors, is_causal=True)
    assert tiles.bytes <= 8 * 509 * 3
    assert whole.bytes >= 8 * 503 * 509


def test_a_mask_is_not_copied():
    tensors = inputs(2, 3, 503, 509, head_dim=3, value_dim=2)
    mask = torch.ones(503, 509, dtype=torch.bool)
    with Largest() as tiles:
        flash_attention_forward(*tensors, block_size=17, mask=mask)
    assert tiles.bytes == mask.nbytes


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_fully_masked_rows_forward_and_backward(device, dtype):
    tensors = [
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    ]
    mask = torch.ones(BATCH, 1, TARGET, SOURCE, dtype=torch.bool)
    mask[0, :, 1] = False  # a row
    mask[1, :, 3, :3] = False  # a whole tile of a row, not all of it
    mask[1, :, :, 5:] = False
    context, logsumexp = flash_attention_forward(
        *tensors, block_size=3, mask=mask.to(device)
    )
    assert (context[0, :, 1] == 0).all()
    assert (logsumexp[0, :, 1] == -math.inf).all()
    assert logsumexp.isfinite().sum() == HEADS * (BATCH * TARGET - 1)
    (context.sum() + logsumexp[logsumexp.isfinite()].sum()).backward()
    for tensor in tensors:
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("block_size", [1, 2, 5])
def test_gradient_equals_finite_differences(is_causal, block_size):
    tensors = inputs(1, 2, 3, 3, key_heads=1, head_dim=5, value_dim=2)
    mask = torch.tensor([[True, False, True], [False] * 3, [True] * 3])

    def attend(query, key, value):
        context, logsumexp = flash_attention_forward(
            query,
            key,
            value,
            block_size=block_size,
            mask=mask,
            is_causal=is_causal,
        )
        return context, logsumexp[:, :, ::2]  # row 1 is -inf

    arguments = tuple(tensor.requires_grad_() for tensor in tensors)
    assert torch.autograd.gradcheck(attend, arguments)


def test_gradients_are_those_of_attention():
    gradients = []
    for attend in (attention, flash_attention_forward):
        tensors = [tensor.requires_grad_() for tensor in inputs(key_heads=2)]
        context, _ = attend(*tensors, is_causal=True, offset=2, softcap=3.0)
        direction = normal(9, *context.shape)
        gradients.append(torch.autograd.grad(context, tensors, direction))
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)


def test_weights_can_be_computed_from_the_logsumexp():
    query, key, value = inputs()
    _, logsumexp = flash_attention_forward(query, key, value, block_size=3)
    score = query @ key.mT / HEAD_DIM**0.5
    _, weights = attention(query, key, value)
    again = torch.exp(score - logsumexp.unsqueeze(-1))
    torch.testing.assert_close(again, weights, rtol=0, atol=1e-12)


@pytest.mark.parametrize("middle", [1, 3, SOURCE - 1])
def test_two_parts_of_the_keys_are_joined_by_their_logsumexp(middle):
    query, key, value = inputs()
    mask = normal(7, BATCH, HEADS, TARGET, SOURCE) > 0
    mask[0, 0, 0] = True  # a query with keys in both parts
    mask[0, 0, 1, :middle] = False  # one with none in the first
    mask[0, 0, 1, middle:] = True
    parts = [
        flash_attention_forward(
            query, key[:, :, part], value[:, :, part], mask=mask[..., part]
        )
        for part in (slice(0, middle), slice(middle, SOURCE))
    ]
    expected, weights = attention(query, key, value, mask=mask)
    some = weights.sum(dim=-1) > 0
    shares = torch.stack([logsumexp for _, logsumexp in parts])
    shares = shares.softmax(dim=0).unsqueeze(-1)
    joined = shares[0] * parts[0][0] + shares[1] * parts[1][0]
    torch.testing.assert_close(
        joined[some], expected[some], rtol=0, atol=1e-12
    )


def test_large_scores_do_not_overflow():
    query, key, value = inputs()
    context, logsumexp = flash_attention_forward(
        query, 1e4 * key, value, block_size=3
    )
    expected, _ = attention(query, 1e4 * key, value)
    assert logsumexp.abs().max() > 1e3
    torch.testing.assert_close(context, expected, rtol=0, atol=1e-12)


def test_the_inputs_are_left_alone():
    tensors = inputs()
    mask = torch.eye(TARGET, SOURCE)
    before = [tensor.clone() for tensor in (*tensors, mask)]
    flash_attention_forward(*tensors, mask=mask, block_size=3)
    for tensor, copy in zip((*tensors, mask), before, strict=True):
        assert torch.equal(tensor, copy)


ONES = torch.ones(2, 6, 5, 3)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (dict(query=ONES[0]), "query"),
        (dict(key=ONES[:, :4], value=ONES[:, :4]), "key"),
        (dict(key=torch.ones(2, 6, 5, 2)), "key"),
        (dict(value=torch.ones(2, 6, 7, 3)), "value"),
        (dict(value=torch.ones(2, 6, 0, 3)), "value"),
        (dict(value=ONES.double()), "value"),
        (dict(block_size=0), "block_size"),
        (dict(block_size=2.0), "block_size"),
        (dict(mask=torch.ones(5, 7, dtype=torch.bool)), "mask"),
        (dict(mask=torch.ones(5, 5, dtype=torch.long)), "mask"),
        (dict(mask=torch.full((5, 5), math.nan)), "mask"),
        (dict(mask=torch.ones(5, dtype=torch.bool)), "mask"),
        (dict(mask=[[True]]), "mask"),
        (dict(is_causal=1), "is_causal"),
        (dict(offset=1.0), "offset"),
        (dict(offset=torch.tensor([1, 2, 3])), "offset"),
        (dict(scale=math.inf), "scale"),
        (dict(softcap=-1.0), "softcap"),
        (dict(window=3), "window"),
        (dict(window=(-2, 0)), "window"),
    ],
)
def test_wrong_input_is_named(change, name):
    arguments = dict(query=ONES, key=ONES, value=ONES) | change
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        flash_attention_forward(**arguments)
