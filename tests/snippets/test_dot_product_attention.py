"""Luong's scores and attentions against explicit loops, and each other."""

import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from tests.support.probes import DEVICES, TOLERANCE, masks, normal

BATCH, TARGET, SOURCE = 2, 3, 5
QUERY, KEY, HIDDEN = 7, 11, 13
CLOSE = {"rtol": 0, "atol": TOLERANCE[torch.float64]}

SCORES = {
    "dot": lambda: DotScore(),
    "general": lambda: GeneralScore(QUERY, KEY),
    "concat": lambda: ConcatScore(QUERY, KEY, HIDDEN),
}


def make_score(name):
    torch.manual_seed(0)
    return SCORES[name]().double()


def make_local(name, window):
    torch.manual_seed(0)
    size = KEY if name == "dot" else QUERY
    return LocalAttention(make_score(name), size, HIDDEN, window).double()


def inputs(name, batch=BATCH, target=TARGET, source=SOURCE, seed=0):
    size = KEY if name == "dot" else QUERY
    query = normal(seed, batch, target, size)
    return query, normal(seed + 1, batch, source, KEY)


def score_by_hand(name, score, state, output):
    """Compute one score from plain floats."""
    if name == "dot":
        return sum(a * b for a, b in zip(state, output, strict=True))
    if name == "general":
        matrix = score.key_projection.weight.tolist()
        return sum(
            state[i] * matrix[i][j] * output[j]
            for i in range(len(state))
            for j in range(len(output))
        )
    matrix = score.joint_projection.weight.tolist()
    (vector,) = score.score_vector.weight.tolist()
    both = state + output
    return sum(
        vector[k]
        * math.tanh(sum(matrix[k][m] * both[m] for m in range(len(both))))
        for k in range(len(vector))
    )


def attend_by_hand(name, score, query, encoder_outputs, mask, local=None):
    """Compute context and weights from plain floats, one after the other."""
    all_contexts, all_weights = [], []
    for states, outputs, allowed in zip(
        query.tolist(), encoder_outputs.tolist(), mask.tolist(), strict=True
    ):
        contexts, weights = [], []
        for state, may_attend in zip(states, allowed, strict=True):
            centre, window = 0.0, math.inf
            if local is not None:
                centre = sum(may_attend) * share_by_hand(local, state)
                window = local.window
            powers = [
                math.exp(score_by_hand(name, score, state, output))
                if may_attend[s] and abs(s - centre) <= window
                else 0.0
                for s, output in enumerate(outputs)
            ]
            row = [power / (sum(powers) or 1.0) for power in powers]
            if local is not None:
                sigma = window / 2
                for s in range(len(row)):
                    row[s] *= math.exp(-((s - centre) ** 2) / (2 * sigma**2))
            weights.append(row)
            contexts.append(
                [
                    sum(row[s] * outputs[s][m] for s in range(len(row)))
                    for m in range(len(outputs[0]))
                ]
            )
        all_contexts.append(contexts)
        all_weights.append(weights)
    return (
        torch.tensor(all_contexts, dtype=torch.float64),
        torch.tensor(all_weights, dtype=torch.float64),
    )


def share_by_hand(local, state):
    """Compute sigmoid(v_p^T tanh(W_p query)) from plain floats."""
    matrix = local.projection.weight.tolist()
    (vector,) = local.position_vector.weight.tolist()
    inner = sum(
        vector[k]
        * math.tanh(sum(matrix[k][m] * state[m] for m in range(len(state))))
        for k in range(len(vector))
    )
    return 1 / (1 + math.exp(-inner))


def test_dot_of_small_numbers():
    query = torch.tensor([[[1.0, 2.0]]])
    encoder_outputs = torch.tensor([[[0.0, 0.0], [math.log(3), 0.0]]])
    context, weights = LuongAttention(DotScore())(query, encoder_outputs)
    # The scores are 0 and log 3, so the shares are 1 : 3.
    torch.testing.assert_close(weights, torch.tensor([[[0.25, 0.75]]]))
    expected = torch.tensor([[[0.75 * math.log(3), 0.0]]])
    torch.testing.assert_close(context, expected)


