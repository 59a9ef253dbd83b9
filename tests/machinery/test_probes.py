"""Every attention passes every probe; each mistake is seen by its own."""

import pytest
import torch
from torch import nn

from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from snippets.scaled_dot_product_attention import attention
from snippets.self_attention import SelfAttention
from snippets.time_first_attention import TimeFirstAttention
from tests.support.probes import DEVICES, PROBES, Attention, applicable_probes
from tests.support.wrong_attentions import RIGHT, WRONG

QUERY, MEMORY, HIDDEN, WINDOW = 13, 17, 19, 3


def from_module(
    name: str, module: nn.Module, query_size: int, memory_size: int, **kind
) -> Attention:
    """Describe a module with forward(query, encoder_outputs, *, mask)."""

    def attend(query, memory, mask):
        return module(query, memory, mask=mask)

    parameters = tuple(module.parameters())
    return Attention(name, attend, query_size, memory_size, parameters, **kind)


def additive_step_by_step(device: str) -> Attention:
    """Decode one target position at a time, with the keys projected once."""
    module = AdditiveAttention(QUERY, MEMORY, HIDDEN).double().to(device)

    def attend(query, memory, mask):
        projected_keys = module.project_keys(memory)
        results = []
        for step in range(query.size(1)):
            one = mask if mask is None else mask.expand(-1, query.size(1), -1)
            one = one if one is None else one[:, step : step + 1]
            results.append(
                module(
                    query[:, step : step + 1],
                    memory,
                    mask=one,
                    projected_keys=projected_keys,
                )
            )
        contexts, weights = zip(*results, strict=True)
        return torch.cat(contexts, dim=1), torch.cat(weights, dim=1)

    parameters = tuple(module.parameters())
    name = "additive, keys projected once"
    return Attention(name, attend, QUERY, MEMORY, parameters, device=device)


def scaled(device: str) -> Attention:
    """Two heads that see the same query and memory."""

    def attend(query, memory, mask):
        query, memory = query.unsqueeze(1), memory.unsqueeze(1)
        mask = mask if mask is None else mask.unsqueeze(1)
        heads = torch.tensor([1.0, 0.5], device=device).view(1, 2, 1, 1)
        key, value = memory * heads, memory / heads
        return attention(query.expand_as(query * heads), key, value, mask=mask)

    name = "scaled dot-product, two heads"
    return Attention(name, attend, MEMORY, MEMORY, device=device)


def scaled_causal(device: str) -> Attention:
    def attend(query, memory, mask):
        heads = (query.unsqueeze(1), memory.unsqueeze(1), memory.unsqueeze(1))
        mask = mask if mask is None else mask.unsqueeze(1)
        return attention(*heads, mask=mask, is_causal=True)

    return Attention(
        "scaled dot-product, causal",
        attend,
        MEMORY,
        MEMORY,
        is_self=True,
        is_causal=True,
        device=device,
    )


def of_one_sequence(device: str, is_causal: bool) -> Attention:
    module = SelfAttention(MEMORY, HIDDEN).double().to(device)

    def attend(query, memory, mask):
        assert query is memory or torch.equal(query, memory)
        return module(memory, mask=mask, is_causal=is_causal)

    return Attention(
        "self, causal" if is_causal else "self",
        attend,
        MEMORY,
        MEMORY,
        tuple(module.parameters()),
        is_self=True,
        is_causal=is_causal,
        device=device,
    )


def time_first(device: str) -> Attention:
    module = TimeFirstAttention(MEMORY).double().to(device)

    def attend(query, memory, mask):
        assert mask is None
        states = query.transpose(0, 1).unsqueeze(1)
        outputs = memory.transpose(0, 1)
        steps = [module(state, outputs) for state in states]
        weights = torch.stack(steps, dim=1)
        return weights @ memory, weights

    return Attention(
        "time first",
        attend,
        MEMORY,
        MEMORY,
        tuple(module.parameters()),
        takes_mask=False,
        device=device,
    )


def attentions(device: str) -> list[Attention]:
    """List every attention of the snippets."""
    torch.manual_seed(0)

    def describe(name, module, query_size=QUERY, memory_size=MEMORY, **kind):
        module = module.double().to(device)
        kind["device"] = device
        return from_module(name, module, query_size, memory_size, **kind)

    general = GeneralScore(QUERY, MEMORY)
    concat = ConcatScore(QUERY, MEMORY, HIDDEN)
    local_dot = LocalAttention(DotScore(), MEMORY, HIDDEN, WINDOW)
    local_general = LocalAttention(
        GeneralScore(QUERY, MEMORY), QUERY, HIDDEN, WINDOW
    )
    return [
        describe("additive", AdditiveAttention(QUERY, MEMORY, HIDDEN)),
        additive_step_by_step(device),
        describe("luong dot", LuongAttention(DotScore()), MEMORY),
        describe("luong general", LuongAttention(general)),
        describe("luong concat", LuongAttention(concat)),
        describe("local dot", local_dot, MEMORY, is_positional=True),
        describe("local general", local_general, is_positional=True),
        scaled(device),
        scaled_causal(device),
        of_one_sequence(device, is_causal=False),
        of_one_sequence(device, is_causal=True),
        time_first(device),
    ]


CASES = [
    pytest.param(case, probe, id=f"{case.device}-{case}-{probe.__name__}")
    for device in DEVICES
    for case in attentions(device) + RIGHT * (device == "cpu")
    for probe in applicable_probes(case)
]


@pytest.mark.parametrize(("case", "probe"), CASES)
def test_attention_passes(case, probe):
    probe(case)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_mistake_is_seen_by_the_probe_meant_for_it(wrong):
    assert wrong.probe in applicable_probes(wrong.attention)
    with pytest.raises(AssertionError, match=wrong.message):
        wrong.probe(wrong.attention)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
def test_probe_sees_a_mistake(probe):
    assert probe in {wrong.probe for wrong in WRONG}
