"""Every shape in the text of a page is that of a tensor in a run.

A page's function runs what the page speaks of, with a different prime for each
size, and gives for each shape the words that end with it and a tensor.
"""

import re
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from snippets import attention as reference
from snippets.additive_attention import AdditiveAttention
from snippets.attention_decoder import AttentionDecoder
from snippets.counting import count
from snippets.cross_attention import CrossAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
)
from snippets.flash_attention import add_tile, flash_attention_forward
from snippets.kv_cache import KVCache
from snippets.latent_attention import LatentAttention
from snippets.linear_attention import linear_attention
from snippets.masks import block_mask, causal_mask, padding_mask, prefix_mask
from snippets.multi_head_attention import MultiHeadAttention, split_heads
from snippets.scaled_dot_product_attention import attention
from snippets.self_attention import SelfAttention
from snippets.time_first_attention import TimeFirstAttention
from tests.machinery.test_shape_comments import SIZES, ones
from tests.pages.formulas import name, prose
from tests.support.blocks import PAGES
from tests.support.shape_comments import mismatch

BRACKET = re.compile(r"(?<!\w)\(([\w$*+, ]+)\)|\b\w+(?: × \w+)+")
AXES = {*SIZES, "key_heads", "latent_size", "key_dim"}
Shapes = Iterator[tuple]
RUNS: dict[str, Callable[[], Shapes]] = {}
# Vectors of examples worked out by hand; they look like shapes.
VECTORS = {
    "how-attention-works.md": ["(2, 2)", "(0, 0)", "(0, 1)"],
    "types-of-attention/dot-product.md": ["(1, 0)", "(2, 1)", "(1, 2)"],
    "types-of-attention/self-attention.md": ["(2, 1)", "(1, 2)", "(1, 0)"],
}


def on(page: str) -> Callable:
    """Mark a function as the run for the shapes of a page."""

    def mark(run: Callable[[], Shapes]) -> Callable[[], Shapes]:
        RUNS[page] = run
        return run

    return mark


def one_line(text: str) -> str:
    return " ".join(text.split())


def entries_of(shape: str) -> list[str]:
    """Return the axes of a shape as it stands on a page."""
    bare = shape.strip("()").replace("$", "").replace("*", "")
    return [entry.strip() for entry in re.split(r"[,×]", bare)]


def shapes_in(text: str) -> list[re.Match[str]]:
    """Find the shapes: brackets of known axes, or products of them."""
    found = []
    for match in BRACKET.finditer(text):
        axes = entries_of(match[0])
        known = any(axis in AXES for axis in axes)
        if known or (len(axes) > 1 and all(map(str.isdigit, axes))):
            found.append(match)
    return found


TEXTS = {name(path): one_line(prose(path)) for path in PAGES}
SHAPES = {
    page: [
        found
        for found in shapes_in(text)
        if found[0] not in VECTORS.get(page, [])
    ]
    for page, text in TEXTS.items()
}


@on("types-of-attention/additive.md")
def additive() -> Shapes:
    query, key = ones("batch target query_size"), ones("batch source key_size")
    module = AdditiveAttention(13, 17, 11)
    _, weights = module(query, key)
    q, k = module.query_projection, module.key_projection
    yield "the query | (batch, target, query_size)", query
    yield "key and value | (batch, source, key_size)", key
    yield "two projections | (hidden, query_size)", q.weight
    yield "(hidden, query_size), (hidden, key_size)", k.weight
    yield "(hidden, key_size), (hidden)", k.bias
    yield "the common space | (hidden)", module.score_vector.weight[0]
    yield "| score | (batch, target, source)", weights
    one, other = q(query).unsqueeze(2), k(key).unsqueeze(1)
    yield "two tensors, (batch, target, **1**, hidden)", one
    yield "hidden) and (batch, **1**, source, hidden)", other
    largest = count(module, query, key).largest // 4
    assert largest == (one + other).numel()
    yield "the sum has batch × target × source × hidden", one + other
    score = DotScore()(query, ones("batch source query_size"))
    yield "needs only batch × target × source", score


@on("types-of-attention/dot-product.md")
def dot_product() -> Shapes:
    query, key = ones("batch target query_size"), ones("batch source key_size")
    general, concat = GeneralScore(13, 17), ConcatScore(13, 17, 11)
    scores = [
        DotScore()(query, ones("batch source query_size")),
        general(query, key),
        concat(query, key),
    ]
    W = concat.joint_projection.weight
    yield "$W$: (query_size, key_size)", general.key_projection.weight
    yield "$W$: (hidden, query_size + key_size)", W
    yield "$v$: (hidden)", concat.score_vector.weight[0]
    for score in scores:
        yield "give scores of shape (batch, target, source)", score


