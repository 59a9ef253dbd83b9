"""CrossAttention against the article's attention, PyTorch and the probes."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snippets.cross_attention import CrossAttention
from snippets.dot_product_attention import (
    DotScore,
    GeneralScore,
    LuongAttention,
)
from tests.support.probes import (
    DEVICES,
    TOLERANCE,
    Attention,
    applicable_probes,
    masks,
    normal,
)
from tests.support.tensors import close

BATCH, TARGET, SOURCE, QUERY_SIZE, KEY_SIZE, HEAD_DIM = 2, 5, 7, 13, 17, 11


def cross_attention(*sizes, **options):
    torch.manual_seed(0)
    sizes = sizes or (QUERY_SIZE, KEY_SIZE, HEAD_DIM)
    return CrossAttention(*sizes, **options).double()


def inputs(query_size=QUERY_SIZE, key_size=KEY_SIZE):
    return (
        normal(0, BATCH, TARGET, query_size),
        normal(1, BATCH, SOURCE, key_size),
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(mask=st.none() | masks(BATCH, TARGET, SOURCE))
def test_identity_projections_and_scale_one_are_the_dot_score(mask):
    module = cross_attention(HEAD_DIM, HEAD_DIM, HEAD_DIM, scale=1.0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.eye(HEAD_DIM))
    states = inputs(HEAD_DIM, HEAD_DIM)
    expected = LuongAttention(DotScore())(*states, mask=mask)
    close(module(*states, mask=mask), expected)


def test_two_projections_make_the_general_score():
    module = cross_attention(scale=1.0)
    general = GeneralScore(QUERY_SIZE, KEY_SIZE).double()
    query, key = (
        p.weight for p in (module.query_projection, module.key_projection)
    )
    with torch.no_grad():
        general.key_projection.weight.copy_(query.T @ key)
    _, expected = LuongAttention(general)(*inputs())
    close(module(*inputs())[1], expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("padded", [False, True])
def test_equals_multi_head_attention_with_one_head(device, padded):
    module = cross_attention(QUERY_SIZE, KEY_SIZE, QUERY_SIZE).to(device)
    pytorch = nn.MultiheadAttention(
        QUERY_SIZE,
        num_heads=1,
        bias=False,
        kdim=KEY_SIZE,
        vdim=KEY_SIZE,
        batch_first=True,
    ).to(device, torch.float64)
    with torch.no_grad():
        pytorch.q_proj_weight.copy_(module.query_projection.weight)
        pytorch.k_proj_weight.copy_(module.key_projection.weight)
        pytorch.v_proj_weight.copy_(module.value_projection.weight)
        pytorch.out_proj.weight.copy_(torch.eye(QUERY_SIZE))
    query, outputs = (tensor.to(device) for tensor in inputs())
    words = torch.ones(BATCH, SOURCE, dtype=torch.bool, device=device)
    words[1, 3:] = not padded
    result = module(query, outputs, mask=words.unsqueeze(1))
    # In nn.MultiheadAttention, True means "may not be attended".
    expected = pytorch(query, outputs, outputs, key_padding_mask=~words)
    close(result, expected)


def test_projected_once_gives_the_same_for_each_step():
    module = cross_attention()
    query, outputs = inputs()
    mask = (normal(2, BATCH, TARGET, SOURCE) > 0) | (torch.arange(SOURCE) == 0)
    context, weights = module(query, outputs, mask=mask)
    projected = module.project(outputs)
    for step in range(TARGET):
        own = slice(step, step + 1)
        result = module(query[:, own], projected=projected, mask=mask[:, own])
        close(result, (context[:, own], weights[:, own]))


@pytest.mark.parametrize("value_dim", [None, 3])
def test_sizes_of_the_two_sides_are_free(value_dim):
    context, weights = cross_attention(value_dim=value_dim)(*inputs())
    assert context.shape == (BATCH, TARGET, value_dim or HEAD_DIM)
    assert weights.shape == (BATCH, TARGET, SOURCE)


def test_default_scale_is_one_over_the_root_of_head_dim():
    scaled = cross_attention(scale=HEAD_DIM**-0.5)
    close(cross_attention()(*inputs()), scaled(*inputs()))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    module = cross_attention().to(device, dtype)
    states = [tensor.to(device, dtype) for tensor in inputs()]
    mask = torch.ones(BATCH, TARGET, SOURCE, dtype=torch.bool, device=device)
    mask[0, 1] = False
    mask[1, :, 3:] = False
    context, weights = module(*states, mask=mask)
    assert context.dtype == weights.dtype == dtype
    exact = copy.deepcopy(module).double()
    expected = exact(*(tensor.double() for tensor in states), mask=mask)
    close((context.double(), weights.double()), expected, 2 * TOLERANCE[dtype])
    assert (context[0, 1] == 0).all()
    (context.sum() + weights[..., 0].sum()).backward()
    for parameter in module.parameters():
        assert parameter.grad.isfinite().all()
        assert (parameter.grad != 0).any()


def described(device, is_projected):
    module = cross_attention().to(device)

    def attend(query, memory, mask):
        if is_projected:
            return module(query, projected=module.project(memory), mask=mask)
        return module(query, memory, mask=mask)

    return Attention(
        "cross, projected" if is_projected else "cross",
        attend,
        QUERY_SIZE,
        KEY_SIZE,
        tuple(module.parameters()),
        device=device,
    )


@pytest.mark.parametrize(
    ("case", "probe"),
    [
        pytest.param(case, probe, id=f"{device}-{case}-{probe.__name__}")
        for device in DEVICES
        for case in [described(device, False), described(device, True)]
        for probe in applicable_probes(case)
    ],
)
def test_passes_the_probe(case, probe):
    probe(case)


QUERY, OUTPUTS = inputs()
BOTH = torch.ones(BATCH, SOURCE, HEAD_DIM).double()
WRONG = {
    "query rank": ("query", (QUERY[0], OUTPUTS), {}),
    "query size": ("query", (QUERY[..., 1:], OUTPUTS), {}),
    "outputs rank": ("encoder_outputs", (QUERY, OUTPUTS[0]), {}),
    "outputs size": ("encoder_outputs", (QUERY, OUTPUTS[..., 1:]), {}),
    "neither": ("encoder_outputs", (QUERY,), {}),
    "both": ("encoder_outputs", (QUERY, OUTPUTS), {"projected": (BOTH, BOTH)}),
    "batch": ("key", (QUERY, OUTPUTS[:1]), {}),
    "mask (batch, source)": (
        "mask",
        (QUERY, OUTPUTS),
        {"mask": torch.ones(BATCH, SOURCE).bool()},
    ),
    "mask float": (
        "mask",
        (QUERY, OUTPUTS),
        {"mask": torch.ones(BATCH, 1, SOURCE)},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_argument_is_named(name):
    argument, states, options = WRONG[name]
    with pytest.raises(ValueError, match=f"^{argument}: expected .*, got "):
        cross_attention()(*states, **options)
