"""Attentions with one mistake each, and the probe that is meant to see it.

Most are mistakes of published code. Each has the shapes of a right one and
raises nothing, so that only a probe can tell.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tests.support import probes
from tests.support.probes import Attention

FEATURES = 13

Result = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Wrong:
    attention: Attention
    probe: Callable[[Attention], None]
    message: str

    def __str__(self) -> str:
        return self.attention.name


WRONG: list[Wrong] = []


def meant_for(
    probe: Callable[[Attention], None], message: str, **kind: Any
) -> Callable:
    """Register a wrong attention with the probe and message that see it."""

    def register(attend: Callable) -> Callable:
        name = attend.__name__
        attention = Attention(name, attend, FEATURES, FEATURES, **kind)
        WRONG.append(Wrong(attention, probe, message))
        return attend

    return register


def score_of(query: Tensor, memory: Tensor) -> Tensor:
    return query @ memory.mT / math.sqrt(FEATURES)


def clear(score: Tensor, mask: Tensor | None) -> Tensor:
    """Return right weights: what the wrong ones do otherwise."""
    if mask is None:
        return score.softmax(dim=-1)
    score = score.masked_fill(~mask, -math.inf)
    score = score.masked_fill(~mask.any(dim=-1, keepdim=True), 0)
    return score.softmax(dim=-1).masked_fill(~mask, 0)


def right(query: Tensor, memory: Tensor, mask: Tensor | None) -> Result:
    """Attend without a mistake: what passes all probes."""
    weights = clear(score_of(query, memory), mask)
    return weights @ memory, weights


def right_causal(sequence: Tensor, _: Tensor, mask: Tensor | None) -> Result:
    """Attend to the past and present without a mistake."""
    causal = torch.ones_like(score_of(sequence, sequence)).bool().tril()
    return right(sequence, sequence, causal if mask is None else mask & causal)


RIGHT = [
    Attention("right", right, FEATURES, FEATURES),
    Attention("right_self", right, FEATURES, FEATURES, is_self=True),
    Attention(
        "right_causal",
        right_causal,
        FEATURES,
        FEATURES,
        is_self=True,
        is_causal=True,
    ),
]


# Softmax


@meant_for(probes.rows_sum_to_one, "without a mask, rows sum to")
def softmax_over_targets(query, memory, mask):
    weights = score_of(query, memory).softmax(dim=1)
    return weights @ memory, weights


@meant_for(probes.rows_sum_to_one, "without a mask, rows sum to")
def softmax_over_the_batch(query, memory, mask):
    weights = score_of(query, memory).softmax(dim=0)
    return weights @ memory, weights


@meant_for(probes.rows_sum_to_one, "without a mask, rows sum to 7")
def softmax_over_an_axis_of_size_one(query, memory, mask):
    weights = score_of(query, memory).unsqueeze(1).softmax(dim=1).squeeze(1)
    return weights @ memory, weights


@meant_for(probes.rows_sum_to_one, "the weights of a row do not vary")
def mean_of_the_memory(query, memory, mask):
    weights = clear(0 * score_of(query, memory), mask)
    return weights @ memory, weights


@meant_for(probes.rows_sum_to_one, "a weight is negative")
def divides_by_the_sum(query, memory, mask):
    score = score_of(query, memory)
    weights = score / score.sum(dim=-1, keepdim=True)
    return weights @ memory, weights


# Mask


@meant_for(probes.padding_moves_nothing, "padding moves the context")
def mask_ignored(query, memory, mask):
    return right(query, memory, None)


@meant_for(probes.masked_is_zero, "a masked weight is not exactly 0")
def mask_inverted(query, memory, mask):
    return right(query, memory, None if mask is None else ~mask)


@meant_for(probes.masked_is_zero, "a masked weight is not exactly 0")
def scores_multiplied_by_the_mask(query, memory, mask):
    score = score_of(query, memory)
    weights = clear(score if mask is None else score * mask, None)
    return weights @ memory, weights


@meant_for(probes.rows_sum_to_one, "with a mask, rows sum to")
def mask_after_the_softmax(query, memory, mask):
    weights = clear(score_of(query, memory), None)
    weights = weights if mask is None else weights * mask
    return weights @ memory, weights


@meant_for(probes.masked_is_zero, "a masked weight is not exactly 0")
def float_mask_added(query, memory, mask):
    score = score_of(query, memory)
    weights = clear(score if mask is None else score + mask.double(), None)
    return weights @ memory, weights


@meant_for(probes.masked_is_zero, "an allowed weight is 0")
def keeps_the_best_key(query, memory, mask):
    score = score_of(query, memory)
    allowed = score if mask is None else score.masked_fill(~mask, -math.inf)
    weights = (allowed == allowed.amax(dim=-1, keepdim=True)).double()
    return weights @ memory, weights


@meant_for(probes.padding_moves_nothing, "padding moves the weights")
def scale_counts_the_padding(query, memory, mask):
    score = score_of(query, memory) / math.log(memory.size(1))
    weights = clear(score, mask)
    return right(query, memory, mask)[0], weights


@meant_for(probes.padding_moves_nothing, "padding of item 0 has weight")
def padding_keeps_a_little_weight(query, memory, mask):
    context, weights = right(query, memory, mask)
    return context, weights if mask is None else weights + 1e-20 * ~mask


@meant_for(
    probes.padding_moves_nothing,
    "padding moves the context",
    is_positional=True,
)
def centre_counts_the_padding(query, memory, mask):
    positions = torch.arange(memory.size(1))
    distance = positions - memory.size(1) / 2
    weights = clear(score_of(query, memory), mask) * (-(distance**2)).exp()
    return weights @ memory, weights


@meant_for(probes.rows_sum_to_one, "rows exceed 1", is_positional=True)
def nearness_of_more_than_one(query, memory, mask):
    nearness = torch.linspace(2, 1, memory.size(1)).double()
    weights = clear(score_of(query, memory), mask) * nearness
    return weights @ memory, weights


# Fully masked rows


@meant_for(
    probes.fully_masked_row_is_zero, "weights of a fully masked row not 0"
)
def masked_with_a_large_number(query, memory, mask):
    score = score_of(query, memory)
    score = score if mask is None else score.masked_fill(~mask, -1e9)
    weights = clear(score, None)
    return weights @ memory, weights


@meant_for(
    probes.fully_masked_row_is_zero, "weights of a fully masked row not 0"
)
def large_number_added(query, memory, mask):
    score = score_of(query, memory)
    weights = clear(score if mask is None else score - 1e6 * ~mask, None)
    return weights @ memory, weights


@meant_for(probes.fully_masked_row_is_zero, "weights not finite")
def softmax_of_nothing(query, memory, mask):
    score = score_of(query, memory)
    score = score if mask is None else score.masked_fill(~mask, -math.inf)
    weights = clear(score, None)
    return weights @ memory, weights


@meant_for(probes.fully_masked_row_is_zero, "a gradient that is not finite")
def softmax_of_nothing_then_zeroed(query, memory, mask):
    score = score_of(query, memory)
    score = score if mask is None else score + mask.double().log()
    weights = clear(score, None).nan_to_num()
    return weights @ memory, weights


@meant_for(
    probes.fully_masked_row_is_zero, "context of a fully masked row not 0"
)
def context_of_nothing_is_the_mean(query, memory, mask):
    context, weights = right(query, memory, mask)
    if mask is not None:
        empty = ~mask.any(dim=-1, keepdim=True)
        context = context + empty * memory.mean(dim=1, keepdim=True)
    return context, weights


@meant_for(
    probes.fully_masked_row_is_zero, "a fully masked row moves another row"
)
def one_empty_row_clears_all(query, memory, mask):
    context, weights = right(query, memory, mask)
    keep = 1 if mask is None else mask.any(dim=-1).all()
    return context * keep, weights * keep


# What the weights depend on


@meant_for(probes.weights_depend_on_the_memory, "no gradient from the weights")
def ignores_the_encoder_outputs(query, memory, mask):
    table = torch.linspace(-1, 1, FEATURES * memory.size(1)).double().sin()
    score = query @ table.view(FEATURES, memory.size(1))
    weights = clear(score, mask)
    return weights @ memory, weights


@meant_for(probes.weights_depend_on_the_memory, "on every memory position")
def reads_the_first_key_only(query, memory, mask):
    score = score_of(query, memory[:, :1])
    slope = torch.linspace(-1, 1, memory.size(1)).double()
    weights = clear(score * slope, mask)
    return weights @ memory, weights


@meant_for(
    probes.weights_depend_on_the_memory,
    "on every memory position",
    is_self=True,
)
def self_attention_that_ignores_the_keys(query, memory, mask):
    return ignores_the_encoder_outputs(query, memory, mask)


@meant_for(probes.weights_depend_on_the_query, "do not depend on the query")
def ignores_the_query(query, memory, mask):
    return right(torch.ones_like(query), memory, mask)


@meant_for(probes.permuted_keys_permute_weights, "do not permute the weights")
def prefers_the_first_key(query, memory, mask):
    slope = torch.linspace(1, 0, memory.size(1)).double()
    weights = clear(score_of(query, memory) + slope, mask)
    return weights @ memory, weights


@meant_for(
    probes.permuted_keys_permute_weights, "permuted keys move the context"
)
def values_in_another_order(query, memory, mask):
    _, weights = right(query, memory, mask)
    return weights @ memory.flip(1), weights


# Batch


@meant_for(probes.batch_mate_moves_nothing, "the rest of the batch moves")
def keys_of_the_whole_batch(query, memory, mask):
    keys = memory.mean(dim=0, keepdim=True).expand_as(memory)
    weights = clear(score_of(query, keys), mask)
    return weights @ memory, weights


@meant_for(
    probes.batch_mate_moves_nothing,
    "the rest of the batch moves",
    is_self=True,
)
def batch_first_forgotten(sequence, _, mask):
    time_first = sequence.transpose(0, 1)
    context, weights = right(time_first, time_first, None)
    return context.transpose(0, 1), weights


# Causal


@meant_for(
    probes.future_moves_nothing_earlier,
    "move an earlier token",
    is_self=True,
    is_causal=True,
)
def causal_mask_inverted(sequence, _, mask):
    causal = torch.ones_like(score_of(sequence, sequence)).bool().tril()
    return right(sequence, sequence, ~causal)


@meant_for(
    probes.future_moves_nothing_earlier,
    "move an earlier token",
    is_self=True,
    is_causal=True,
)
def causal_mask_lets_the_next_token_in(sequence, _, mask):
    causal = torch.ones_like(score_of(sequence, sequence)).bool().tril(1)
    return right(sequence, sequence, causal)


@meant_for(
    probes.past_and_present_are_attended,
    "does not attend to itself",
    is_self=True,
    is_causal=True,
)
def causal_mask_keeps_the_token_itself_out(sequence, _, mask):
    causal = torch.ones_like(score_of(sequence, sequence)).bool().tril(-1)
    return right(sequence, sequence, causal)


@meant_for(
    probes.masked_is_zero,
    "a masked weight is not exactly 0",
    is_self=True,
    is_causal=True,
)
def mask_replaces_the_causal_mask(sequence, _, mask):
    if mask is None:
        return right_causal(sequence, sequence, None)
    return right(sequence, sequence, mask)


# In place


@meant_for(probes.inputs_are_not_modified, "query is modified")
def scales_the_query_in_place(query, memory, mask):
    return right(query.mul_(0.5), memory, mask)


@meant_for(probes.inputs_are_not_modified, "memory is modified")
def normalises_the_memory_in_place(query, memory, mask):
    return right(query, memory.sub_(memory.mean(1, keepdim=True)), mask)


@meant_for(probes.inputs_are_not_modified, "mask is modified")
def inverts_the_mask_in_place(query, memory, mask):
    score = score_of(query, memory)
    if mask is not None:
        score = score.masked_fill(mask.logical_not_(), -1e9)
    weights = clear(score, None)
    return weights @ memory, weights
