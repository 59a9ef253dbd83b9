"""Decoding with a cache gives what reading everything again gives."""

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.attention.bias import causal_lower_right

from snippets.attention import attention
from snippets.decoding import Decoder, write
from tests.support.probes import DEVICES, TOLERANCE, normal

VOCABULARY, FEATURES, HEADS, BATCH, LENGTH, CAPACITY = 11, 30, 3, 2, 7, 17


def decoder(dtype=torch.float64, device="cpu"):
    torch.manual_seed(0)
    model = Decoder(VOCABULARY, FEATURES, HEADS, longest=19)
    return model.to(device, dtype)


def some_words(length=LENGTH, batch=BATCH, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(VOCABULARY, (batch, length), generator=generator)


def lengths_of(caches):
    return [torch.as_tensor(cache.length).tolist() for cache in caches]


def close(found, expected, dtype=torch.float64):
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE[dtype])


@torch.no_grad()
@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    chunks=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    dtype=st.sampled_from([torch.float64, torch.float32]),
)
def test_chunks_give_what_the_whole_gives(chunks, dtype):
    """Token by token is chunks of one; one chunk is the prefill."""
    model = decoder(dtype)
    words = some_words(sum(chunks))
    caches = model.make_caches(BATCH, sum(chunks))
    logits = [model(part, caches) for part in words.split(chunks, dim=1)]
    close(torch.cat(logits, dim=1), model(words), dtype)
    assert lengths_of(caches) == [sum(chunks)] * 2


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@torch.no_grad()
def test_word_by_word_gives_what_the_whole_gives(dtype, device):
    model = decoder(dtype, device)
    words = some_words().to(device)
    caches = model.make_caches(BATCH, LENGTH)
    logits = [model(word, caches) for word in words.split(1, dim=1)]
    whole = model(words)
    assert whole.dtype == dtype and whole.shape == (BATCH, LENGTH, VOCABULARY)
    close(torch.cat(logits, dim=1), whole, dtype)


@torch.no_grad()
@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    lengths=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    chunks=st.lists(st.integers(1, 3), min_size=1, max_size=3),
)
def test_rows_of_different_lengths_give_what_each_gives_alone(lengths, chunks):
    model = decoder()
    words = some_words(5, batch=3)
    caches = model.make_caches(3, CAPACITY)
    prefill = model(words, caches)
    for cache in caches:
        cache.trim(torch.tensor(lengths))
    later = some_words(sum(chunks), batch=3, seed=1)
    logits = [model(part, caches) for part in later.split(chunks, dim=1)]
    logits = torch.cat(logits, dim=1)
    for item, length in enumerate(lengths):
        own = slice(item, item + 1)
        alone = torch.cat((words[own, :length], later[own]), dim=1)
        expected = model(alone)
        close(prefill[own, :length], expected[:, :length])
        close(logits[own], expected[:, length:])


@torch.no_grad()
def test_words_taken_back_leave_no_trace():
    model = decoder()
    words = some_words()
    caches = model.make_caches(BATCH, CAPACITY)
    model(words[:, :3], caches)
    model(some_words(5, seed=1), caches)
    for cache in caches:
        cache.trim(3)
    close(model(words[:, 3:], caches), model(words)[:, 3:])


@pytest.mark.parametrize("read_before", [0, 1, 4])
def test_writes_the_same_with_and_without_cache(read_before):
    model = decoder()
    words = some_words()
    caches = model.make_caches(BATCH, CAPACITY)
    if read_before:
        model(words[:, :read_before], caches)
    plain = write(model, words, 10)
    assert torch.equal(write(model, words, 10, caches), plain)
    assert plain.shape == (BATCH, LENGTH + 10)
    assert torch.equal(plain[:, :LENGTH], words)
    assert len(plain[:, LENGTH:].unique()) > 1
    for end in range(LENGTH, LENGTH + 10):
        likeliest = model(plain[:, :end])[:, -1].argmax(dim=1)
        assert torch.equal(plain[:, end], likeliest)


def test_a_later_word_moves_nothing_earlier():
    model = decoder()
    words, other = some_words(), some_words(seed=1)
    for first in range(1, LENGTH):
        changed = torch.cat((words[:, :first], other[:, first:]), dim=1)
        close(model(changed)[:, :first], model(words)[:, :first])


def test_every_earlier_word_matters():
    model = decoder()
    words = some_words()
    last = model(words)[:, -1]
    for place in range(LENGTH):
        changed = words.clone()
        changed[:, place] = (changed[:, place] + 1) % VOCABULARY
        moved = (model(changed)[:, -1] - last).abs().amax(dim=1)
        assert (moved > 1e-3).all()


def test_the_order_of_words_matters():
    model = decoder()
    words = torch.tensor([[1, 2, 3]])
    moved = model(words)[:, -1] - model(words[:, [1, 0, 2]])[:, -1]
    assert moved.abs().max() > 1e-3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([[1, 2]], "an int64 tensor, got list"),
        (torch.ones(2, 3), "an int64 tensor, got torch.float32"),
        (torch.ones(3).long(), "shape (batch, new), got (3,)"),
        (torch.ones(2, 0).long(), "shape (batch, new), got (2, 0)"),
        (torch.ones(2, 20).long(), "at most 19 in all, got 20"),
    ],
)
def test_wrong_words_are_named(words, message):
    message = re.escape(f"words: expected {message}")
    with pytest.raises(ValueError, match=f"^{message}$"):
        decoder()(words)


def test_too_many_words_with_a_cache_are_named():
    model = decoder()
    caches = model.make_caches(BATCH, CAPACITY)
    model(some_words(CAPACITY - 1), caches)
    with pytest.raises(ValueError, match=r"^key: expected at most 1 new"):
        model(some_words(2), caches)
    with pytest.raises(ValueError, match=r"^words: expected at most 19 in"):
        model(some_words(4), caches)
    with pytest.raises(ValueError, match=r"^key: expected shape \(2, 3, new"):
        model(some_words(1, batch=3), caches)


# PyTorch's is_causal with fewer queries than keys.


@settings(max_examples=30, deadline=None, derandomize=True)
@given(target=st.integers(1, 5), before=st.integers(0, 5))
def test_the_offset_puts_the_queries_behind_the_cache(target, before):
    source = before + target
    query = normal(0, 2, 3, target, 5)
    key, value = normal(1, 2, 3, source, 5), normal(2, 2, 3, source, 7)
    context, weights = attention(
        query, key, value, is_causal=True, offset=before
    )
    # In PyTorch is_causal counts from the first key ...
    top_left, _ = attention(query, key, value, is_causal=True)
    close(
        F.scaled_dot_product_attention(query, key, value, is_causal=True),
        top_left,
    )
    # ... and this mask from the last.
    lower_right = F.scaled_dot_product_attention(
        query, key, value, attn_mask=causal_lower_right(target, source)
    )
    close(context, lower_right)
    assert (weights[:, :, 0, : before + 1] > 0).all()
    assert (weights[:, :, 0, before + 1 :] == 0).all()


def test_one_query_of_pytorch_sees_the_first_key_only():
    query, key, value = normal(0, 1, 1, 1, 5), normal(1, 1, 1, 7, 5), None
    value = normal(2, 1, 1, 7, 5)
    context = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    assert torch.equal(context, value[:, :, :1])
    right, _ = attention(query, key, value, is_causal=True, offset=6)
    close(right, F.scaled_dot_product_attention(query, key, value))
    assert (right - context).abs().max() > 0.1