@pytest.mark.parametrize("name", SCORES)
def test_score_equals_the_loops(name):
    score = make_score(name)
    query, key = inputs(name)
    expected = [
        [
            [score_by_hand(name, score, state, output) for output in outputs]
            for state in states
        ]
        for states, outputs in zip(query.tolist(), key.tolist(), strict=True)
    ]
    torch.testing.assert_close(
        score(query, key),
        torch.tensor(expected, dtype=torch.float64),
        **CLOSE,
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    data=st.data(),
    name=st.sampled_from(sorted(SCORES)),
    batch=st.integers(1, 3),
    target=st.integers(1, 3),
    source=st.integers(1, 4),
    window=st.none() | st.sampled_from([0.5, 1, 2, 50]),
)
def test_attention_equals_the_loops(data, name, batch, target, source, window):
    seed = data.draw(st.integers(0, 99))
    query, encoder_outputs = inputs(name, batch, target, source, seed)
    mask = data.draw(st.none() | masks(batch, target, source))
    local = None if window is None else make_local(name, window)
    module = local or LuongAttention(make_score(name))
    result = module(query, encoder_outputs, mask=mask)
    allowed = torch.ones(batch, target, source, dtype=torch.bool)
    allowed = allowed if mask is None else mask.expand_as(allowed)
    expected = attend_by_hand(
        name, module.score, query, encoder_outputs, allowed, local
    )
    torch.testing.assert_close(result, expected, **CLOSE)


def test_parameters_are_those_of_the_paper():
    def shapes(module):
        return {
            name: tuple(parameter.shape)
            for name, parameter in module.named_parameters()
        }

    assert shapes(DotScore()) == {}
    assert shapes(GeneralScore(QUERY, KEY)) == {
        "key_projection.weight": (QUERY, KEY)
    }
    assert shapes(ConcatScore(QUERY, KEY, HIDDEN)) == {
        "joint_projection.weight": (HIDDEN, QUERY + KEY),
        "score_vector.weight": (1, HIDDEN),
    }
    assert shapes(LocalAttention(DotScore(), QUERY, HIDDEN, 2)) == {
        "projection.weight": (HIDDEN, QUERY),
        "position_vector.weight": (1, HIDDEN),
    }


def test_general_with_the_identity_is_dot():
    general = GeneralScore(KEY, KEY).double()
    with torch.no_grad():
        general.key_projection.weight.copy_(torch.eye(KEY))
    query, key = inputs("dot")
    torch.testing.assert_close(
        general(query, key), DotScore()(query, key), **CLOSE
    )


def test_concat_is_additive_after_splitting_its_matrix():
    concat = make_score("concat")
    additive = AdditiveAttention(QUERY, KEY, HIDDEN).double()
    matrix = concat.joint_projection.weight
    with torch.no_grad():
        additive.query_projection.weight.copy_(matrix[:, :QUERY])
        additive.key_projection.weight.copy_(matrix[:, QUERY:])
        additive.key_projection.bias.zero_()
        additive.score_vector.weight.copy_(concat.score_vector.weight)
    query, encoder_outputs = inputs("concat")
    mask = normal(2, BATCH, TARGET, SOURCE) > 0
    torch.testing.assert_close(
        LuongAttention(concat)(query, encoder_outputs, mask=mask),
        additive(query, encoder_outputs, mask=mask),
        **CLOSE,
    )


def centred(window, source, dtype=torch.float64):
    """Make local attention with equal scores and the centre source / 2."""
    local = LocalAttention(DotScore(), KEY, HIDDEN, window).to(dtype)
    with torch.no_grad():
        local.position_vector.weight.zero_()
    return local, torch.zeros(1, 1, KEY), torch.zeros(1, source, KEY)


def test_window_includes_its_edges_and_positions_count_from_zero():
    local, query, encoder_outputs = centred(2, source=6, dtype=torch.float32)
    assert local.predict_position(query, 6).item() == 3
    _, weights = local(query, encoder_outputs)
    # The softmax of equal scores gives 1/5 to each of positions 1 .. 5. The
    # nearness is exp(-distance^2 / 2), as sigma is 1.
    near = [math.exp(-2) / 5, math.exp(-0.5) / 5]
    expected = [0, *near, 1 / 5, *reversed(near)]
    assert weights.flatten().tolist() == pytest.approx(expected)
    assert weights[0, 0, 0] == 0


def test_rows_sum_to_less_than_one():
    query, encoder_outputs = inputs("general")
    _, weights = make_local("general", 2)(query, encoder_outputs)
    assert (weights.sum(dim=-1) < 1).all()
    assert (weights.sum(dim=-1) > 0).all()


