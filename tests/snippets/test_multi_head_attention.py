"""MultiHeadAttention against PyTorch's, against loops, and against itself."""

import copy
import functools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snippets.attention import attention
from snippets.kv_cache import KVCache
from snippets.multi_head_attention import (
    MultiHeadAttention,
    join_heads,
    split_heads,
)
from tests.support.probes import (
    DEVICES,
    TOLERANCE,
    Attention,
    applicable_probes,
    masks,
    normal,
)

BATCH, TARGET, SOURCE = 2, 5, 7
FEATURES, HEADS, HEAD_DIM = 33, 3, 11
KEY_FEATURES, VALUE_FEATURES = 13, 17


def close(left, right, tolerance=1e-10):
    torch.testing.assert_close(left, right, rtol=0, atol=tolerance)


def layer(features=FEATURES, heads=HEADS, **given):
    torch.manual_seed(0)
    return randomised(MultiHeadAttention(features, heads, **given).double())


def randomised(module):
    """PyTorch's biases begin as 0: move all, so that each one counts."""
    with torch.no_grad():
        for seed, parameter in enumerate(module.parameters()):
            parameter += normal(seed, *parameter.shape).to(parameter) / 5
    return module


def inputs(batch=BATCH, target=TARGET, source=SOURCE, seed=0):
    return (
        normal(seed, batch, target, FEATURES),
        normal(seed + 1, batch, source, FEATURES),
        normal(seed + 2, batch, source, FEATURES),
    )


# Against PyTorch.


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    data=st.data(),
    batch=st.integers(1, 3),
    target=st.integers(1, 5),
    source=st.integers(1, 7),
    heads=st.sampled_from([1, 2, 3, 7]),
    head_dim=st.sampled_from([1, 2, 5]),
    kdim=st.sampled_from([None, KEY_FEATURES]),
    vdim=st.sampled_from([None, VALUE_FEATURES]),
    bias=st.booleans(),
    batch_first=st.booleans(),
    padded=st.booleans(),
    is_causal=st.booleans(),
    dtype=st.sampled_from([torch.float64, torch.float32]),
    seed=st.integers(0, 99),
)
def test_equals_pytorch(
    data,
    batch,
    target,
    source,
    heads,
    head_dim,
    kdim,
    vdim,
    bias,
    batch_first,
    padded,
    is_causal,
    dtype,
    seed,
):
    torch.manual_seed(seed)
    features = heads * head_dim
    pytorch = nn.MultiheadAttention(
        features,
        heads,
        kdim=kdim,
        vdim=vdim,
        bias=bias,
        batch_first=batch_first,
        dtype=dtype,
    )
    own = MultiHeadAttention.from_pytorch(randomised(pytorch))
    sizes = (
        (target, features),
        (source, kdim or features),
        (source, vdim or features),
    )
    tensors = [
        normal(seed + place, batch, *size).to(dtype)
        for place, size in enumerate(sizes)
    ]
    # The first key stays, and so no row of PyTorch's is empty, and NaN.
    padding = torch.zeros(batch, source, dtype=torch.bool)
    if padded:
        bits = st.lists(
            st.booleans(), min_size=batch * source, max_size=batch * source
        )
        padding = torch.tensor(data.draw(bits)).view(batch, source)
        padding[:, 0] = False
    later = torch.ones(target, source, dtype=torch.bool).triu(1)
    result = own(*tensors, mask=~padding[:, None, None], is_causal=is_causal)
    # In nn.MultiheadAttention, True means "may not be attended".
    expected = pytorch(
        *(t if batch_first else t.transpose(0, 1) for t in tensors),
        key_padding_mask=padding if padded else None,
        attn_mask=later if is_causal else None,
        average_attn_weights=False,
    )
    if not batch_first:
        expected = expected[0].transpose(0, 1), expected[1]
    tolerance = 1e-10 if dtype == torch.float64 else TOLERANCE[dtype]
    for found, other in zip(result, expected, strict=True):
        assert found.dtype == dtype
        close(found, other, tolerance)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_types_within_their_rounding(dtype):
    pytorch = randomised(
        nn.MultiheadAttention(FEATURES, HEADS, batch_first=True)
    )
    half = copy.deepcopy(pytorch).to(dtype)
    own = MultiHeadAttention.from_pytorch(half)
    assert {p.dtype for p in own.parameters()} == {dtype}
    tensors = [tensor.to(dtype) for tensor in inputs()]
    found = own(*tensors)
    expected = pytorch.double()(
        *(tensor.double() for tensor in tensors), average_attn_weights=False
    )
    assert {tensor.dtype for tensor in found} == {dtype}
    for one, other in zip(found, expected, strict=True):
        close(one.double(), other, TOLERANCE[dtype])


