"""SelfAttention against explicit loops and nn.MultiheadAttention."""

import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snippets.self_attention import SelfAttention
from tests.support.probes import DEVICES, TOLERANCE, masks, normal

BATCH, LENGTH, FEATURES, HEAD_DIM = 2, 5, 7, 11


def self_attention(head_dim=HEAD_DIM):
    torch.manual_seed(0)
    return SelfAttention(FEATURES, head_dim).double()


def product(matrix, vector):
    return [
        sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix
    ]


def attend_by_hand(module, tokens, allowed):
    """Attend within one sequence, from lists of plain floats."""
    queries, keys, values = (
        [product(layer.weight.tolist(), token) for token in tokens]
        for layer in (
            module.query_projection,
            module.key_projection,
            module.value_projection,
        )
    )
    contexts, weights = [], []
    for i, query in enumerate(queries):
        powers = []
        for j, key in enumerate(keys):
            score = sum(a * b for a, b in zip(query, key, strict=True))
            score /= math.sqrt(len(query))
            powers.append(math.exp(score) if allowed[i][j] else 0.0)
        row = [power / (sum(powers) or 1.0) for power in powers]
        weights.append(row)
        contexts.append(
            [
                sum(row[j] * values[j][m] for j in range(len(values)))
                for m in range(len(query))
            ]
        )
    return contexts, weights


def test_two_tokens_by_hand():
    module = SelfAttention(2)
    with torch.no_grad():
        module.query_projection.weight.copy_(torch.eye(2) * math.sqrt(2))
        module.key_projection.weight.copy_(torch.eye(2) * math.log(3))
        module.value_projection.weight.copy_(torch.tensor([[0, 1.0], [10, 0]]))
    context, weights = module(torch.eye(2).unsqueeze(0))
    # A token scores log 3 with itself and 0 with the other: shares 3 : 1. The
    # values are (0, 10) and (1, 0).
    assert weights[0].tolist() == [
        pytest.approx([0.75, 0.25]),
        pytest.approx([0.25, 0.75]),
    ]
    assert context[0].tolist() == [
        pytest.approx([0.25, 7.5]),
        pytest.approx([0.75, 2.5]),
    ]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    data=st.data(),
    batch=st.integers(1, 3),
    length=st.integers(1, 4),
    head_dim=st.sampled_from([1, HEAD_DIM]),
    is_causal=st.booleans(),
)
def test_equals_the_loops(data, batch, length, head_dim, is_causal):
    module = self_attention(head_dim)
    sequence = normal(data.draw(st.integers(0, 99)), batch, length, FEATURES)
    mask = data.draw(st.none() | masks(batch, length, length))
    context, weights = module(sequence, mask=mask, is_causal=is_causal)
    allowed = torch.ones(batch, length, length, dtype=torch.bool)
    allowed = allowed if mask is None else mask.expand_as(allowed)
    for item in range(batch):
        both = [
            [may and (j <= i or not is_causal) for j, may in enumerate(row)]
            for i, row in enumerate(allowed[item].tolist())
        ]
        expected = attend_by_hand(module, sequence[item].tolist(), both)
        for result, hand in zip((context, weights), expected, strict=True):
            torch.testing.assert_close(
                result[item],
                torch.tensor(hand, dtype=torch.float64),
                rtol=0,
                atol=TOLERANCE[torch.float64],
            )


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("is_causal", [False, True])
def test_equals_multi_head_attention_with_one_head(device, is_causal):
    module = self_attention(head_dim=None).to(device)
    pytorch = nn.MultiheadAttention(
        FEATURES, num_heads=1, bias=False, batch_first=True
    ).to(device, torch.float64)
    with torch.no_grad():
        pytorch.in_proj_weight.copy_(
            torch.cat(
                (
                    module.query_projection.weight,
                    module.key_projection.weight,
                    module.value_projection.weight,
                )
            )
        )
        pytorch.out_proj.weight.copy_(torch.eye(FEATURES))
    sequence = normal(0, BATCH, LENGTH, FEATURES).to(device)
    mask = normal(1, BATCH, LENGTH, LENGTH) > 0
    mask |= torch.eye(LENGTH, dtype=torch.bool)
    mask = mask.to(device)
    result = module(sequence, mask=mask, is_causal=is_causal)
    # In nn.MultiheadAttention, True means "may not be attended".
    allowed = mask.tril() if is_causal else mask
    expected = pytorch(sequence, sequence, sequence, attn_mask=~allowed)
    torch.testing.assert_close(
        result, expected, rtol=0, atol=TOLERANCE[torch.float64]
    )


def test_three_maps_without_bias():
    shapes = {
        name: tuple(parameter.shape)
        for name, parameter in SelfAttention(
            FEATURES, HEAD_DIM
        ).named_parameters()
    }
    assert shapes == {
        "query_projection.weight": (HEAD_DIM, FEATURES),
        "key_projection.weight": (HEAD_DIM, FEATURES),
        "value_projection.weight": (HEAD_DIM, FEATURES),
    }


def test_head_dim_is_as_many_as_features_if_not_given():
    sequence = normal(0, BATCH, LENGTH, FEATURES)
    context, weights = self_attention(head_dim=None)(sequence)
    assert context.shape == (BATCH, LENGTH, FEATURES)
    assert weights.shape == (BATCH, LENGTH, LENGTH)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    module = self_attention().to(device, dtype)
    sequence = normal(0, BATCH, LENGTH, FEATURES).to(device, dtype)
    sequence.requires_grad_()
    mask = torch.ones(BATCH, LENGTH, LENGTH, dtype=torch.bool, device=device)
    mask[0, 1] = False
    mask[1, :, 3:] = False
    context, weights = module(sequence, mask=mask, is_causal=True)
    exact = copy.deepcopy(module).double()
    expected = exact(sequence.double(), mask=mask, is_causal=True)
    assert context.dtype == weights.dtype == dtype
    assert context.device.type == device
    torch.testing.assert_close(
        (context.double(), weights.double()),
        expected,
        rtol=0,
        atol=TOLERANCE[dtype],
    )
    (context.sum() + weights[..., 0].sum()).backward()
    for tensor in (sequence, *module.parameters()):
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


def test_fully_masked_row_is_zero():
    sequence = normal(0, BATCH, LENGTH, FEATURES)
    mask = torch.ones(BATCH, LENGTH, LENGTH, dtype=torch.bool)
    mask[1, 2] = False
    context, weights = self_attention()(sequence, mask=mask)
    assert (context[1, 2] == 0).all()
    assert (weights[1, 2] == 0).all()
    assert weights.sum().item() == pytest.approx(BATCH * LENGTH - 1)


def test_gradient_equals_finite_differences():
    module = self_attention()
    mask = torch.tensor([[True, False], [False, False]])

    def attend(sequence, *parameters):
        names = [name for name, _ in module.named_parameters()]
        return torch.func.functional_call(
            module,
            dict(zip(names, parameters, strict=True)),
            (sequence,),
            {"mask": mask},
        )

    sequence = normal(0, 1, 2, FEATURES).requires_grad_()
    arguments = (sequence, *module.parameters())
    assert torch.autograd.gradcheck(attend, arguments, fast_mode=True)
