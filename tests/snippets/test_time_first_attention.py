"""The published mistake raises its error; the fix gives what was meant."""

import copy
import math
import re

import pytest
import torch

from snippets.time_first_attention import (
    PublishedAttention,
    TimeFirstAttention,
    to_additive,
)
from tests.support.probes import DEVICES, TOLERANCE, normal

SOURCE, BATCH, HIDDEN = 5, 3, 7


def time_first(hidden=HIDDEN):
    torch.manual_seed(0)
    return TimeFirstAttention(hidden).double()


def inputs(source=SOURCE, batch=BATCH, hidden=HIDDEN):
    return normal(0, 1, batch, hidden), normal(1, source, batch, hidden)


def scores_by_hand(module, decoder_hidden, encoder_outputs):
    """Compute scores (batch, source) from plain floats."""
    matrix = module.joint_projection.weight.tolist()
    bias = module.joint_projection.bias.tolist()
    vector = module.score_vector.tolist()
    scores = []
    for item, state in enumerate(decoder_hidden[0].tolist()):
        row = []
        for outputs in encoder_outputs.tolist():
            both = state + outputs[item]
            score = 0.0
            for k in range(len(vector)):
                inner = bias[k]
                for m in range(len(both)):
                    inner += matrix[k][m] * both[m]
                score += vector[k] * math.tanh(inner)
            row.append(score)
        scores.append(row)
    return scores


def shares(rows):
    """Turn rows of scores into rows of weights."""
    weights = []
    for row in rows:
        powers = [math.exp(score) for score in row]
        weights.append([power / sum(powers) for power in powers])
    return torch.tensor(weights, dtype=torch.float64)


def weigh_by_hand(module, decoder_hidden, encoder_outputs):
    """Compute weights (batch, source): shares of each sentence."""
    return shares(scores_by_hand(module, decoder_hidden, encoder_outputs))


@pytest.mark.parametrize("device", DEVICES)
def test_published_attention_raises_on_the_shapes_of_the_article(device):
    encoder_outputs = torch.randn(5, 1, 16, device=device)
    decoder_hidden = torch.randn(1, 1, 16, device=device)
    message = (
        "Expected size for first two dimensions of batch2 tensor to be: "
        "[1, 16] but got: [5, 16]."
    )
    published = PublishedAttention(16).to(device)
    with pytest.raises(RuntimeError, match=re.escape(message)) as error:
        published(decoder_hidden, encoder_outputs)
    statement = str(error.traceback[-1].statement)
    assert "torch.bmm" in statement


def test_published_attention_mixes_the_batch_where_it_does_not_raise():
    torch.manual_seed(0)
    published = PublishedAttention(HIDDEN).double()
    decoder_hidden, encoder_outputs = inputs(source=BATCH)
    weights = published(decoder_hidden, encoder_outputs)
    scores = scores_by_hand(published, decoder_hidden, encoder_outputs)
    # A row for each time step, with the shares of the sentences in it.
    expected = shares(zip(*scores, strict=True))
    torch.testing.assert_close(
        weights, expected, rtol=0, atol=TOLERANCE[torch.float64]
    )


def test_fixed_attention_on_the_shapes_of_the_article():
    encoder_outputs, decoder_hidden = normal(0, 5, 1, 16), normal(1, 1, 1, 16)
    module = time_first(16)
    weights = module(decoder_hidden, encoder_outputs)
    assert weights.shape == (1, 5)
    expected = weigh_by_hand(module, decoder_hidden, encoder_outputs)
    torch.testing.assert_close(
        weights, expected, rtol=0, atol=TOLERANCE[torch.float64]
    )


def test_equals_the_loops():
    module = time_first()
    weights = module(*inputs())
    expected = weigh_by_hand(module, *inputs())
    torch.testing.assert_close(
        weights, expected, rtol=0, atol=TOLERANCE[torch.float64]
    )


def test_both_have_the_parameters_of_the_article():
    for module in (PublishedAttention(HIDDEN), TimeFirstAttention(HIDDEN)):
        shapes = {
            name: tuple(parameter.shape)
            for name, parameter in module.named_parameters()
        }
        assert shapes == {
            "score_vector": (HIDDEN,),
            "joint_projection.weight": (HIDDEN, 2 * HIDDEN),
            "joint_projection.bias": (HIDDEN,),
        }


def test_parameters_of_one_load_into_the_other():
    published, fixed = PublishedAttention(HIDDEN), TimeFirstAttention(HIDDEN)
    fixed.load_state_dict(published.state_dict())
    assert torch.equal(fixed.score_vector, published.score_vector)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_additive_attention_with_the_same_parameters(device, dtype):
    module = time_first().to(device, dtype)
    decoder_hidden, encoder_outputs = (
        tensor.to(device, dtype) for tensor in inputs()
    )
    weights = module(decoder_hidden, encoder_outputs)
    additive = to_additive(module)
    _, same = additive(
        decoder_hidden.transpose(0, 1), encoder_outputs.transpose(0, 1)
    )
    assert same.dtype == dtype
    assert same.device.type == device
    torch.testing.assert_close(
        same.squeeze(1), weights, rtol=0, atol=TOLERANCE[dtype]
    )


def test_copied_parameters_are_a_copy():
    module = time_first()
    before = copy.deepcopy(module.state_dict())
    additive = to_additive(module)
    with torch.no_grad():
        for parameter in additive.parameters():
            assert parameter.requires_grad
            parameter.fill_(0.0)
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, before[name])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    module = time_first().to(device, dtype)
    tensors = [
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    ]
    weights = module(*tensors)
    exact = copy.deepcopy(module).double()
    expected = exact(*(tensor.double() for tensor in tensors))
    assert weights.dtype == dtype
    torch.testing.assert_close(
        weights.double(), expected, rtol=0, atol=TOLERANCE[dtype]
    )
    weights[:, 0].sum().backward()
    for tensor in (*tensors, *module.parameters()):
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


def test_gradient_equals_finite_differences():
    module = time_first(3)
    tensors = inputs(source=2, batch=2, hidden=3)
    arguments = tuple(tensor.requires_grad_() for tensor in tensors)
    assert torch.autograd.gradcheck(module, arguments)
