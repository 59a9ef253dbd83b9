"""LatentAttention against loops, against multi-head attention and itself."""

import copy
import math
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.latent_attention import LatentAttention
from snippets.multi_head_attention import MultiHeadAttention
from tests.support.probes import (
    DEVICES,
    TOLERANCE,
    Attention,
    applicable_probes,
    masks,
    normal,
)
from tests.support.tensors import close, fails

BATCH, HEADS, HEAD_DIM, LATENT, LENGTH = 2, 3, 5, 7, 11
FEATURES = HEADS * HEAD_DIM


def latent_attention(heads=HEADS, latent_size=LATENT):
    torch.manual_seed(0)
    return LatentAttention(HEAD_DIM * heads, heads, latent_size).double()


def some_sequence(length=LENGTH, batch=BATCH, seed=0, features=FEATURES):
    return normal(seed, batch, length, features)


def times(matrix, vector):
    return [
        sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix
    ]


def attend_by_hand(module, tokens, allowed):
    """Make every key and value, head by head, from lists of floats."""
    assert (module.latent_norm.weight == 1).all()
    maps = {name: m.weight.tolist() for name, m in module.named_children()}
    size = len(tokens[0]) // module.num_heads
    latents = []
    for token in tokens:
        latent = times(maps["latent_projection"], token)
        size_of_it = math.sqrt(sum(x * x for x in latent) / len(latent))
        latents.append([x / size_of_it for x in latent])
    queries = [times(maps["query_projection"], token) for token in tokens]
    keys = [times(maps["key_expansion"], latent) for latent in latents]
    values = [times(maps["value_expansion"], latent) for latent in latents]
    joined, weights = [[] for _ in tokens], []
    for head in range(module.num_heads):
        own = slice(head * size, (head + 1) * size)
        weights.append([])
        for i, query in enumerate(queries):
            powers = [
                math.exp(
                    sum(
                        a * b
                        for a, b in zip(query[own], key[own], strict=True)
                    )
                    / math.sqrt(size)
                )
                if allowed[head][i][j]
                else 0.0
                for j, key in enumerate(keys)
            ]
            row = [power / (sum(powers) or 1.0) for power in powers]
            weights[-1].append(row)
            joined[i] += [
                sum(
                    w * value[own][m]
                    for w, value in zip(row, values, strict=True)
                )
                for m in range(size)
            ]
    context = [times(maps["output_projection"], one) for one in joined]
    return context, weights


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    data=st.data(),
    batch=st.integers(1, 2),
    heads=st.integers(1, 3),
    length=st.integers(1, 4),
    latent_size=st.sampled_from([1, LATENT]),
    is_causal=st.booleans(),
    absorbed=st.booleans(),
)
def test_equals_the_loops(
    data, batch, heads, length, latent_size, is_causal, absorbed
):
    module = latent_attention(heads, latent_size)
    sequence = some_sequence(length, batch, features=HEAD_DIM * heads)
    mask = data.draw(st.none() | masks(batch, heads, length, length))
    context, weights = module(
        sequence, mask=mask, is_causal=is_causal, absorbed=absorbed
    )
    allowed = torch.ones(batch, heads, length, length, dtype=torch.bool)
    allowed = allowed if mask is None else mask.expand_as(allowed)
    allowed = allowed.tril() if is_causal else allowed
    for item in range(batch):
        hand = attend_by_hand(
            module, sequence[item].tolist(), allowed[item].tolist()
        )
        for found, expected in zip((context, weights), hand, strict=True):
            close(found[item], torch.tensor(expected, dtype=torch.float64))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    data=st.data(),
    heads=st.integers(1, 3),
    length=st.integers(1, 7),
    latent_size=st.sampled_from([1, LATENT, 17]),
    is_causal=st.booleans(),
)
def test_absorbed_equals_expanded(data, heads, length, latent_size, is_causal):
    module = latent_attention(heads, latent_size)
    sequence = some_sequence(length, features=HEAD_DIM * heads)
    mask = data.draw(st.none() | masks(BATCH, heads, length, length))
    how = dict(mask=mask, is_causal=is_causal)
    close(module(sequence, **how, absorbed=True), module(sequence, **how))


def test_a_score_needs_no_key():
    """The score of the query and the key, and of its image and the latent."""
    query, latent = normal(0, HEAD_DIM), normal(1, LATENT)
    key_map = normal(2, HEAD_DIM, LATENT)
    close(query @ (key_map @ latent), (key_map.mT @ query) @ latent)


@pytest.mark.parametrize("absorbed", [False, True])
def test_is_multi_head_attention_over_expanded_latents(absorbed):
    module = latent_attention()
    plain = MultiHeadAttention(
        FEATURES, HEADS, key_features=LATENT, value_features=LATENT, bias=False
    ).double()
    state = {
        f"{own}_projection.weight": module.get_parameter(f"{name}.weight")
        for own, name in (
            ("query", "query_projection"),
            ("key", "key_expansion"),
            ("value", "value_expansion"),
            ("output", "output_projection"),
        )
    }
    plain.load_state_dict(state)
    sequence = some_sequence()
    latent = module.latent_projection(sequence)
    latent = latent / latent.square().mean(dim=2, keepdim=True).sqrt()
    close(
        module(sequence, is_causal=True, absorbed=absorbed),
        plain(sequence, latent, is_causal=True),
    )


