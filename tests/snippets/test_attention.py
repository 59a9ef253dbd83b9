"""attention against plain loops, PyTorch and the attention before it."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snippets import scaled_dot_product_attention
from snippets.attention import attention
from tests.support.probes import (
    DEVICES,
    TOLERANCE,
    Attention,
    applicable_probes,
    masks,
    normal,
)

BATCH, KEY_HEADS, GROUP, TARGET, SOURCE, HEAD_DIM, VALUE_DIM = (
    *(2, 3, 2, 5, 7),
    *(11, 13),
)
HEADS = KEY_HEADS * GROUP
EXACT = 1e-10


def inputs(
    batch=BATCH,
    key_heads=KEY_HEADS,
    group=GROUP,
    target=TARGET,
    source=SOURCE,
    head_dim=HEAD_DIM,
    value_dim=VALUE_DIM,
    seed=0,
):
    return (
        normal(seed, batch, key_heads * group, target, head_dim),
        normal(seed + 1, batch, key_heads, source, head_dim),
        normal(seed + 2, batch, key_heads, source, value_dim),
    )


def same(result, expected, atol=EXACT):
    torch.testing.assert_close(result, expected, rtol=0, atol=atol)


# The oracle: plain Python, one number after the other.


def entry(mask: Tensor | None, *place: int) -> bool | float:
    """Return what a mask of any rank says about one query and key."""
    if mask is None:
        return True
    place = place[-mask.dim() :]
    pairs = zip(place, mask.shape, strict=True)
    return mask[tuple(0 if size == 1 else at for at, size in pairs)].item()


def one_row(query, keys, values, said, seen, scale, softcap):
    """Attend from one query: lists of floats in and out."""
    powers = []
    for key, word, sees in zip(keys, said, seen, strict=True):
        score = scale * sum(a * b for a, b in zip(query, key, strict=True))
        if softcap:
            score = softcap * math.tanh(score / softcap)
        if word is False or not sees:
            powers.append(0.0)
        else:
            powers.append(math.exp(score + (0 if word is True else word)))
    weights = [power / (sum(powers) or 1.0) for power in powers]
    columns = zip(*values, strict=True)
    pairs = [zip(weights, column, strict=True) for column in columns]
    return [sum(a * b for a, b in pair) for pair in pairs], weights


def attend_by_hand(
    query, key, value, mask, is_causal, offset, scale, softcap, window
):
    """Do what attention promises, as slowly and plainly as can be."""
    batch, heads, target, head_dim = query.shape
    group = heads // key.size(1)
    scale = head_dim**-0.5 if scale is None else scale
    first = [offset] * batch if isinstance(offset, int) else offset.tolist()
    left, right = window or (None, None)
    contexts, weights = [], []
    for b in range(batch):
        for h in range(heads):
            for i in range(target):
                p = i + first[b]
                sees, said = [], []
                for j in range(key.size(2)):
                    near = not (is_causal and j > p)
                    if left not in (None, -1) and j < p - left:
                        near = False
                    if right not in (None, -1) and j > p + right:
                        near = False
                    sees.append(near)
                    said.append(entry(mask, b, h, i, j))
                row = one_row(
                    query[b, h, i].tolist(),
                    key[b, h // group].tolist(),
                    value[b, h // group].tolist(),
                    said,
                    sees,
                    scale,
                    softcap,
                )
                contexts.append(row[0])
                weights.append(row[1])
    return tuple(
        torch.tensor(rows, dtype=torch.float64).view(batch, heads, target, -1)
        for rows in (contexts, weights)
    )


@st.composite
def additive_masks(draw, *shape, dtype=torch.float64):
    """Draw a mask to be added, -inf in some places."""
    allowed = draw(masks(*shape))
    numbers = normal(draw(st.integers(0, 99)), *allowed.shape)
    return numbers.masked_fill(~allowed, -math.inf).to(dtype)


sides = st.sampled_from([None, -1, 0, 1, 2, 9])
settings_drawn = st.fixed_dictionaries(
    {
        "is_causal": st.booleans(),
        "scale": st.sampled_from([None, 0.5, -1.0, 0]),
        "softcap": st.sampled_from([0.0, 0.7, 30]),
        "window": st.none() | st.tuples(sides, sides),
    }
)


@st.composite
def calls(draw, dtype=torch.float64, mask_dtype=None):
    """Draw the arguments of a call, masks of every kind and rank."""
    batch, key_heads, group = (draw(st.integers(1, n)) for n in (2, 2, 3))
    target, source = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    head_dim, value_dim = draw(st.sampled_from([(1, 3), (5, 2), (7, 7)]))
    tensors = inputs(
        *(batch, key_heads, group, target, source, head_dim, value_dim),
        seed=draw(st.integers(0, 99)),
    )
    shape = batch, key_heads * group, target, source
    kinds = st.none() | masks(*shape)
    arguments = draw(settings_drawn)
    arguments["mask"] = draw(
        kinds | additive_masks(*shape, dtype=mask_dtype or dtype)
    )
    offsets = st.integers(-3, 5)
    rows = st.lists(offsets, min_size=batch, max_size=batch)
    arguments["offset"] = draw(offsets | rows.map(torch.tensor))
    return tuple(tensor.to(dtype) for tensor in tensors), arguments


@settings(max_examples=300, deadline=None, derandomize=True)
@given(calls())
def test_equals_the_loops(call):
    tensors, arguments = call
    result = attention(*tensors, **arguments)
    same(result, attend_by_hand(*tensors, **arguments))


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("mask_is_float32", [False, True])
def test_every_dtype_equals_the_loops(dtype, mask_is_float32):
    mask_dtype = torch.float32 if mask_is_float32 else dtype

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(calls(dtype, mask_dtype))
    def check(call):
        tensors, arguments = call
        context, weights = attention(*tensors, **arguments)
        assert context.dtype == weights.dtype == dtype
        wide = [tensor.double() for tensor in tensors]
        expected = attend_by_hand(*wide, **arguments)
        same((context.double(), weights.double()), expected, TOLERANCE[dtype])

    check()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_types_differ_from_float32_by_one_rounding(dtype):
    tensors = [t.to(dtype) for t in inputs(source=1009)]
    context, weights = attention(*tensors)
    wide = attention(*(tensor.float() for tensor in tensors))
    assert torch.equal(context, wide[0].to(dtype))
    assert torch.equal(weights, wide[1].to(dtype))


def test_half_types_do_not_overflow():
    query = torch.full((1, 1, 1, 4), 200.0, dtype=torch.float16)
    key = torch.stack((query, query / 2), dim=3).view(1, 1, 2, 4)
    value = torch.tensor([[[[3.0], [5.0]]]], dtype=torch.float16)
    # 4 * 200 * 200 is more than the largest number of float16.
    context, weights = attention(query, key, value, scale=1e-5)
    high = 1 / (1 + math.exp(-0.8))
    assert weights.flatten().tolist() == pytest.approx([high, 1 - high], 1e-3)
    assert context.item() == pytest.approx(5 - 2 * high, rel=1e-3)


def test_small_numbers_by_hand():
    query = torch.tensor([[[[2.0, 0, 0, 0]], [[4.0, 0, 0, 0]]]])
    key = torch.tensor([[[[math.log(3), 5, 0, 0], [0.0, 7, 0, 0]]]])
    value = torch.tensor([[[[4.0], [8.0]]]])
    context, weights = attention(query, key, value)
    # Scores of the first head: 2 log 3 / sqrt(4) = log 3 and 0, so the shares
    # are 3 : 1; of the second, with the same keys, 2 log 3: 9 : 1.
    assert weights.flatten().tolist() == pytest.approx([0.75, 0.25, 0.9, 0.1])
    assert context.flatten().tolist() == pytest.approx([5.0, 4.4])


# Against PyTorch.


@settings(max_examples=80, deadline=None, derandomize=True)
@given(data=st.data(), dtype=st.sampled_from(sorted(TOLERANCE, key=str)))
def test_equals_pytorch(data, dtype):
    group = data.draw(st.integers(1, 3))
    target, source = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 7))
    seed = data.draw(st.integers(0, 99))
    tensors = [
        tensor.to(dtype)
        for tensor in inputs(
            group=group, target=target, source=source, seed=seed
        )
    ]
    shape = BATCH, KEY_HEADS * group, target, source
    scale = data.draw(st.sampled_from([None, 0.5]))
    kinds = st.none() | masks(*shape) | additive_masks(*shape, dtype=dtype)
    mask = data.draw(kinds)
    # PyTorch takes a mask or is_causal, not both.
    is_causal = mask is None and data.draw(st.booleans())
    context, _ = attention(
        *tensors, mask=mask, is_causal=is_causal, scale=scale
    )
    if mask is not None:  # PyTorch adds no axis for the heads on its own
        mask = mask.expand(shape)
    expected = F.scaled_dot_product_attention(
        *tensors,
        attn_mask=mask,
        is_causal=is_causal,
        scale=scale,
        enable_gqa=True,
    )
    same(context, expected, TOLERANCE[dtype])


@pytest.mark.parametrize("device", DEVICES)
def test_gradients_equal_those_of_pytorch(device):
    mask = normal(5, HEADS, TARGET, SOURCE)
    mask = mask.masked_fill(mask > 1, -math.inf)
    gradients = []
    for attend, name in (
        (attention, "mask"),
        (F.scaled_dot_product_attention, "attn_mask"),
    ):
        own = [
            tensor.clone().to(device).requires_grad_()
            for tensor in (*inputs(), mask)
        ]
        options = {name: own[3]}
        if name == "attn_mask":
            options["enable_gqa"] = True
        result = attend(*own[:3], **options)
        context = result[0] if isinstance(result, tuple) else result
        direction = normal(6, *context.shape).to(device)
        gradients.append(torch.autograd.grad((context * direction).sum(), own))
    same(*gradients)


# Against the attention of the article, where both can do it.


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_equals_the_attention_before_it(data):
    tensors = inputs(group=1)
    tensors = [
        tensor.to(data.draw(st.sampled_from([torch.float64, torch.float32])))
        for tensor in tensors
    ]
    tensors = [tensor.to(tensors[0].dtype) for tensor in tensors]
    shape = BATCH, KEY_HEADS, TARGET, SOURCE
    arguments = {
        "mask": data.draw(st.none() | masks(*shape)),
        "is_causal": data.draw(st.booleans()),
        "scale": data.draw(st.sampled_from([None, 0.5, -1.0])),
    }
    same(
        attention(*tensors, **arguments),
        scaled_dot_product_attention.attention(*tensors, **arguments),
        TOLERANCE[tensors[0].dtype],
    )


# Identities.


def test_heads_share_keys_in_consecutive_groups():
    query, key, value = inputs()
    repeated = (heads.repeat_interleave(GROUP, 1) for heads in (key, value))
    same(attention(query, key, value), attention(query, *repeated))


def test_scale_multiplies_the_dot_product():
    query, key, value = inputs()
    expected = attention(query * 0.3 * HEAD_DIM**0.5, key, value)
    same(attention(query, key, value, scale=0.3), expected)


def test_scale_zero_is_the_mean_of_what_may_be_attended():
    query, key, value = inputs(group=1)
    context, _ = attention(query, key, value, scale=0.0, is_causal=True)
    for i in range(TARGET):
        same(context[:, :, i], value[:, :, : i + 1].mean(dim=2))


@pytest.mark.parametrize("window", [(-1, -1), (None, -1), (SOURCE, SOURCE)])
@pytest.mark.parametrize("is_causal", [False, True])
def test_a_window_as_wide_as_the_input_is_none(window, is_causal):
    expected = attention(*inputs(), is_causal=is_causal)
    same(attention(*inputs(), is_causal=is_causal, window=window), expected)


def test_causal_is_a_window_without_a_right_side():
    causal = attention(*inputs(), is_causal=True, offset=1)
    same(attention(*inputs(), window=(-1, 0), offset=1), causal)


def test_window_is_a_band():
    _, weights = attention(*inputs(), window=(1, 2), offset=1)
    for i in range(TARGET):
        for j in range(SOURCE):
            attended = i + 1 - 1 <= j <= i + 1 + 2
            assert ((weights[:, :, i, j] > 0) == attended).all()


def test_a_large_softcap_is_none():
    same(attention(*inputs(), softcap=1e7), attention(*inputs()))


def test_softcap_bounds_the_ratio_of_weights():
    query, key, value = inputs()
    _, weights = attention(query * 1e3, key, value, softcap=0.7)
    ratio = weights.amax(dim=-1) / weights.amin(dim=-1)
    assert ratio.max().item() == pytest.approx(math.exp(1.4))


def test_softcap_comes_before_the_mask():
    bias = torch.full((TARGET, SOURCE), -50.0, dtype=torch.float64)
    bias[:, 0] = 0.0
    _, weights = attention(*inputs(), mask=bias, softcap=1.0)
    # Capped after the mask, the other keys would keep a share.
    assert (weights[..., 1:] < 1e-15).all()


@pytest.mark.parametrize("split", range(1, SOURCE))
@pytest.mark.parametrize("window", [None, (2, 0), (3, 1)])
def test_offset_gives_the_later_rows_of_the_whole(split, window):
    query, key, value = inputs(target=SOURCE)
    whole = attention(query, key, value, is_causal=True, window=window)
    later = attention(
        query[:, :, split:],
        key,
        value,
        is_causal=True,
        offset=split,
        window=window,
    )
    same(later, tuple(rows[:, :, split:] for rows in whole))


def test_offset_of_each_row_is_that_of_an_item_alone():
    offset = torch.tensor([3, -2], dtype=torch.int32)
    options = {"is_causal": True, "window": (2, -1)}
    context, weights = attention(*inputs(), offset=offset, **options)
    for item, own in enumerate(offset.tolist()):
        alone = [tensor[item : item + 1] for tensor in inputs()]
        expected = attention(*alone, offset=own, **options)
        same((context[item : item + 1], weights[item : item + 1]), expected)


def test_offset_changes_nothing_without_order():
    same(attention(*inputs(), offset=3), attention(*inputs()))


def test_a_boolean_mask_is_an_additive_one_of_zero_and_minus_infinity():
    mask = normal(5, BATCH, 1, TARGET, SOURCE) > 0
    additive = torch.where(mask, 0.0, -math.inf).double()
    same(attention(*inputs(), mask=mask), attention(*inputs(), mask=additive))


def test_mask_of_rank_three_is_heads_first():
    mask = normal(5, HEADS, TARGET, SOURCE) > 0
    expected = attention(*inputs(), mask=mask.unsqueeze(0))
    same(attention(*inputs(), mask=mask), expected)


@pytest.mark.parametrize("lowest", ["finfo.min", -1e38])
def test_a_mask_of_the_lowest_number_keeps_rows_whole(lowest):
    """Left padding as some models write it, and causal order besides."""
    tensors = [tensor.float() for tensor in inputs(target=SOURCE)]
    if lowest == "finfo.min":
        lowest = torch.finfo(torch.float32).min
    mask = torch.zeros(BATCH, 1, 1, SOURCE)
    mask[0, ..., :3] = lowest
    context, weights = attention(*tensors, mask=mask, is_causal=True)
    same(weights.sum(dim=-1), torch.ones(BATCH, HEADS, SOURCE), 1e-6)
    assert (weights[0, :, 3:, :3] == 0).all()
    alone = [tensor[:1, :, 3:] for tensor in tensors]
    expected, _ = attention(*alone, is_causal=True)
    same(context[:1, :, 3:], expected, 1e-5)


# Rows with nothing to attend.

EMPTY = {
    "a boolean mask": {"mask": torch.zeros(TARGET, SOURCE).bool()},
    "an additive mask": {"mask": torch.full((TARGET, SOURCE), -math.inf)},
    "keys yet to come": {"is_causal": True, "offset": -TARGET},
    "a window behind all keys": {"window": (0, -1), "offset": SOURCE},
    "a window before all keys": {"window": (-1, 0), "offset": -TARGET},
    "two halves": {
        "mask": torch.arange(SOURCE).expand(TARGET, -1) > TARGET,
        "is_causal": True,
    },
}


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", EMPTY)
def test_a_row_with_nothing_to_attend_is_zero(name, dtype):
    tensors = [tensor.to(dtype).requires_grad_() for tensor in inputs()]
    context, weights = attention(*tensors, **EMPTY[name], softcap=2.0)
    assert (context == 0).all()
    assert (weights == 0).all()
    (context.sum() + weights.sum()).backward()
    assert all((tensor.grad == 0).all() for tensor in tensors)


def test_an_empty_row_moves_no_other():
    mask = torch.ones(BATCH, HEADS, TARGET, SOURCE, dtype=torch.bool)
    mask[1, 2, 3] = False
    results = attention(*inputs(), mask=mask)
    for result, whole in zip(results, attention(*inputs()), strict=True):
        assert (result[1, 2, 3] == 0).all()
        same(result[mask.any(-1)], whole[mask.any(-1)])


GRADIENTS = {
    "empty rows": {"mask": torch.tensor([[True, False], [False, False]])},
    "order and cap": {"is_causal": True, "softcap": 0.7, "window": (0, 1)},
    "an offset each": {"is_causal": True, "offset": torch.tensor([0, -1])},
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_equals_finite_differences(name):
    tensors = inputs(2, 1, 2, 2, 2, 3, 2)
    arguments = tuple(tensor.requires_grad_() for tensor in tensors)
    assert torch.autograd.gradcheck(
        lambda *tensors: attention(*tensors, **GRADIENTS[name]), arguments
    )


def test_gradient_to_an_additive_mask_equals_finite_differences():
    tensors = inputs(1, 1, 2, 3, 3, 3, 2)
    mask = normal(5, 2, 3, 3)
    mask[0, 0, 1] = mask[1, 2] = -math.inf  # an entry, and a whole row
    mask[1, 1, 0] = -1e30
    arguments = (*tensors, mask)
    for tensor in arguments:
        tensor.requires_grad_()

    def attend(query, key, value, mask):
        return attention(query, key, value, mask=mask, softcap=2.0)

    assert torch.autograd.gradcheck(attend, arguments)
    sum(result.square().sum() for result in attend(*arguments)).backward()
    assert (mask.grad[0, 0, 1] == 0).all()
    assert (mask.grad[1, 2] == 0).all()
    assert (mask.grad[0, 1] != 0).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_device_and_gradient(device, dtype):
    tensors = [
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    ]
    options = {
        "mask": (normal(5, BATCH, 1, TARGET, SOURCE) > -1).to(device),
        "is_causal": True,
        "offset": torch.tensor([1, 2], device=device),
        "window": (3, None),
        "softcap": 5,
    }
    context, weights = attention(*tensors, **options)
    for result in (context, weights):
        assert result.dtype == dtype
        assert result.device.type == device
    (context.sum() + weights[..., 0].sum()).backward()
    for tensor in tensors:
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


def test_shapes():
    context, weights = attention(*inputs())
    assert context.shape == (BATCH, HEADS, TARGET, VALUE_DIM)
    assert weights.shape == (BATCH, HEADS, TARGET, SOURCE)


# Probes.

MEMORY = 17
KINDS: dict[str, dict] = {
    "plain": {},
    "capped": {"softcap": 1.5},
    "causal": {"is_causal": True},
    "window": {"window": (3, 2)},
    "causal window": {"is_causal": True, "window": (3, None)},
}


def described(name: str, device: str) -> Attention:
    """Describe a case: four query heads that share two key heads."""
    options = KINDS[name]

    def attend(query, memory, mask):
        heads = torch.tensor([1.0, 0.5, -0.7, 0.2], device=device)
        query = query.unsqueeze(1) * heads.view(1, 4, 1, 1)
        shared = torch.tensor([1.0, -0.5], device=device).view(1, 2, 1, 1)
        key = memory.unsqueeze(1) * shared
        mask = mask if mask is None else mask.unsqueeze(1)
        return attention(query, key, key * 3, mask=mask, **options)

    is_causal = "is_causal" in options
    return Attention(
        f"reference, {name}",
        attend,
        MEMORY,
        MEMORY,
        is_self=is_causal,
        is_causal=is_causal,
        window=options.get("window", (None, None)),
        device=device,
    )


@pytest.mark.parametrize(
    ("case", "probe"),
    [
        pytest.param(case, probe, id=f"{device}-{case}-{probe.__name__}")
        for device in DEVICES
        for case in [described(name, device) for name in KINDS]
        for probe in applicable_probes(case)
    ],
)
def test_passes_the_probe(case, probe):
    probe(case)


# Wrong arguments.


def wrong(**changed):
    names = ("query", "key", "value")
    arguments = dict(zip(names, inputs(), strict=True))
    return arguments | changed


QUERY, KEY, VALUE = inputs()
FOUR = [0, 1, 2, 0]
NAN = torch.full((TARGET, SOURCE), math.nan, dtype=torch.float64)
WRONG = {
    "query rank": ("query", {"query": QUERY[0]}),
    "query kind": ("query", {"query": QUERY.tolist()}),
    "query dtype": ("query", {"query": QUERY.long()}),
    "query empty": ("query", {"query": QUERY[:, :, :0]}),
    "key rank": ("key", {"key": KEY.unsqueeze(0)}),
    "key dtype": ("key", {"key": KEY.float()}),
    "key batch": ("key", {"key": KEY[:1]}),
    "key size": ("key", {"key": KEY[..., :-1]}),
    "key heads": ("key", {"key": KEY[:, FOUR], "value": VALUE[:, FOUR]}),
    "more key heads": ("key", {"query": QUERY[:, :2]}),
    "key device": ("key", {"key": KEY.to("meta")}),
    "value batch": ("value", {"value": VALUE[:1]}),
    "value heads": ("value", {"value": VALUE[:, :1]}),
    "value source": ("value", {"value": VALUE[:, :, 1:]}),
    "value dtype": ("value", {"value": VALUE.half()}),
    "value device": ("value", {"value": VALUE.to("meta")}),
    "mask kind": ("mask", {"mask": [[True] * SOURCE] * TARGET}),
    "mask int": ("mask", {"mask": NAN.long()}),
    "mask half": ("mask", {"mask": torch.zeros(TARGET, SOURCE).half()}),
    "mask (batch, source)": (
        "mask",
        {"mask": torch.ones(BATCH, SOURCE).bool()},
    ),
    "mask (batch, target, source)": (
        "mask",
        {"mask": torch.ones(BATCH, TARGET, SOURCE).bool()},
    ),
    "mask of key heads": (
        "mask",
        {"mask": torch.ones(KEY_HEADS, TARGET, SOURCE).bool()},
    ),
    "mask rank 1": ("mask", {"mask": torch.ones(SOURCE).bool()}),
    "mask rank 5": ("mask", {"mask": torch.ones(1, 1, 1, 1, SOURCE).bool()}),
    "mask empty": ("mask", {"mask": torch.ones(0, SOURCE).bool()}),
    "mask NaN": ("mask", {"mask": NAN}),
    "mask inf": ("mask", {"mask": torch.full_like(NAN, math.inf)}),
    "mask device": ("mask", {"mask": NAN.bool().to("meta")}),
    "causal": ("is_causal", {"is_causal": 1}),
    "offset float": ("offset", {"offset": 1.0}),
    "offset bool": ("offset", {"offset": True}),
    "offset none": ("offset", {"offset": None}),
    "offset dtype": ("offset", {"offset": torch.ones(BATCH)}),
    "offset rank": ("offset", {"offset": torch.tensor(1)}),
    "offset size": ("offset", {"offset": torch.ones(3).long()}),
    "offset device": (
        "offset",
        {"offset": torch.ones(BATCH, device="meta").long()},
    ),
    "scale kind": ("scale", {"scale": "1"}),
    "scale tensor": ("scale", {"scale": torch.tensor(1.0)}),
    "scale bool": ("scale", {"scale": True}),
    "scale NaN": ("scale", {"scale": math.nan}),
    "scale inf": ("scale", {"scale": math.inf}),
    "softcap below 0": ("softcap", {"softcap": -1.0}),
    "softcap none": ("softcap", {"softcap": None}),
    "softcap NaN": ("softcap", {"softcap": math.nan}),
    "window int": ("window", {"window": 3}),
    "window of one": ("window", {"window": (3,)}),
    "window of three": ("window", {"window": (1, 2, 3)}),
    "window empty": ("window", {"window": ()}),
    "window below -1": ("window", {"window": (-2, 0)}),
    "window float": ("window", {"window": (1.0, 0)}),
    "window bool": ("window", {"window": (True, 0)}),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_argument_is_named(name):
    argument, changed = WRONG[name]
    with pytest.raises(ValueError, match=f"^{argument}: expected .*, got "):
        attention(**wrong(**changed))


def test_a_mask_of_batch_and_source_is_read_as_target_and_source():
    """Where the sizes agree nothing can tell; the page says so."""
    target = BATCH
    tensors = inputs(target=target)
    mask = torch.ones(BATCH, SOURCE, dtype=torch.bool)
    mask[1, 3:] = False
    _, weights = attention(*tensors, mask=mask)
    assert (weights[0, :, 1, 3:] == 0).all()  # the second target of the first
    assert (weights[1, :, 0, 3:] > 0).all()
    _, weights = attention(*tensors, mask=mask.view(BATCH, 1, 1, SOURCE))
    assert (weights[0] > 0).all()
    assert (weights[1, ..., 3:] == 0).all()
