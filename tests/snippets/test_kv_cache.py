"""Cache and KVCache against torch.cat and against lists of rows."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.kv_cache import Cache, KVCache, cache_bytes
from tests.support.probes import DEVICES, TOLERANCE, normal
from tests.support.tensors import fails

BATCH, HEADS, CAPACITY, HEAD_DIM, VALUE_DIM = 2, 3, 17, 5, 7


def kv_cache(dtype=torch.float64, device="cpu"):
    return KVCache(
        BATCH,
        HEADS,
        CAPACITY,
        HEAD_DIM,
        VALUE_DIM,
        dtype=dtype,
        device=device,
    )


def keys_and_values(new, seed=0):
    return (
        normal(seed, BATCH, HEADS, new, HEAD_DIM),
        normal(seed + 1, BATCH, HEADS, new, VALUE_DIM),
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    chunks=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
)
def test_gives_all_that_was_appended(chunks, dtype):
    cache = kv_cache(dtype)
    keys, values = [], []
    for number, new in enumerate(chunks):
        key, value = keys_and_values(new, seed=2 * number)
        keys.append(key.to(dtype))
        values.append(value.to(dtype))
        all_keys, all_values = cache.append(keys[-1], values[-1])
        assert torch.equal(all_keys, torch.cat(keys, dim=2))
        assert torch.equal(all_values, torch.cat(values, dim=2))
        assert cache.length == sum(chunks[: number + 1])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    lengths=st.lists(st.integers(0, 5), min_size=BATCH, max_size=BATCH),
    chunks=st.lists(st.integers(1, 4), min_size=1, max_size=3),
)
def test_rows_grow_behind_their_own_ends(lengths, chunks):
    cache = Cache(BATCH, HEADS, CAPACITY, HEAD_DIM, dtype=torch.float64)
    first = normal(0, BATCH, HEADS, 5, HEAD_DIM)
    cache.append(first)
    cache.trim(torch.tensor(lengths))
    rows = [
        [first[item, :, i] for i in range(length)]
        for item, length in enumerate(lengths)
    ]
    for number, count in enumerate(chunks):
        new = normal(number + 1, BATCH, HEADS, count, HEAD_DIM)
        found = cache.append(new)
        for item, row in enumerate(rows):
            row += [new[item, :, i] for i in range(count)]
            assert torch.equal(
                found[item, :, : len(row)], torch.stack(row, dim=1)
            )
        assert found.size(2) == max(len(row) for row in rows)
        assert cache.length.tolist() == [len(row) for row in rows]


def test_what_was_not_written_is_zero():
    """It is read with weight 0, and 0 times NaN would be NaN."""
    cache = Cache(BATCH, HEADS, CAPACITY, HEAD_DIM)
    assert cache.stored.shape == (BATCH, HEADS, CAPACITY, HEAD_DIM)
    assert (cache.stored == 0).all()


def test_nothing_is_copied():
    cache = kv_cache()
    first, _ = cache.append(*keys_and_values(3))
    second, _ = cache.append(*keys_and_values(2))
    assert first.data_ptr() == second.data_ptr()


def test_trimmed_positions_are_written_again():
    cache = kv_cache()
    cache.append(*keys_and_values(5))
    cache.trim(2)
    assert cache.length == cache.value.length == 2
    key, value = keys_and_values(1, seed=5)
    keys, values = cache.append(key, value)
    old_keys, old_values = keys_and_values(5)
    assert torch.equal(keys, torch.cat((old_keys[:, :, :2], key), dim=2))
    assert torch.equal(values, torch.cat((old_values[:, :, :2], value), 2))


def test_trimmed_to_nothing_it_is_as_new():
    cache = kv_cache()
    cache.append(*keys_and_values(5))
    cache.trim(torch.tensor([3, 1]))
    cache.trim(0)
    key, value = keys_and_values(CAPACITY, seed=5)
    keys, values = cache.append(key, value)
    assert torch.equal(keys, key) and torch.equal(values, value)
    assert cache.length == CAPACITY


def test_the_lengths_given_are_not_the_cache_s_own():
    cache = kv_cache()
    cache.append(*keys_and_values(5))
    lengths = torch.tensor([3, 1])
    cache.trim(lengths)
    lengths += 1
    assert cache.length.tolist() == [3, 1]
    cache.append(*keys_and_values(1))
    assert cache.length.tolist() == [4, 2]
    assert lengths.tolist() == [4, 2]


def test_no_gradient_goes_through():
    cache = kv_cache()
    key, value = (part.requires_grad_() for part in keys_and_values(3))
    keys, values = cache.append(key, value)
    assert not keys.requires_grad and not values.requires_grad
    cache.trim(torch.tensor([2, 1]))
    keys, values = cache.append(key, value)
    assert not keys.requires_grad and not values.requires_grad


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_and_device(dtype, device):
    cache = kv_cache(dtype, device)
    key, value = (part.to(device, dtype) for part in keys_and_values(3))
    for lengths in (3, torch.tensor([3, 3], device=device)):
        keys, values = cache.append(key, value)
        cache.trim(lengths)
        assert keys.dtype == values.dtype == dtype
        assert keys.device.type == values.device.type == device


@pytest.mark.parametrize("length", [0, 4, torch.tensor([2, 4])])
def test_refused_parts_leave_no_trace(length):
    cache = kv_cache()
    cache.append(*keys_and_values(4))
    cache.trim(length)
    before = cache.key.stored.clone(), cache.value.stored.clone()
    key, value = keys_and_values(1)
    wrong = [
        (key, value[:, :, :, :-1], "value"),
        (key, value.expand(-1, -1, 2, -1), "value"),
        (key.float(), value, "value"),
        (key.float(), value.float(), "key"),
        (key.to("meta"), value.to("meta"), "key"),
        (*keys_and_values(CAPACITY + 1), "key"),
    ]
    for *parts, name in wrong:
        with pytest.raises(ValueError, match=f"^{name}: expected "):
            cache.append(*parts)
    assert torch.equal(before[0], cache.key.stored)
    assert torch.equal(before[1], cache.value.stored)
    for part in (cache.key, cache.value):
        assert torch.equal(
            torch.as_tensor(part.length), torch.as_tensor(length)
        )


def test_wrong_parts_are_named():
    cache = kv_cache()
    key, value = keys_and_values(2)
    with fails("key: expected shape (2, 3, new, 5), got (1, 3, 2, 5)"):
        cache.append(key[:1], value)
    with fails("value: expected shape (2, 3, new, 7), got (2, 3, 2, 5)"):
        cache.append(key, key)
    with fails("value: expected shape (2, 3, new=2, 7), got (2, 3, 1, 7)"):
        cache.append(key, value[:, :, :1])
    with fails("key: expected torch.float64, got torch.float32"):
        cache.append(key.float(), value.float())
    with fails("key: expected cpu, got meta"):
        cache.append(key.to("meta"), value.to("meta"))
    cache.append(*keys_and_values(CAPACITY - 1))
    with fails("key: expected at most 1 new positions, got 2"):
        cache.append(key, value)
    one = Cache(BATCH, 1, CAPACITY, HEAD_DIM)
    with fails("new: expected shape (2, 1, new, 5), got (2, 3, 2, 5)"):
        one.append(key.float())


def test_wrong_sizes_are_named():
    names = "batch", "key_heads", "capacity", "head_dim", "value_dim"
    for place, name in enumerate(names):
        for wrong in (0, -1, 2.0, True):
            sizes = [2, 3, 5, 7, 11]
            sizes[place] = wrong
            with fails(f"{name}: expected an int, 1 or more, got {wrong}"):
                KVCache(*sizes)
    with fails("size: expected an int, 1 or more, got 0"):
        Cache(2, 3, 5, 0)
    with fails("bytes_each: expected an int, 1 or more, got 0.5"):
        cache_bytes(2, 3, 5, bytes_each=0.5)
    for place, name in enumerate(("layers", "length", "numbers")):
        sizes = [2, 3, 5]
        sizes[place] = 0
        with fails(f"{name}: expected an int, 1 or more, got 0"):
            cache_bytes(*sizes)


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (5, "0 to 4, got 5"),
        (-1, "0 to 4, got -1"),
        (2.0, "an int or a tensor, got 2.0"),
        (None, "an int or a tensor, got None"),
        (torch.tensor([4, 5]), "0 to 4, got [4, 5]"),
        (torch.tensor([-1, 3]), "0 to 4, got [-1, 3]"),
        (torch.tensor([1.0, 3]), "an int64 tensor, got torch.float32"),
        (torch.tensor([1, 2, 3]), "shape (2,), got (3,)"),
        (torch.tensor(3), "shape (2,), got ()"),
        (torch.tensor([1, 2], device="meta"), "cpu, got meta"),
    ],
)
def test_wrong_lengths_are_named(length, message):
    cache = kv_cache()
    cache.append(*keys_and_values(4))
    with fails(f"length: expected {message}"):
        cache.trim(length)
    assert cache.length == 4


def test_a_row_does_not_grow_by_trimming():
    cache = kv_cache()
    cache.append(*keys_and_values(4))
    cache.trim(torch.tensor([1, 3]))
    with fails("length: expected 0 to [1, 3], got [2, 2]"):
        cache.trim(torch.tensor([2, 2]))
    with fails("length: expected 0 to [1, 3], got 2"):
        cache.trim(2)


def test_bytes_are_those_of_the_tensors():
    cache = kv_cache(torch.float16)
    numbers = BATCH * HEADS * CAPACITY * (HEAD_DIM + VALUE_DIM)
    assert cache.nbytes() == 2 * numbers
    cache.append(*(part.half() for part in keys_and_values(3)))
    assert cache.nbytes() == 2 * numbers
    one = KVCache(1, HEADS, CAPACITY, HEAD_DIM, dtype=torch.float16)
    assert cache_bytes(11, CAPACITY, 2 * HEADS * HEAD_DIM) == 11 * one.nbytes()
    wide = KVCache(1, HEADS, CAPACITY, HEAD_DIM)
    assert wide.nbytes() == cache_bytes(
        1, CAPACITY, 2 * HEADS * HEAD_DIM, bytes_each=4
    )


def test_bytes_of_a_known_model():
    """32 layers, 32 heads of 128, 32 K positions, 16 bits: 17.18 GB."""
    assert cache_bytes(32, 32 * 1024, 2 * 32 * 128) == 17_179_869_184
    assert cache_bytes(32, 32 * 1024, 2 * 8 * 128) == 4_294_967_296