@on("types-of-attention/self-attention.md")
def self_attention() -> Shapes:
    query = ones("batch heads length head_dim")
    value = ones("batch heads length value_dim")
    context, weights = attention(query, query, value)
    table = "| $\\query{Q}$, $\\key{K}$ | (batch, heads, length, head_dim)"
    yield table, query
    yield "| $\\val{V}$ | (batch, heads, length, value_dim)", value
    yield "scores, weights | (batch, heads, length, length)", weights
    yield "| $\\context{C}$ | (batch, heads, length, value_dim)", context
    _, weights = SelfAttention(29)(ones("batch length features"))
    yield "in long ones the length × length", weights[0]


@on("beyond/cross-attention.md")
def cross_attention() -> Shapes:
    query, key = ones("batch target query_size"), ones("batch source key_size")
    _, weights = CrossAttention(13, 17, 19)(query, key)
    yield "The weights have the shape (batch, target, source)", weights


def may_be_given(mask: Tensor, target: str = "source") -> Tensor:
    """Return a mask with which the reference attention can be called."""
    query = ones(f"batch heads {target} head_dim")
    key = ones("batch heads source head_dim")
    reference.attention(query, key, key, mask=mask)
    return mask


@on("beyond/masks-and-padding.md")
def masks() -> Shapes:
    lengths, documents = torch.tensor([3, 5]), ones("batch source").long()
    padding = padding_mask(lengths, SIZES["source"])
    causal = causal_mask(SIZES["source"])  # as many queries as keys
    document = block_mask(documents)
    prefix = prefix_mask(lengths, SIZES["source"])
    square = "target", SIZES["source"]
    yield "**Padding**, (batch, 1, 1, source)", may_be_given(padding)
    yield "**Causal**, (target, source)", may_be_given(causal), square
    several = "(batch, 1, target, source)"
    yield f"**Documents**, {several}", may_be_given(document), square
    yield f"**Prefix**, {several}", may_be_given(prefix), square
    query = ones("batch heads target head_dim")
    key = ones("batch heads source head_dim")
    _, weights = reference.attention(query, key, key)
    yield "scores have the shape (batch, heads, target, source)", weights
    made = torch.arange(SIZES["source"]) < lengths.unsqueeze(1)
    yield "often made as (batch, source)", made
    must = made[:, None, None]
    wanted = may_be_given(must, target="target")
    yield "(batch, source) and must become (batch, 1, 1, source)", wanted
    with pytest.raises(ValueError, match="mask"):  # the sizes differ
        may_be_given(made, target="target")
    yield "*last* two of the scores: (target, source)", weights[0, 0]


@on("beyond/multi-head-attention.md")
def multi_head_attention() -> Shapes:
    split = split_heads(torch.ones(2, 31, 3 * 19), 3)
    yield "not reshape to (batch, heads, length, head_dim)", split


@on("beyond/grouped-query-attention.md")
def grouped_query_attention() -> Shapes:
    query = torch.ones(2, 6, 5, 19)
    for key_heads in (6, 3, 2, 1):  # every number that divides the heads
        key = torch.ones(2, key_heads, 7, 19)
        reference.attention(query, key, key)
        yield "keys of shape (batch, key_heads, source, head_dim)", key


@on("beyond/kv-cache.md")
def kv_cache() -> Shapes:
    cache, t = KVCache(2, 3, 7, 19), 4
    for _ in range(t):
        new = ones("batch heads 1 head_dim")
        kept = cache.append(new, new)
        _, weights = reference.attention(new, *kept)
    yield "scores are of shape (batch, heads, 1, $t$)", weights, ("t", t)


@on("step-by-step/preparing-data.md")
def preparing_data() -> Shapes:
    outputs, state = torch.ones(5, 1, 16), torch.ones(1, 1, 16)
    TimeFirstAttention(16)(state, outputs)
    yield "as a matrix. Left, (5, 1, 16)", outputs
    yield "Right, (1, 5, 16)", outputs.transpose(0, 1)
    yield "The shapes (5, 1, 16)", outputs
    yield "(5, 1, 16) and (1, 1, 16)", state


