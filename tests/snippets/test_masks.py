"""The masks against plain loops, and what they make of attention."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.attention import attention
from snippets.masks import (
    additive_mask,
    block_mask,
    causal_mask,
    padding_mask,
    prefix_mask,
)
from tests.support.probes import DEVICES, normal
from tests.support.tensors import close

HEADS, HEAD_DIM, VALUE_DIM = 2, 5, 3


def numbers(count, low=0, high=5):
    drawn = st.lists(st.integers(low, high), min_size=count, max_size=count)
    return drawn.map(torch.tensor)


def inputs(batch, length, seed=0):
    shape = batch, HEADS, length
    return (
        normal(seed, *shape, HEAD_DIM),
        normal(seed + 1, *shape, HEAD_DIM),
        normal(seed + 2, *shape, VALUE_DIM),
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data(), batch=st.integers(1, 3), length=st.integers(1, 5))
def test_masks_equal_the_loops(data, batch, length):
    lengths = data.draw(numbers(batch, 0, length))
    documents = data.draw(numbers(batch * length, -1, 2)).view(batch, length)
    padding = padding_mask(lengths, length)
    block = block_mask(documents)
    prefix = prefix_mask(lengths, length)
    causal = causal_mask(length)
    assert padding.shape == (batch, 1, 1, length)
    assert block.shape == prefix.shape == (batch, 1, length, length)
    assert causal.shape == (length, length)
    own, numbered = lengths.tolist(), documents.tolist()
    for b in range(batch):
        for i in range(length):
            for j in range(length):
                assert padding[b, 0, 0, j] == (j < own[b])
                assert causal[i, j] == (j <= i)
                assert prefix[b, 0, i, j] == (j <= i or j < own[b])
                assert block[b, 0, i, j] == (numbered[b][i] == numbered[b][j])
    for mask in (padding, block, prefix, causal):
        assert mask.dtype == torch.bool


@pytest.mark.parametrize("is_causal", [False, True])
def test_padded_sentences_attend_as_they_do_alone(is_causal):
    lengths = torch.tensor([7, 2, 3, 0])
    tensors = inputs(4, 7)
    mask = padding_mask(lengths, 7)
    context, weights = attention(*tensors, mask=mask, is_causal=is_causal)
    for item, length in enumerate(lengths.tolist()):
        assert (weights[item, ..., length:] == 0).all()
        if length:
            alone = [t[item : item + 1, :, :length] for t in tensors]
            expected, _ = attention(*alone, is_causal=is_causal)
            close(context[item : item + 1, :, :length], expected)
    assert (context[3] == 0).all()


@pytest.mark.parametrize("is_causal", [False, True])
def test_packed_documents_attend_as_they_do_alone(is_causal):
    documents = torch.tensor([[4, 4, 4, 1, 2, 2, 2], [0, 0, 5, 5, 5, 5, 5]])
    tensors = inputs(2, 7)
    context, _ = attention(
        *tensors, mask=block_mask(documents), is_causal=is_causal
    )
    for item, row in enumerate(documents):
        for document in row.unique():
            own = row == document
            alone = [t[item : item + 1, :, own] for t in tensors]
            expected, _ = attention(*alone, is_causal=is_causal)
            close(context[item : item + 1, :, own], expected)


def test_a_prefix_does_not_depend_on_what_follows():
    query, key, value = inputs(1, 7)
    mask = prefix_mask(torch.tensor([3]), 7)
    context, _ = attention(query, key, value, mask=mask)
    for cut in range(3, 7):
        other_key, other_value = key.clone(), value.clone()
        other_key[:, :, cut:] += 1
        other_value[:, :, cut:] += 1
        moved, _ = attention(query, other_key, other_value, mask=mask)
        close(moved[:, :, :cut], context[:, :, :cut])
        assert (moved[:, :, cut] != context[:, :, cut]).any()


def test_causal_mask_is_what_is_causal_does():
    tensors = inputs(2, 7)
    expected = attention(*tensors, is_causal=True)
    close(attention(*tensors, mask=causal_mask(7)), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_additive_mask_is_zero_and_minus_infinity(dtype):
    mask = normal(0, 2, 1, 3, 5) > 0
    added = additive_mask(mask, dtype)
    assert added.dtype == dtype
    assert (added[mask] == 0).all()
    assert (added[~mask] == -math.inf).all()
    assert additive_mask(mask).dtype == torch.float32


@pytest.mark.parametrize("device", DEVICES)
def test_masks_are_where_the_numbers_are(device):
    lengths = torch.tensor([3, 1], device=device)
    documents = torch.tensor([[1, 1, 2]], device=device)
    masks = padding_mask(lengths, 3), prefix_mask(lengths, 3)
    for mask in (*masks, block_mask(documents)):
        assert mask.device == lengths.device


def naive(query, key, value, mask):
    score = query @ key.mT / math.sqrt(HEAD_DIM)
    return score.masked_fill(~mask, -math.inf).softmax(dim=-1) @ value


@pytest.mark.parametrize("is_naive", [True, False])
def test_an_empty_row_that_the_loss_leaves_out_ruins_values(is_naive):
    """The claim of the page, and why empty rows are zeros here."""
    query, key, value = inputs(2, 7)
    value.requires_grad_()
    mask = torch.ones(7, 7, dtype=torch.bool)
    mask[2] = False
    if is_naive:
        context = naive(query, key, value, mask)
    else:
        context, _ = attention(query, key, value, mask=mask)
    rest = torch.arange(7) != 2
    loss = context[:, :, rest].square().sum()
    assert loss.isfinite()
    loss.backward()
    if is_naive:
        assert value.grad.isnan().all()
    else:
        assert (value.grad != 0).all() and value.grad.isfinite().all()


def test_a_mask_after_the_softmax_renormalised_is_one_before_it():
    query, key, value = inputs(2, 7)
    mask = causal_mask(7)
    _, weights = attention(query, key, value)
    late = weights * mask
    assert (late.sum(dim=-1)[..., :-1] < 0.999).all()
    _, early = attention(query, key, value, mask=mask)
    close(late / late.sum(dim=-1, keepdim=True), early)


def test_an_added_number_multiplies_a_weight():
    query, key, value = inputs(1, 7)
    added = torch.zeros(7, 7).double()
    added[3, 2] = -1.0
    _, weights = attention(query, key, value)
    expected = weights.clone()
    expected[:, :, 3, 2] *= math.exp(-1)
    expected /= expected.sum(dim=-1, keepdim=True)
    close(attention(query, key, value, mask=added)[1], expected)


@pytest.mark.parametrize("is_padding_closed", [False, True])
def test_padding_rows_move_no_other(is_padding_closed):
    query, key, value = inputs(2, 7)
    mask = padding_mask(torch.tensor([4, 6]), 7)
    rows = mask & mask.mT if is_padding_closed else mask
    context, _ = attention(query, key, value, mask=rows)
    moved, _ = attention(query + 1e3 * ~mask.mT, key, value, mask=rows)
    for item, length in enumerate((4, 6)):
        own = slice(item, item + 1), slice(None), slice(0, length)
        close(moved[own], context[own])
        alone = (tensor[own] for tensor in (query, key, value))
        close(context[own], attention(*alone)[0])


WRONG = {
    "lengths list": ("lengths", padding_mask, ([3], 3)),
    "lengths float": ("lengths", padding_mask, (torch.ones(2), 3)),
    "lengths rank": ("lengths", padding_mask, (torch.tensor(2), 3)),
    "lengths empty": ("lengths", padding_mask, (torch.ones(0).long(), 3)),
    "lengths above": ("lengths", padding_mask, (torch.tensor([4]), 3)),
    "lengths below": ("lengths", padding_mask, (torch.tensor([-1]), 3)),
    "prefixes above": ("lengths", prefix_mask, (torch.tensor([4]), 3)),
    "length": ("length", causal_mask, (0,)),
    "length float": ("length", causal_mask, (3.0,)),
    "documents list": ("documents", block_mask, ([[1]],)),
    "documents rank": ("documents", block_mask, (torch.tensor([1]),)),
    "documents bool": ("documents", block_mask, (torch.ones(2, 3) > 0,)),
    "mask": ("mask", additive_mask, (torch.ones(2, 3),)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_argument_is_named(name):
    argument, make, arguments = WRONG[name]
    with pytest.raises(ValueError, match=f"^{argument}: expected .*, got "):
        make(*arguments)
