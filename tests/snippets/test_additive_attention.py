"""AdditiveAttention against math.tanh and math.exp, in explicit loops."""

import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.additive_attention import AdditiveAttention
from tests.support.probes import DEVICES, TOLERANCE, masks, normal

BATCH, TARGET, SOURCE = 2, 3, 5
QUERY, KEY, HIDDEN = 7, 11, 13


def additive(seed=0):
    torch.manual_seed(seed)
    return AdditiveAttention(QUERY, KEY, HIDDEN).double()


def inputs(batch=BATCH, target=TARGET, source=SOURCE, seed=0):
    return normal(seed, batch, target, QUERY), normal(
        seed + 1, batch, source, KEY
    )


def attend_by_hand(module, query, encoder_outputs, mask):
    """Compute context and weights from plain floats, one after the other."""
    query_matrix = module.query_projection.weight.tolist()
    key_matrix = module.key_projection.weight.tolist()
    bias = module.key_projection.bias.tolist()
    (vector,) = module.score_vector.weight.tolist()
    contexts, weights = [], []
    for states, outputs, allowed in zip(
        query.tolist(), encoder_outputs.tolist(), mask.tolist(), strict=True
    ):
        for i, state in enumerate(states):
            powers = []
            for j, output in enumerate(outputs):
                score = 0.0
                for k in range(len(vector)):
                    inner = bias[k]
                    for m, feature in enumerate(state):
                        inner += query_matrix[k][m] * feature
                    for m, feature in enumerate(output):
                        inner += key_matrix[k][m] * feature
                    score += vector[k] * math.tanh(inner)
                powers.append(math.exp(score) if allowed[i][j] else 0.0)
            total = sum(powers) or 1.0
            row = [power / total for power in powers]
            weights.append(row)
            contexts.append(
                [
                    sum(row[j] * outputs[j][m] for j in range(len(outputs)))
                    for m in range(len(outputs[0]))
                ]
            )
    batch, target, _ = query.shape
    return (
        torch.tensor(contexts, dtype=torch.float64).view(batch, target, -1),
        torch.tensor(weights, dtype=torch.float64).view(batch, target, -1),
    )


def test_one_feature_by_hand():
    module = AdditiveAttention(1, 1, 1).double()
    with torch.no_grad():
        module.query_projection.weight.fill_(1.0)
        module.key_projection.weight.fill_(2.0)
        module.key_projection.bias.fill_(-0.5)
        module.score_vector.weight.fill_(3.0)
    query = torch.tensor([[[0.5]]], dtype=torch.float64)
    encoder_outputs = torch.tensor([[[0.0], [1.0]]], dtype=torch.float64)
    context, weights = module(query, encoder_outputs)
    # The scores are 3 tanh(0.5 + 0 - 0.5) = 0 and 3 tanh(0.5 + 2 - 0.5).
    second = math.exp(3 * math.tanh(2.0))
    share = second / (1 + second)
    assert weights.flatten().tolist() == pytest.approx([1 - share, share])
    # The encoder outputs are 0 and 1, so the context is the second weight.
    assert context.item() == pytest.approx(share)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    data=st.data(),
    batch=st.integers(1, 3),
    target=st.integers(1, 3),
    source=st.integers(1, 4),
)
def test_equals_the_loops(data, batch, target, source):
    module = additive()
    query, encoder_outputs = inputs(
        batch, target, source, seed=data.draw(st.integers(0, 99))
    )
    mask = data.draw(st.none() | masks(batch, target, source))
    context, weights = module(query, encoder_outputs, mask=mask)
    allowed = torch.ones(batch, target, source, dtype=torch.bool)
    allowed = allowed if mask is None else mask.expand_as(allowed)
    expected = attend_by_hand(module, query, encoder_outputs, allowed)
    torch.testing.assert_close(
        (context, weights), expected, rtol=0, atol=TOLERANCE[torch.float64]
    )


def test_only_the_key_projection_has_a_bias():
    module = AdditiveAttention(QUERY, KEY, HIDDEN)
    shapes = {
        name: tuple(parameter.shape)
        for name, parameter in module.named_parameters()
    }
    assert shapes == {
        "query_projection.weight": (HIDDEN, QUERY),
        "key_projection.weight": (HIDDEN, KEY),
        "key_projection.bias": (HIDDEN,),
        "score_vector.weight": (1, HIDDEN),
    }


def test_projected_keys_give_the_same():
    module = additive()
    query, encoder_outputs = inputs()
    mask = normal(2, BATCH, TARGET, SOURCE) > 0
    projected_keys = module.project_keys(encoder_outputs)
    assert projected_keys.shape == (BATCH, SOURCE, HIDDEN)
    given_keys = module(
        query, encoder_outputs, mask=mask, projected_keys=projected_keys
    )
    torch.testing.assert_close(
        given_keys, module(query, encoder_outputs, mask=mask), rtol=0, atol=0
    )


def test_projected_keys_spare_the_projection():
    module = additive()
    query, encoder_outputs = inputs()
    projected_keys = module.project_keys(encoder_outputs)
    calls = []
    module.key_projection.register_forward_hook(lambda *_: calls.append(1))
    for step in range(TARGET):
        module(
            query[:, step : step + 1],
            encoder_outputs,
            projected_keys=projected_keys,
        )
    assert not calls
    module(query, encoder_outputs)
    assert len(calls) == 1


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    module = additive().to(device, dtype)
    query, encoder_outputs = (
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    )
    mask = torch.ones(BATCH, TARGET, SOURCE, dtype=torch.bool, device=device)
    mask[0, 1] = False
    mask[1, :, 3:] = False
    context, weights = module(query, encoder_outputs, mask=mask)
    exact = copy.deepcopy(module).double()
    expected = exact(query.double(), encoder_outputs.double(), mask=mask)
    assert context.dtype == weights.dtype == dtype
    torch.testing.assert_close(
        (context.double(), weights.double()),
        expected,
        rtol=0,
        atol=TOLERANCE[dtype],
    )
    (context.sum() + weights[..., 0].sum()).backward()
    for tensor in (query, encoder_outputs, *module.parameters()):
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


def test_fully_masked_row_is_zero():
    query, encoder_outputs = inputs()
    mask = torch.ones(BATCH, TARGET, SOURCE, dtype=torch.bool)
    mask[1, 2] = False
    context, weights = additive()(query, encoder_outputs, mask=mask)
    assert (context[1, 2] == 0).all()
    assert (weights[1, 2] == 0).all()
    assert weights.sum().item() == pytest.approx(BATCH * TARGET - 1)


def test_gradient_equals_finite_differences():
    module = additive()
    query, encoder_outputs = (
        tensor.requires_grad_() for tensor in inputs(target=2, source=3)
    )
    mask = torch.tensor([[[True, False, True], [False, False, False]]])

    def attend(query, encoder_outputs, *parameters):
        names = [name for name, _ in module.named_parameters()]
        return torch.func.functional_call(
            module,
            dict(zip(names, parameters, strict=True)),
            (query, encoder_outputs),
            {"mask": mask},
        )

    arguments = (query, encoder_outputs, *module.parameters())
    assert torch.autograd.gradcheck(attend, arguments, fast_mode=True)