@on("summary.md")
def summary() -> Shapes:
    sequence = ones("batch length features")
    SelfAttention(29)(sequence)
    yield "Batch first: (batch, length, features)", sequence
    heads = ones("batch heads length head_dim")
    attention(heads, heads, heads)
    yield "features), or (batch, heads, length, head_dim)", heads


@on("notation.md")
def notation() -> Shapes:
    query, outputs = ones("batch target hidden"), ones("batch source hidden")
    module = AdditiveAttention(11, 11, 11)
    context, weights = module(query, outputs)
    decoder = AttentionDecoder(41, 37, 11, 11)
    _, state, _ = decoder(torch.tensor([1, 2]), query[:, 0], outputs)
    yield "$\\key{h_j}$ | (batch, source, hidden)", outputs
    yield "$\\query{s_i}$ | (batch, hidden)", state
    yield "(batch, hidden) or (batch, target, hidden)", query
    score = DotScore()(query, outputs)
    yield "| score | $e_{ij}$ | (batch, target, source)", score
    yield "$\\alpha_{ij}$ | (batch, target, source)", weights
    values = CrossAttention(11, 11, 19, value_dim=23)
    context, _ = values(query, outputs)
    yield "$\\context{c_i}$ | (batch, target, value_dim)", context
    heads = split_heads(torch.ones(2, 31, 3 * 19), 3)
    yield "$h$, $H$ | (batch, heads, length, head_dim)", heads
    layer = MultiHeadAttention(6 * 19, 6, num_key_heads=3)
    keys, _ = layer.project(*[torch.ones(2, 7, 6 * 19)] * 2)
    key_heads = "key_heads", 3
    shape = "(batch, key_heads, source, head_dim)"
    yield f"$g$, $G$ | {shape}", keys, key_heads
    attention(heads, heads, heads)
    yield "$\\val{v_j}$ | (batch, heads, length, head_dim)", heads
    yield "without an index | (hidden)", module.score_vector.weight[0]
    local = LocalAttention(DotScore(), 13, 11, window=2)
    p = local.predict_position(ones("batch target query_size"), 7)
    yield "$\\sigma$ | (batch, target)", p
    head = ones("batch heads target head_dim")
    key, value = ones("batch heads source head_dim"), ones("batch heads 7 23")
    offset = torch.tensor([1, 2])
    _, logsumexp = flash_attention_forward(head, key, value, offset=offset)
    yield "a number, or (batch)", offset
    total = ones("batch heads target 1")
    state = total, total, ones("batch heads target value_dim")
    maximum, total, _ = add_tile(state, head @ key.mT, value)
    for number in (maximum, total):
        yield "$\\ell_j$ | (batch, heads, target, 1)", number
    yield "logsumexp of a row | | (batch, heads, target)", logsumexp
    key = ones("batch heads length head_dim")
    value = ones("batch heads length value_dim")
    _, state = linear_attention(key, key, value, normalise=False)
    state_shape = "$S_i$ | (batch, heads, key_dim, value_dim)"
    yield state_shape, state, ("key_dim", 19)
    layer = LatentAttention(57, 3, 43)
    cache = layer.new_cache(2, 7)
    layer(torch.ones(2, 7, 57), cache=cache)
    yield "$z_j$ | (batch, 1, source, latent_size)", cache.stored


@pytest.mark.parametrize("page", RUNS)
def test_shapes_in_the_text_are_those_of_a_run(page):
    text, ends = TEXTS[page], {found.end() for found in SHAPES[page]}
    for words, tensor, *known in RUNS[page]():
        assert text.count(words) == 1, words
        end = text.index(words) + len(words)
        assert end in {found.end() for found in SHAPES[page]}, words
        ends.discard(end)
        entries = entries_of(shapes_in(words)[-1][0])
        problem = mismatch(entries, tensor, SIZES | dict(known))
        assert problem is None, f"{words}: {problem}"
    assert not ends, [text[max(0, end - 60) : end] for end in ends]


@on("step-by-step/implementing-additive-attention.md")
def published_bug() -> Shapes:
    hidden = torch.ones(5, 1, 16)  # (source, batch, hidden)
    yield "time first, (5, 1, 16)", hidden
    yield "It becomes (5, 16, 1)", hidden.transpose(1, 2)


def test_every_page_with_shapes_in_its_text_has_a_run():
    assert {page for page, found in SHAPES.items() if found} == set(RUNS)


@pytest.mark.parametrize("page", VECTORS)
def test_vectors_that_look_like_shapes_are_on_their_pages(page):
    found = {found[0] for found in shapes_in(TEXTS[page])}
    assert set(VECTORS[page]) <= found