def test_gradients_equal_those_of_pytorch():
    pytorch = randomised(
        nn.MultiheadAttention(FEATURES, HEADS, batch_first=True).double()
    )
    own = MultiHeadAttention.from_pytorch(pytorch)
    tensors = [tensor.requires_grad_() for tensor in inputs()]
    direction = normal(5, BATCH, TARGET, FEATURES)
    found, expected = (
        torch.autograd.grad((module(*tensors)[0] * direction).sum(), tensors)
        for module in (own, pytorch)
    )
    for one, other in zip(found, expected, strict=True):
        close(one, other)


def test_from_pytorch_copies():
    pytorch = nn.MultiheadAttention(FEATURES, HEADS).eval()
    own = MultiHeadAttention.from_pytorch(pytorch)
    before = own.query_projection.weight.clone()
    nn.init.zeros_(pytorch.in_proj_weight)
    assert torch.equal(own.query_projection.weight, before)
    assert not own.training
    assert own.query_projection.weight.requires_grad
    assert MultiHeadAttention.from_pytorch(pytorch.train()).training


@pytest.mark.parametrize(
    "module",
    [
        nn.MultiheadAttention(FEATURES, HEADS, add_bias_kv=True),
        nn.MultiheadAttention(FEATURES, HEADS, add_zero_attn=True),
        nn.Linear(FEATURES, FEATURES),
        None,
    ],
    ids=["add_bias_kv", "add_zero_attn", "linear", "none"],
)
def test_what_cannot_be_taken_over_is_an_error(module):
    with pytest.raises(ValueError, match=r"^module: expected"):
        MultiHeadAttention.from_pytorch(module)


# Heads.


