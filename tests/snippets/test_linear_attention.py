"""Linear attention in all its forms, against plain loops and each other."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets import linear_attention as module
from snippets.attention import attention
from snippets.linear_attention import (
    elu_plus_one,
    linear_attention,
    unit_length,
    unmasked_linear_attention,
)
from snippets.parallel_linear_attention import (
    parallel_linear_attention,
    remaining,
)
from tests.support.probes import (
    DEVICES,
    TOLERANCE,
    Attention,
    applicable_probes,
    normal,
    rows_sum_to_one,
)
from tests.support.tensors import EXACT, close

BATCH, HEADS, LENGTH, SOURCE, HEAD_DIM, VALUE_DIM = 2, 3, 5, 7, 11, 13
PLAIN = dict(feature_map=unit_length, normalise=False)


def inputs(length=LENGTH, seed=0, dtype=torch.float64, head_dim=HEAD_DIM):
    shape = BATCH, HEADS, length
    return (
        normal(seed, *shape, head_dim).to(dtype),
        normal(seed + 1, *shape, head_dim).to(dtype),
        normal(seed + 2, *shape, VALUE_DIM).to(dtype),
    )


def gate(seed, *shape):
    return torch.sigmoid(normal(seed, *shape))


def gates(length=LENGTH):
    """Return the arguments of every kind of linear attention."""
    step = BATCH, HEADS, length
    return {
        "plain": {},
        "elu, not normalised": dict(normalise=False),
        "retention": dict(decay=gate(3, HEADS)),
        "gated": dict(decay=gate(3, *step)),
        "gated, a feature": dict(decay=gate(3, *step, HEAD_DIM)),
        "delta": dict(beta=gate(4, *step), **PLAIN),
        "gated delta": dict(
            decay=gate(3, *step), beta=gate(4, *step), **PLAIN
        ),
    }


KINDS = [*gates()]
PARALLEL = [kind for kind in KINDS if kind != "gated, a feature"]


def in_axes(gate, name, options, length):
    """Return one decay or beta for each item, head, step and feature."""
    given = options.get(name)
    if given is None:
        return None
    if given.dim() == 1:
        given = given.view(1, HEADS, 1).expand(BATCH, HEADS, length)
    if given.dim() == 3:
        given = given.unsqueeze(-1).expand(*given.shape, HEAD_DIM)
    return given.tolist()


def features(vector, options):
    """Return the features of one vector, from and as plain floats."""
    if options.get("feature_map") is unit_length:
        length = math.sqrt(sum(x * x for x in vector))
        return [x / length for x in vector]
    return [x + 1 if x > 0 else math.exp(x) for x in vector]


def by_hand(query, key, value, options):
    """Write and read number by number; return contexts and last states."""
    length = query.size(2)
    decays = in_axes(gate, "decay", options, length)
    betas = in_axes(gate, "beta", options, length)
    normalised = options.get("normalise", True)
    contexts = torch.zeros(BATCH, HEADS, length, VALUE_DIM).double()
    states = torch.zeros(BATCH, HEADS, HEAD_DIM, VALUE_DIM).double()
    for item in range(BATCH):
        for head in range(HEADS):
            state = [[0.0] * VALUE_DIM for _ in range(HEAD_DIM)]
            total = [0.0] * HEAD_DIM
            for t in range(length):
                asks = features(query[item, head, t].tolist(), options)
                name = features(key[item, head, t].tolist(), options)
                new = value[item, head, t].tolist()
                if decays:
                    keep = decays[item][head][t]
                    for a in range(HEAD_DIM):
                        total[a] *= keep[a]
                        for b in range(VALUE_DIM):
                            state[a][b] *= keep[a]
                if betas:
                    strength = betas[item][head][t][0]
                    old = [
                        sum(name[a] * state[a][b] for a in range(HEAD_DIM))
                        for b in range(VALUE_DIM)
                    ]
                    new = [
                        strength * (n - o)
                        for n, o in zip(new, old, strict=True)
                    ]
                for a in range(HEAD_DIM):
                    total[a] += name[a]
                    for b in range(VALUE_DIM):
                        state[a][b] += name[a] * new[b]
                share = 1.0
                if normalised:
                    share = sum(asks[a] * total[a] for a in range(HEAD_DIM))
                for b in range(VALUE_DIM):
                    contexts[item, head, t, b] = (
                        sum(asks[a] * state[a][b] for a in range(HEAD_DIM))
                        / share
                    )
            states[item, head] = torch.tensor(state, dtype=torch.float64)
    return contexts, states


# The forms are equal.


@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_loops(kind):
    options = gates()[kind]
    query, key, value = inputs()
    context, state = linear_attention(query, key, value, **options)
    expected, states = by_hand(query, key, value, options)
    close(context, expected)
    close(state[..., :VALUE_DIM], states)
    assert state.size(3) == VALUE_DIM + options.get("normalise", True)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(PARALLEL),
    length=st.integers(1, 11),
    seed=st.integers(0, 99),
    dtype=st.sampled_from(sorted(TOLERANCE, key=str)),
)
def test_parallel_equals_recurrent(kind, length, seed, dtype):
    tensors = inputs(length, seed, dtype)
    options = gates(length)[kind]
    context, _ = linear_attention(*tensors, **options)
    parallel, weights = parallel_linear_attention(*tensors, **options)
    assert context.dtype == parallel.dtype == weights.dtype == dtype
    size = max(1.0, context.abs().max().item())
    close(parallel, context, size * max(TOLERANCE[dtype], EXACT))


@pytest.mark.parametrize("kind", PARALLEL)
def test_the_weights_are_those_of_the_context(kind):
    query, key, value = inputs()
    options = gates()[kind]
    context, weights = parallel_linear_attention(query, key, value, **options)
    close(weights @ value, context)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    length=st.integers(2, 11),
    data=st.data(),
)
def test_pieces_give_what_the_whole_gives(kind, length, data):
    tensors, options = inputs(length), gates(length)[kind]
    cut = data.draw(st.integers(1, length - 1))
    whole, end = linear_attention(*tensors, **options)
    state, contexts = None, []
    for piece in (slice(0, cut), slice(cut, length)):
        own = {
            name: given[:, :, piece]
            if torch.is_tensor(given) and given.dim() > 1
            else given
            for name, given in options.items()
        }
        context, state = linear_attention(
            *(tensor[:, :, piece] for tensor in tensors), state=state, **own
        )
        contexts.append(context)
    close(torch.cat(contexts, dim=2), whole)
    close(state, end)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    target=st.integers(1, 5), source=st.integers(1, 7), seed=st.integers(0, 9)
)
def test_the_kernel_trick_equals_all_pairs(target, source, seed):
    query, _, _ = inputs(target, seed)
    _, key, value = inputs(source, seed + 5)
    context = unmasked_linear_attention(query, key, value)
    score = torch.zeros(BATCH, HEADS, target, source).double()
    for i in range(target):
        for j in range(source):
            product = elu_plus_one(query[:, :, i]) * elu_plus_one(key[:, :, j])
            score[:, :, i, j] = product.sum(dim=-1)
    weights = score / score.sum(dim=-1, keepdim=True)
    close(context, weights @ value)


def test_the_last_position_sees_what_no_mask_sees():
    query, key, value = inputs()
    causal, _ = linear_attention(query, key, value)
    unmasked = unmasked_linear_attention(query, key, value)
    close(causal[:, :, -1], unmasked[:, :, -1])
    assert not torch.allclose(causal[:, :, 0], unmasked[:, :, 0])


def test_the_kernel_trick_makes_nothing_of_source_times_target(monkeypatch):
    sizes = []

    class Spy(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            result = function(*args, **kwargs or {})
            if isinstance(result, torch.Tensor):
                sizes.append(result.numel())
            return result

    tensors = [tensor[:1, :1] for tensor in inputs(251)]
    with Spy():
        unmasked_linear_attention(*tensors)
    assert max(sizes) == 251 * VALUE_DIM


# Decay.


@pytest.mark.parametrize("function", [linear_attention, "parallel"])
def test_a_decay_of_one_is_none(function):
    function = (
        parallel_linear_attention if function == "parallel" else function
    )
    without = function(*inputs())
    for ones in (torch.ones(HEADS), torch.ones(BATCH, HEADS, LENGTH)):
        close(function(*inputs(), decay=ones.double()), without)


def test_the_forms_of_a_decay_agree():
    a_head = gate(3, HEADS)
    a_step = a_head.unsqueeze(-1).expand(BATCH, HEADS, LENGTH)
    a_feature = a_step.unsqueeze(-1).expand(*a_step.shape, HEAD_DIM)
    first = linear_attention(*inputs(), decay=a_head)
    close(linear_attention(*inputs(), decay=a_step), first)
    close(linear_attention(*inputs(), decay=a_feature), first)


def test_remaining_is_the_product_of_the_decays_since():
    decay = gate(3, BATCH, HEADS, LENGTH)
    found = remaining(decay.unsqueeze(-1))
    for i in range(LENGTH):
        for j in range(i + 1):
            product = decay[:, :, j + 1 : i + 1].prod(dim=-1)
            close(found[:, :, i, j], product)


def test_weights_with_a_decay_fade_by_it():
    same = torch.ones(1, 1, LENGTH, 2).double()
    half = torch.tensor([0.5], dtype=torch.float64)
    _, weights = parallel_linear_attention(
        same, same, same, decay=half, normalise=False
    )
    last = weights[0, 0, -1] / weights[0, 0, -1, -1]
    assert last.tolist() == [0.5**4, 0.5**3, 0.5**2, 0.5, 1.0]


def test_a_decay_of_zero_forgets_everything():
    query, key, value = inputs()
    decay = torch.ones(BATCH, HEADS, LENGTH).double()
    decay[:, :, 2] = 0
    decay.requires_grad_()
    context, _ = linear_attention(query, key, value, decay=decay)
    parallel, _ = parallel_linear_attention(query, key, value, decay=decay)
    after = [tensor[:, :, 2:] for tensor in (query, key, value)]
    close(context[:, :, 2:], linear_attention(*after)[0])
    close(parallel, context)
    for result in (context, parallel):
        (gradient,) = torch.autograd.grad(result.sum(), decay)
        assert gradient.isfinite().all() and (gradient != 0).any()


# The delta rule.


def orthonormal(count):
    matrix, _ = torch.linalg.qr(normal(8, HEAD_DIM, HEAD_DIM))
    return matrix[:count].expand(BATCH, HEADS, count, HEAD_DIM)


def test_the_delta_rule_overwrites_exactly():
    keys = orthonormal(3)
    written = keys[:, :, [0, 1, 0, 2, 1, 0]]
    value = normal(9, BATCH, HEADS, 6, VALUE_DIM)
    beta = torch.ones(BATCH, HEADS, 6).double()
    _, state = linear_attention(written, written, value, beta=beta, **PLAIN)
    close(keys @ state, value[:, :, [5, 4, 3]])
    _, added = linear_attention(written, written, value, **PLAIN)
    close((keys @ added)[:, :, 0], value[:, :, [0, 2, 5]].sum(dim=2))


def test_half_a_beta_replaces_half():
    key = orthonormal(1)
    value = normal(9, BATCH, HEADS, 2, VALUE_DIM)
    beta = torch.tensor([1.0, 0.5]).double().expand(BATCH, HEADS, 2)
    twice = key[:, :, [0, 0]]
    _, state = linear_attention(twice, twice, value, beta=beta, **PLAIN)
    close((key @ state)[:, :, 0], value.mean(dim=2))


def test_the_delta_rule_recalls_the_last_value_with_any_keys():
    _, key, value = inputs()
    beta = torch.ones(BATCH, HEADS, LENGTH).double()
    context, _ = linear_attention(key, key, value, beta=beta, **PLAIN)
    close(context, value)
    _, weights = parallel_linear_attention(key, key, value, beta=beta, **PLAIN)
    close(weights, torch.eye(LENGTH).double().expand_as(weights))


def test_a_beta_of_zero_writes_nothing():
    beta = torch.ones(BATCH, HEADS, LENGTH).double()
    beta[:, :, 1:] = 0
    query, key, value = inputs()
    _, state = linear_attention(query, key, value, beta=beta, **PLAIN)
    first = [tensor[:, :, :1] for tensor in (query, key, value)]
    close(state, linear_attention(*first, **PLAIN)[1])


# What every attention must do.


def as_attention(kind):
    """Return linear attention with the weights of its parallel form."""

    def attend(query, memory, mask):
        memory = memory.unsqueeze(1)
        step = *memory.shape[:-1], 1
        direction = normal(7, memory.size(-1), 1)
        gates = torch.sigmoid(1 + memory @ direction / 5).view(step[:-1])
        options = {
            "plain": {},
            "gated": dict(decay=gates),
            "delta": dict(beta=gates, **PLAIN),
        }[kind]
        context, _ = linear_attention(memory, memory, memory, **options)
        parallel, weights = parallel_linear_attention(
            memory, memory, memory, **options
        )
        close(parallel, context)
        return context, weights

    return Attention(
        kind,
        attend,
        query_size=HEAD_DIM,
        memory_size=HEAD_DIM,
        is_self=True,
        is_causal=True,
        takes_mask=False,
    )


PROBED = [
    (kind, probe)
    for kind in ("plain", "gated", "delta")
    for probe in applicable_probes(as_attention(kind))
    # With the delta rule a weight may be negative: what was overwritten.
    if kind != "delta"
    or probe.__name__
    not in (rows_sum_to_one.__name__, "past_and_present_are_attended")
]


@pytest.mark.parametrize(
    ("kind", "probe"),
    PROBED,
    ids=[f"{kind}-{probe.__name__}" for kind, probe in PROBED],
)
def test_probe(kind, probe):
    probe(as_attention(kind))


def test_the_probes_of_the_future_are_among_them():
    names = [(kind, probe.__name__) for kind, probe in PROBED]
    for kind in ("plain", "gated", "delta"):
        assert (kind, "future_moves_nothing_earlier") in names


@pytest.mark.parametrize("kind", PARALLEL)
def test_gradient_equals_finite_differences(kind):
    shape = 1, 2, 3
    tensors = [normal(s, *shape, size) for s, size in ((0, 2), (1, 2), (2, 3))]
    options = gates()[kind]
    given = {
        name: gate(5, 2) if option.dim() == 1 else gate(5, *shape)
        for name, option in options.items()
        if torch.is_tensor(option)
    }
    options = {name: options[name] for name in options.keys() - given.keys()}

    def attend(function):
        def call(query, key, value, *rest):
            more = dict(zip(given, rest, strict=True))
            return function(query, key, value, **more, **options)

        return call

    arguments = [t.requires_grad_() for t in (*tensors, *given.values())]
    for function in (linear_attention, parallel_linear_attention):
        assert torch.autograd.gradcheck(attend(function), arguments)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_dtype_forward_and_backward(kind, dtype, device):
    tensors = [
        tensor.to(device, dtype).requires_grad_() for tensor in inputs()
    ]
    options = {
        name: option.to(device) if torch.is_tensor(option) else option
        for name, option in gates()[kind].items()
    }
    context, state = linear_attention(*tensors, **options)
    expected, _ = linear_attention(*(t.double() for t in tensors), **options)
    assert context.dtype == dtype
    assert state.dtype == torch.promote_types(dtype, torch.float32)
    assert context.device.type == state.device.type == device
    size = max(1.0, expected.abs().max().item())
    close(context.double(), expected, size * TOLERANCE[dtype])
    context.sum().backward()
    for tensor in tensors:
        assert tensor.grad.dtype == dtype
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_types_are_summed_in_float32(dtype):
    ones = torch.ones(1, 1, 3001, 1, dtype=dtype)
    _, state = linear_attention(ones, ones, ones, normalise=False)
    assert state.item() == 2 * 3001
    context, state = linear_attention(ones, ones, ones)
    assert state.tolist() == [[[[6002.0, 6002.0]]]]
    assert (context == 1).all()
    assert (unmasked_linear_attention(ones, ones, ones) == 1).all()
    assert (parallel_linear_attention(ones, ones, ones)[0] == 1).all()


def test_features_that_are_all_zero_give_zeros():
    query, key, value = inputs()
    key = torch.full_like(key, -1e3).requires_grad_()
    for function in (
        linear_attention,
        parallel_linear_attention,
        unmasked_linear_attention,
    ):
        result = function(query, key, value)
        context = result if torch.is_tensor(result) else result[0]
        assert (context == 0).all()
        (gradient,) = torch.autograd.grad(context.sum(), key)
        assert gradient.isfinite().all()


def test_inputs_and_state_are_not_modified():
    query, key, value = inputs()
    _, state = linear_attention(query, key, value, **PLAIN)
    options = gates()["gated delta"]
    given = [query, key, value, state, options["decay"], options["beta"]]
    before = [tensor.clone() for tensor in given]
    linear_attention(query, key, value, state=state, **options)
    for tensor, copy in zip(given, before, strict=True):
        assert torch.equal(tensor, copy)


def test_softmax_does_not_factor_into_these_features():
    """Linear attention is another attention, and no fast softmax."""
    query, key, value = inputs()
    softmax, _ = attention(query, key, value, is_causal=True)
    linear, _ = linear_attention(query, key, value)
    assert (softmax - linear).abs().max() > 0.1


# Feature maps.


def test_feature_maps():
    vector = torch.tensor([-1.0, 0.0, 3.0, 4.0]).double()
    expected = [math.exp(-1), 1.0, 4.0, 5.0]
    assert elu_plus_one(vector).tolist() == pytest.approx(expected)
    vectors = normal(0, 3, 5)
    close(unit_length(vectors).norm(dim=-1), torch.ones(3).double())
    close(unit_length(2 * vectors), unit_length(vectors))
    assert (unit_length(torch.zeros(3)) == 0).all()


def test_a_feature_map_may_change_the_number_of_features():
    def both(vectors):
        return torch.cat((vectors.relu(), (-vectors).relu()), dim=-1)

    query, key, value = inputs()
    context, state = linear_attention(query, key, value, feature_map=both)
    assert state.shape == (BATCH, HEADS, 2 * HEAD_DIM, VALUE_DIM + 1)
    parallel, _ = parallel_linear_attention(
        query, key, value, feature_map=both
    )
    close(context, parallel)


# Wrong calls.

STATE = torch.zeros(BATCH, HEADS, HEAD_DIM, VALUE_DIM + 1).double()
STEP = torch.full((BATCH, HEADS, LENGTH), 0.5).double()
HEAD = STEP[0, :, 0]
WRONG_SEQUENCES = [
    ("query", dict(query=torch.ones(BATCH, HEADS, LENGTH))),
    ("query", dict(query=None)),
    ("query", dict(query=torch.ones(BATCH, HEADS, LENGTH, HEAD_DIM).int())),
    ("key", dict(key=inputs()[1][..., :-1])),
    ("key", dict(key=inputs()[1][:, :1])),
    ("key", dict(key=inputs()[1].float())),
    ("value", dict(value=inputs()[2][:1])),
    ("value", dict(value=inputs()[2][:, :, 1:])),
    ("value", dict(value=inputs()[2].to("meta"))),
    ("query", dict(zip(("query", "key", "value"), inputs(0), strict=True))),
]
WRONG_GATES = [
    ("decay", dict(decay=0.5)),
    ("decay", dict(decay=HEAD[1:])),
    ("decay", dict(decay=STEP[:, :, 1:])),
    ("decay", dict(decay=STEP[0])),
    ("decay", dict(decay=STEP.long())),
    ("decay", dict(decay=STEP + 0.6)),
    ("decay", dict(decay=STEP - 0.6)),
    ("decay", dict(decay=STEP * math.nan)),
    ("decay", dict(decay=STEP.to("meta"))),
    ("beta", dict(beta=HEAD, **PLAIN)),
    ("beta", dict(beta=STEP[:1], **PLAIN)),
    ("beta", dict(beta=STEP + 0.6, **PLAIN)),
    ("beta", dict(beta=0.5, **PLAIN)),
    ("normalise", dict(beta=STEP, feature_map=unit_length)),
    ("feature_map", dict(feature_map=unit_length)),
]
WRONG_STATES = [
    ("state", dict(state=STATE[:1])),
    ("state", dict(state=STATE[..., :-1])),
    ("state", dict(state=STATE[:, :, :-1])),
    ("state", dict(state=STATE, normalise=False)),
    ("state", dict(state=STATE.float())),
    ("state", dict(state=STATE.to("meta"))),
    ("decay", dict(decay=STEP.unsqueeze(-1).expand(*STEP.shape, 2))),
]


def call_wrongly(function, name, wrong):
    given = dict(zip(("query", "key", "value"), inputs(), strict=True))
    with pytest.raises(ValueError, match=rf"^{name}: expected .+, got "):
        function(**given | wrong)


@pytest.mark.parametrize(
    ("name", "wrong"), [*WRONG_SEQUENCES, *WRONG_GATES, *WRONG_STATES]
)
def test_wrong_call_is_named(name, wrong):
    call_wrongly(linear_attention, name, wrong)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *WRONG_SEQUENCES,
        *WRONG_GATES,
        ("decay", dict(decay=STEP.unsqueeze(-1).expand(*STEP.shape, 11))),
    ],
)
def test_wrong_call_of_the_parallel_form_is_named(name, wrong):
    call_wrongly(parallel_linear_attention, name, wrong)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [*WRONG_SEQUENCES, ("feature_map", dict(feature_map=unit_length))],
)
def test_wrong_call_of_the_kernel_trick_is_named(name, wrong):
    call_wrongly(unmasked_linear_attention, name, wrong)


def test_a_state_of_a_half_type_is_float32():
    half = [tensor.half() for tensor in inputs()]
    _, state = linear_attention(*half)
    assert state.dtype == torch.float32
    linear_attention(*half, state=state)
    with pytest.raises(ValueError, match=r"^state: expected torch\.float32"):
        linear_attention(*half, state=state.half())


def test_the_loop_is_the_step_that_the_page_shows(monkeypatch):
    calls = []
    step = module.step

    def spy(*arguments):
        calls.append(arguments[1].shape)
        return step(*arguments)

    monkeypatch.setattr(module, "step", spy)
    linear_attention(*inputs())
    assert calls == [(BATCH, HEADS, 1, HEAD_DIM)] * LENGTH