def test_centre_is_a_share_of_the_attendable_length():
    local = make_local("general", 1.5)
    query, encoder_outputs = inputs("general")
    lengths = torch.tensor([5, 2])
    mask = torch.arange(SOURCE) < lengths[:, None, None]
    share = torch.tensor(
        [
            [share_by_hand(local, state) for state in states]
            for states in query.tolist()
        ],
        dtype=torch.float64,
    )
    whole = local.predict_position(query, SOURCE)
    each = local.predict_position(query, lengths[:, None].expand(2, TARGET))
    torch.testing.assert_close(whole, SOURCE * share, **CLOSE)
    torch.testing.assert_close(each, lengths[:, None] * share, **CLOSE)

    # The second sentence, cut to its own length, gives the same.
    padded = local(query, encoder_outputs, mask=mask)
    alone = local(query[1:], encoder_outputs[1:, :2])
    torch.testing.assert_close(padded[0][1:], alone[0], **CLOSE)
    torch.testing.assert_close(padded[1][1:, :, :2], alone[1], **CLOSE)


def test_wide_window_is_global_attention_times_the_nearness():
    local = make_local("concat", 2 * SOURCE)
    query, encoder_outputs = inputs("concat")
    _, weights = local(query, encoder_outputs)
    centre = local.predict_position(query, SOURCE).unsqueeze(-1)
    distance = torch.arange(SOURCE) - centre
    nearness = torch.exp(-(distance**2) / (2 * SOURCE**2))
    _, global_weights = LuongAttention(local.score)(query, encoder_outputs)
    torch.testing.assert_close(weights / nearness, global_weights, **CLOSE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_types_count_positions_beyond_their_integers(dtype):
    source = 5000  # float16 has no 2049, bfloat16 no 257
    local, query, encoder_outputs = centred(3, source, dtype)
    _, weights = local(query.to(dtype), encoder_outputs.to(dtype))
    assert weights.dtype == dtype
    (positions,) = weights[0, 0].nonzero(as_tuple=True)
    assert positions.tolist() == [2497, 2498, 2499, 2500, 2501, 2502, 2503]
    assert weights[0, 0].argmax() == 2500


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("window", [None, 50])
def test_dtype_forward_and_backward(name, window, dtype, device):
    module = LuongAttention(make_score(name))
    if window is not None:
        module = make_local(name, window)
    module = module.to(device, dtype)
    # Smaller numbers, so that the dot scores of half types stay near 1.
    query, encoder_outputs = (
        (tensor / 4).to(device, dtype).requires_grad_()
        for tensor in inputs(name)
    )
    mask = torch.ones(BATCH, TARGET, SOURCE, dtype=torch.bool, device=device)
    mask[0, 1] = False
    mask[1, :, 3:] = False
    context, weights = module(query, encoder_outputs, mask=mask)
    exact = copy.deepcopy(module).double()
    expected = exact(query.double(), encoder_outputs.double(), mask=mask)
    assert context.dtype == weights.dtype == dtype
    assert context.device.type == device
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


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("window", [None, 2])
def test_fully_masked_row_is_zero(name, window):
    module = LuongAttention(make_score(name))
    if window is not None:
        module = make_local(name, window)
    query, encoder_outputs = inputs(name)
    mask = torch.ones(BATCH, TARGET, SOURCE, dtype=torch.bool)
    mask[1, 2] = False
    context, weights = module(query, encoder_outputs, mask=mask)
    assert (context[1, 2] == 0).all()
    assert (weights[1, 2] == 0).all()
    assert (weights.sum(dim=-1) > 0).sum() == BATCH * TARGET - 1


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("window", [None, 2])
def test_gradient_equals_finite_differences(name, window):
    module = LuongAttention(make_score(name))
    if window is not None:
        module = make_local(name, window)
    arguments = tuple(
        tensor.requires_grad_() for tensor in inputs(name, target=2, source=3)
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

    arguments += tuple(module.parameters())
    assert torch.autograd.gradcheck(attend, arguments, fast_mode=True)


@pytest.mark.parametrize("window", [0, -1, math.nan])
def test_window_must_be_positive(window):
    message = f"window: expected more than 0, got {window}"
    with pytest.raises(ValueError, match=message):
        LocalAttention(DotScore(), QUERY, HIDDEN, window)


@pytest.mark.parametrize(
    "shape", [(BATCH,), (TARGET,), (BATCH, 1), (TARGET, BATCH)]
)
def test_length_must_be_one_for_each_query(shape):
    local = make_local("general", 2)
    query, _ = inputs("general")
    with pytest.raises(ValueError) as error:
        local.predict_position(query, torch.ones(shape, dtype=torch.long))
    assert str(error.value) == (
        f"length: expected shape {(BATCH, TARGET)}, got {shape}"
    )