def head_by_head(module, query, key, value):
    """Attend with one head after the other: slices of the matrices."""
    contexts, weights = [], []
    group = module.num_heads // module.num_key_heads
    for head in range(module.num_heads):
        own = slice(head * module.head_dim, (head + 1) * module.head_dim)
        first = head // group * module.head_dim
        shared = slice(first, first + module.head_dim)
        parts = []
        for tensor, projection, rows in (
            (query, module.query_projection, own),
            (key, module.key_projection, shared),
            (value, module.value_projection, shared),
        ):
            bias = 0 if projection.bias is None else projection.bias[rows]
            parts.append(tensor @ projection.weight[rows].T + bias)
        score = parts[0] @ parts[1].mT / module.head_dim**0.5
        weights.append(score.softmax(dim=-1))
        contexts.append(weights[-1] @ parts[2])
    joined = torch.cat(contexts, dim=2)
    return module.output_projection(joined), torch.stack(weights, dim=1)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    heads=st.sampled_from([1, 2, 4, 6]),
    head_dim=st.sampled_from([1, 3]),
    share=st.sampled_from([1, 2]),
    bias=st.booleans(),
    batch=st.integers(1, 3),
    target=st.integers(1, 5),
    source=st.integers(1, 5),
)
def test_heads_as_a_reshape_equal_a_loop(
    heads, head_dim, share, bias, batch, target, source
):
    key_heads = max(heads // share, 1)
    module = layer(heads * head_dim, heads, num_key_heads=key_heads, bias=bias)
    tensors = [
        normal(seed, batch, length, heads * head_dim)
        for seed, length in enumerate((target, source, source))
    ]
    for found, expected in zip(
        module(*tensors), head_by_head(module, *tensors), strict=True
    ):
        close(found, expected)


def test_splitting_by_hand():
    sequence = torch.tensor([[[1.0, 2, 3, 4], [5, 6, 7, 8]]])
    # Two words of four numbers; each head gets two numbers of both words.
    assert split_heads(sequence, 2).tolist() == [
        [[[1, 2], [5, 6]], [[3, 4], [7, 8]]]
    ]
    assert torch.equal(join_heads(split_heads(sequence, 2)), sequence)


def wrong_split(sequence, heads):
    """Mix words: the numbers are cut in the order of memory."""
    batch, length, features = sequence.shape
    return sequence.reshape(batch, heads, length, features // heads)


def test_the_wrong_split_mixes_words_and_is_caught(monkeypatch):
    """It has the right shape, and it undoes itself: only values tell."""
    sequence = normal(0, BATCH, SOURCE, FEATURES)
    right, wrong = split_heads(sequence, HEADS), wrong_split(sequence, HEADS)
    assert right.shape == wrong.shape
    assert not torch.equal(right, wrong)
    # Which words have a part in one row of one head?
    words = torch.arange(SOURCE).double().view(1, SOURCE, 1)
    words = words.expand(1, SOURCE, FEATURES)
    mixed = [len(row.unique()) for row in wrong_split(words, HEADS)[0, 0]]
    alone = [len(row.unique()) for row in split_heads(words, HEADS)[0, 0]]
    assert set(alone) == {1} and 1 in mixed
    assert wrong_split(words, HEADS)[0, 0].max() < SOURCE // 2

    module = layer()
    tensors = inputs()
    expected = head_by_head(module, *tensors)[0]
    place = "snippets.multi_head_attention.split_heads"
    monkeypatch.setattr(place, wrong_split)
    assert (module(*tensors)[0] - expected).abs().max() > 0.01


def test_the_wrong_split_sees_the_future(monkeypatch):
    module = layer()
    sequence = normal(0, 1, SOURCE, FEATURES).requires_grad_()

    def future():
        context, _ = module(sequence, is_causal=True)
        (slope,) = torch.autograd.grad(context[:, 0].sum(), sequence)
        return slope[:, 1:].abs().max()

    assert future() == 0
    place = "snippets.multi_head_attention.split_heads"
    monkeypatch.setattr(place, wrong_split)
    assert future() > 0.001


def test_as_many_key_heads_as_heads_is_plain_multi_head_attention():
    plain, grouped = layer(), layer(num_key_heads=HEADS)
    grouped.load_state_dict(plain.state_dict())
    assert plain.num_key_heads == HEADS
    close(grouped(*inputs()), plain(*inputs()))


def test_shared_key_heads_are_equal_heads():
    """With copies of the shared matrices all heads have their own."""
    grouped = layer(36, 6, num_key_heads=2)
    plain = layer(36, 6)
    state = grouped.state_dict()
    for name in ("key_projection", "value_projection"):
        for kind in ("weight", "bias"):
            parts = state[f"{name}.{kind}"].unflatten(0, (2, 6))
            copied = parts.repeat_interleave(3, dim=0).flatten(0, 1)
            state[f"{name}.{kind}"] = copied
    plain.load_state_dict(state)
    sequence = normal(0, BATCH, SOURCE, 36)
    close(grouped(sequence), plain(sequence))


def test_one_head_is_attention_between_linear_maps():
    module = layer(FEATURES, 1)
    query, key, value = inputs()
    parts = (
        module.query_projection(query),
        module.key_projection(key),
        module.value_projection(value),
    )
    context, weights = attention(*(part.unsqueeze(1) for part in parts))
    expected = module.output_projection(context.squeeze(1)), weights
    close(module(query, key, value), expected)


def test_heads_in_another_order_change_nothing():
    """Heads are a set: the output projection undoes the order."""
    module, other = layer(), layer()
    order = torch.tensor([2, 0, 1])

    def rows(tensor):
        return tensor.unflatten(0, (HEADS, HEAD_DIM))[order].flatten(0, 1)

    state = module.state_dict()
    for name in ("query", "key", "value"):
        for kind in ("weight", "bias"):
            state[f"{name}_projection.{kind}"] = rows(
                state[f"{name}_projection.{kind}"]
            )
    state["output_projection.weight"] = rows(
        state["output_projection.weight"].T
    ).T
    other.load_state_dict(state)
    context, weights = module(*inputs())
    moved, moved_weights = other(*inputs())
    close(moved, context)
    close(moved_weights, weights[:, order])


def test_shuffled_words_give_shuffled_contexts():
    module = layer()
    sequence = normal(0, BATCH, SOURCE, FEATURES)
    order = torch.tensor([3, 6, 0, 4, 1, 5, 2])
    context, weights = module(sequence)
    shuffled, shuffled_weights = module(sequence[:, order])
    close(shuffled, context[:, order])
    close(shuffled_weights, weights[:, :, order][..., order])


# Its arguments.


def test_missing_key_and_value_are_the_query_and_the_key():
    module = layer()
    query, key, _ = inputs()
    close(module(query), module(query, query, query))
    close(module(query, key), module(query, key, key))


def test_projected_keys_and_values_give_the_same():
    module = layer(key_features=KEY_FEATURES, value_features=VALUE_FEATURES)
    query = inputs()[0]
    key = normal(1, BATCH, SOURCE, KEY_FEATURES)
    value = normal(2, BATCH, SOURCE, VALUE_FEATURES)
    projected = module.project(key, value)
    shape = BATCH, HEADS, SOURCE, HEAD_DIM
    assert [tuple(part.shape) for part in projected] == [shape, shape]
    close(module(query, projected=projected), module(query, key, value))


@pytest.mark.parametrize("key_heads", [1, HEADS])
def test_with_a_cache_piece_by_piece_is_all_at_once(key_heads):
    module = layer(num_key_heads=key_heads)
    sequence = normal(0, BATCH, SOURCE, FEATURES)
    expected, expected_weights = module(sequence, is_causal=True)
    cache = module.new_cache(BATCH, SOURCE)
    assert cache.key.stored.shape == (BATCH, key_heads, SOURCE, HEAD_DIM)
    assert cache.key.stored.dtype == torch.float64
    for first, end in ((0, 1), (1, 2), (2, 5), (5, 7)):
        context, weights = module(
            sequence[:, first:end], cache=cache, is_causal=True
        )
        close(context, expected[:, first:end])
        close(weights, expected_weights[:, :, first:end, :end])
    assert cache.length == SOURCE


@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data(), is_causal=st.booleans())
def test_masks_are_those_of_attention(data, is_causal):
    module = layer()
    mask = data.draw(masks(BATCH, HEADS, TARGET, SOURCE))
    query, key, value = inputs()
    parts = split_heads(module.query_projection(query), HEADS)
    context, weights = attention(
        parts, *module.project(key, value), mask=mask, is_causal=is_causal
    )
    expected = module.output_projection(join_heads(context)), weights
    close(module(query, key, value, mask=mask, is_causal=is_causal), expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    module = layer().to(device, dtype)
    tensors = [
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    ]
    mask = torch.ones(BATCH, 1, TARGET, SOURCE, dtype=torch.bool)
    mask[0, :, 1] = False
    mask[1, :, :, 3:] = False
    mask = mask.to(device)
    context, weights = module(*tensors, mask=mask)
    exact = copy.deepcopy(module).double()
    expected = exact(*(tensor.double() for tensor in tensors), mask=mask)
    assert context.dtype == weights.dtype == dtype
    assert context.device.type == device
    for found, other in zip((context, weights), expected, strict=True):
        close(found.double(), other, TOLERANCE[dtype])
    (context.sum() + weights[..., 0].sum()).backward()
    for tensor in (*tensors, *module.parameters()):
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
    for tensor in tensors:
        assert (tensor.grad != 0).any()


def test_a_fully_masked_row_is_the_output_bias():
    module = layer()
    mask = torch.ones(BATCH, 1, TARGET, SOURCE, dtype=torch.bool)
    mask[1, :, 2] = False
    context, weights = module(*inputs(), mask=mask)
    assert (weights[1, :, 2] == 0).all()
    close(context[1, 2], module.output_projection.bias)
    assert context.isfinite().all()


@pytest.mark.parametrize("key_heads", [1, 2])
def test_gradient_equals_finite_differences(key_heads):
    module = layer(6, 2, num_key_heads=key_heads)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    names = [name for name, _ in module.named_parameters()]

    def attend(query, key, value, *parameters):
        return torch.func.functional_call(
            module,
            dict(zip(names, parameters, strict=True)),
            (query, key, value),
            {"mask": mask},
        )

    tensors = [normal(0, 1, 2, 6), normal(1, 1, 3, 6), normal(2, 1, 3, 6)]
    arguments = [tensor.requires_grad_() for tensor in tensors]
    arguments += list(module.parameters())
    assert torch.autograd.gradcheck(attend, arguments, fast_mode=True)


# What every attention must do.


def attend(module, query, memory, mask, **given):
    mask = None if mask is None else mask.unsqueeze(1)
    return module(query, memory, mask=mask, **given)


def probed():
    # Without a bias a fully masked row is zero after the projection, too.
    for key_heads in (HEADS, 1):
        module = layer(num_key_heads=key_heads, bias=False)
        parameters = tuple(module.parameters())
        yield Attention(
            f"cross, {key_heads} key heads",
            functools.partial(attend, module),
            query_size=FEATURES,
            memory_size=FEATURES,
            parameters=parameters,
        )
        for is_causal in (False, True):
            yield Attention(
                f"self, {key_heads} key heads, causal {is_causal}",
                functools.partial(attend, module, is_causal=is_causal),
                query_size=FEATURES,
                memory_size=FEATURES,
                parameters=parameters,
                is_self=True,
                is_causal=is_causal,
            )


@pytest.mark.parametrize(
    ("attention", "probe"),
    [
        pytest.param(attention, probe, id=f"{attention}-{probe.__name__}")
        for attention in probed()
        for probe in applicable_probes(attention)
    ],
)
def test_passes_the_probes(attention, probe):
    probe(attention)


# Wrong inputs.

LAYER = layer()
QUERY, KEY, VALUE = inputs()
CACHE = KVCache(BATCH, HEADS, 3, HEAD_DIM, dtype=torch.float64)
PROJECTED = LAYER.project(KEY, VALUE)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("num_heads", lambda: MultiHeadAttention(33, 2)),
        ("num_heads", lambda: MultiHeadAttention(33, 0)),
        (
            "num_heads",
            lambda: MultiHeadAttention(33, 3.0),  # type: ignore[arg-type]
        ),
        ("num_key_heads", lambda: MultiHeadAttention(36, 6, num_key_heads=4)),
        ("num_key_heads", lambda: MultiHeadAttention(36, 6, num_key_heads=0)),
        ("query", lambda: LAYER(QUERY[0])),
        ("query", lambda: LAYER(QUERY[..., 1:])),
        ("query", lambda: LAYER(QUERY.float())),
        ("query", lambda: LAYER(QUERY.long())),
        ("query", lambda: LAYER(QUERY[:, :0])),
        ("query", lambda: LAYER("query")),
        ("key", lambda: LAYER(QUERY, KEY[..., 1:])),
        ("key", lambda: LAYER(QUERY, KEY.float())),
        ("key", lambda: LAYER(QUERY, KEY[:1])),
        ("key", lambda: LAYER(QUERY, KEY[:, :0])),
        ("value", lambda: LAYER(QUERY, KEY, VALUE[:, 1:])),
        ("value", lambda: LAYER(QUERY, KEY, VALUE[:1])),
        ("value", lambda: LAYER.project(KEY, VALUE[..., 1:])),
        ("projected", lambda: LAYER(QUERY, KEY, projected=PROJECTED)),
        ("projected", lambda: LAYER(QUERY, value=KEY, projected=PROJECTED)),
        ("mask", lambda: LAYER(QUERY, KEY, mask=torch.ones(3, 3) > 0)),
        ("mask", lambda: LAYER(QUERY, KEY, mask=torch.ones(5, 7).long())),
        ("is_causal", lambda: LAYER(QUERY, KEY, is_causal=1)),
        ("key", lambda: LAYER(QUERY, cache=CACHE)),
        ("heads", lambda: split_heads(QUERY, 2)),
        ("heads", lambda: split_heads(QUERY, True)),
        ("sequence", lambda: split_heads(QUERY[0], 3)),
        ("sequence", lambda: join_heads(QUERY)),
        ("batch", lambda: LAYER.new_cache(0, 3)),
        ("capacity", lambda: LAYER.new_cache(2, 0)),
    ],
)
def test_wrong_input_is_an_error(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