@torch.no_grad()
@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    chunks=st.lists(
        st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=4
    )
)
def test_with_a_cache_equals_the_whole(chunks):
    """In chunks, some absorbed and some not: they share one cache."""
    module = latent_attention()
    sizes = [size for size, _ in chunks]
    sequence = some_sequence(sum(sizes))
    whole, whole_weights = module(sequence, is_causal=True)
    cache = module.new_cache(BATCH, sum(sizes))
    first = 0
    for size, absorbed in chunks:
        end = first + size
        context, weights = module(
            sequence[:, first:end],
            cache=cache,
            is_causal=True,
            absorbed=absorbed,
        )
        close(context, whole[:, first:end])
        close(weights, whole_weights[:, :, first:end, :end])
        first = end
    assert cache.length == sum(sizes)


@pytest.mark.parametrize("absorbed", [False, True])
@torch.no_grad()
def test_rows_of_different_lengths(absorbed):
    module = latent_attention()
    sequence, later = some_sequence(), some_sequence(1, seed=1)
    cache = module.new_cache(BATCH, LENGTH + 1)
    module(sequence, cache=cache, is_causal=True)
    lengths = [5, 2]
    cache.trim(torch.tensor(lengths))
    how = dict(is_causal=True, absorbed=absorbed)
    context, _ = module(later, cache=cache, **how)
    for item, length in enumerate(lengths):
        own = slice(item, item + 1)
        alone = torch.cat((sequence[own, :length], later[own]), dim=1)
        close(context[own], module(alone, **how)[0][:, -1:])


def test_the_cache_holds_the_latents_and_nothing_else():
    module = latent_attention()
    cache = module.new_cache(BATCH, LENGTH)
    sequence = some_sequence()
    module(sequence, cache=cache)
    assert cache.nbytes() == 8 * BATCH * LENGTH * LATENT
    latent = module.latent_norm(module.latent_projection(sequence))
    close(cache.stored[:, 0], latent)


def described(is_causal: bool, absorbed: bool, device: str) -> Attention:
    module = latent_attention().to(device)

    def attend(query, memory, mask):
        mask = mask if mask is None else mask.unsqueeze(1)
        how = dict(mask=mask, is_causal=is_causal, absorbed=absorbed)
        return module(memory, **how)

    return Attention(
        f"causal={is_causal}, absorbed={absorbed}, {device}",
        attend,
        FEATURES,
        FEATURES,
        tuple(module.parameters()),
        is_self=True,
        is_causal=is_causal,
        device=device,
    )


CASES = [
    (attention, probe)
    for how in product([False, True], [False, True], DEVICES)
    for attention in [described(*how)]
    for probe in applicable_probes(attention)
]


@pytest.mark.parametrize(
    ("attention", "probe"),
    CASES,
    ids=lambda case: getattr(case, "__name__", str(case))[:50],
)
def test_passes_the_probe(attention, probe):
    probe(attention)


@pytest.mark.parametrize("absorbed", [False, True])
def test_gradient_equals_finite_differences(absorbed):
    torch.manual_seed(0)
    module = LatentAttention(4, 2, 3).double()
    names = [name for name, _ in module.named_parameters()]

    def attend(sequence, *parameters):
        return torch.func.functional_call(
            module,
            dict(zip(names, parameters, strict=True)),
            (sequence,),
            dict(is_causal=True, absorbed=absorbed),
        )

    sequence = normal(0, 1, 3, 4).requires_grad_()
    arguments = (sequence, *module.parameters())
    assert torch.autograd.gradcheck(attend, arguments, fast_mode=True)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_dtype_forward_and_backward(device, dtype):
    module = latent_attention().to(device, dtype)
    exact = copy.deepcopy(module).double()
    sequence = some_sequence().to(device, dtype).requires_grad_()
    expected = exact(sequence.double(), is_causal=True)
    for absorbed in (False, True):
        found = module(sequence, is_causal=True, absorbed=absorbed)
        assert found[0].dtype == found[1].dtype == dtype
        double = tuple(part.double() for part in found)
        close(double, expected, TOLERANCE[dtype])
        module.zero_grad()
        found[0].sum().backward()
        for parameter in module.parameters():
            assert parameter.grad.isfinite().all()
            assert (parameter.grad != 0).any()


def test_wrong_input_is_named():
    module, sequence = latent_attention(), some_sequence()
    with fails("sequence: expected shape (batch, target, 15), got (2, 15)"):
        module(sequence[:, 0])
    with fails("sequence: expected torch.float64, got torch.float32"):
        module(sequence.float())
    with fails("sequence: expected no empty axis, got (2, 0, 15)"):
        module(sequence[:, :0])
    with fails("sequence: expected a tensor, got list"):
        module(sequence.tolist())
    axes = "mask: expected 2 to 4 axes that broadcast to (2, 3, 11, 11)"
    with fails(f"{axes}, got (11, 7)"):
        module(sequence, mask=torch.ones(11, 7).bool())
    with fails("new: expected at most 3 new positions, got 11"):
        module(sequence, cache=module.new_cache(BATCH, 3))
    with fails("num_heads: expected an int that divides 15, got 4"):
        LatentAttention(15, 4, 7)
    with fails("num_heads: expected an int that divides 15, got 0"):
        LatentAttention(15, 0, 7)
    with fails("latent_size: expected an int, 1 or more, got 0"):
        LatentAttention(15, 3, 0)
