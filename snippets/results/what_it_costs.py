"""What It Costs: every kind of attention, counted while it runs.

One row a kind, in KINDS. Each names what its multiplications and its largest
tensor should come to, as a formula; a count that differs stops the build.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from snippets.additive_attention import AdditiveAttention
from snippets.attention import attention
from snippets.counting import Cost, count
from snippets.dot_product_attention import DotScore, LuongAttention
from snippets.flash_attention import flash_attention_forward
from snippets.kv_cache import KVCache
from snippets.linear_attention import (
    linear_attention,
    unmasked_linear_attention,
)
from snippets.multi_head_attention import (
    MultiHeadAttention,
    join_heads,
    split_heads,
)
from snippets.self_attention import SelfAttention

FEATURES = 512  # D in the formulas
HEADS = 8  # h
HEAD_DIM = FEATURES // HEADS  # d
KEY_HEADS = 2  # g, of grouped-query attention
WINDOW = 128  # w, to each side, and the side of its tiles
BLOCK = 512  # B, of tiles
LENGTH = 4096  # n in the tables
LENGTHS = [512, 1024, 2048, 4096, 8192]  # n in the figures
BYTES = 4  # of a number in float32
MIB = 2**20


class Kind(NamedTuple):
    """One kind of attention and what it should cost.

    title: its name in the tables, a link. build: takes n and returns what is
        called, and with what. multiplications and largest: formulas in the
        letters above, the second one in numbers, not bytes.
    """

    title: str
    build: Callable[[int], tuple]
    multiplications: str
    largest: str


def module(make: Callable[[], torch.nn.Module], inputs: int = 1) -> Callable:
    """Return what builds a module and words without content for it."""

    def build(n: int) -> tuple:
        with torch.device("meta"):
            return make(), *[torch.ones(1, n, FEATURES)] * inputs

    return build


def heads(call: Callable, device: str = "meta", **options: Any) -> Callable:
    """Return what builds a call with query, key and value of all heads."""

    def build(n: int) -> tuple:
        shape = 3, 1, HEADS, n, HEAD_DIM
        tensors = torch.ones(shape, device=device)
        return functools.partial(call, **options), *tensors

    return build


def multi_head(key_heads: int) -> MultiHeadAttention:
    """Make the module, with key heads that are shared or not."""
    return MultiHeadAttention(
        FEATURES, HEADS, num_key_heads=key_heads, bias=False
    )


KINDS = {
    "additive": Kind(
        "[additive](../types-of-attention/additive.html)",
        module(lambda: AdditiveAttention(*[FEATURES] * 3), inputs=2),
        "2*n*D*(D + n)",
        "n**2*D",
    ),
    "dot": Kind(
        "[dot](../types-of-attention/dot-product.html)",
        module(lambda: LuongAttention(DotScore()), inputs=2),
        "2*n**2*D",
        "n**2",
    ),
    "self-attention": Kind(
        "[self-attention](../types-of-attention/self-attention.html)",
        module(lambda: SelfAttention(FEATURES)),
        "n*D*(3*D + 2*n)",
        "n**2",
    ),
    "multi-head": Kind(
        "[multi-head](multi-head-attention.html)",
        module(lambda: multi_head(HEADS)),
        "2*n*D*(2*D + n)",
        "h*n**2",
    ),
    "grouped-query": Kind(
        "[grouped-query](grouped-query-attention.html)",
        module(lambda: multi_head(KEY_HEADS)),
        "2*n*D*(D + g*d + n)",
        "h*n**2",
    ),
    "multi-query": Kind(
        "[multi-query](grouped-query-attention.html)",
        module(lambda: multi_head(1)),
        "2*n*D*(D + d + n)",
        "h*n**2",
    ),
    "heads alone": Kind(
        "[reference](index.html#one-function)",
        heads(attention),
        "2*n**2*D",
        "h*n**2",
    ),
    "tiles": Kind(
        "[tiles](exact-attention-in-tiles.html)",
        heads(flash_attention_forward, block_size=BLOCK),
        "2*n**2*D",
        "max(n*D, h*B**2)",
    ),
    "pytorch": Kind(
        "PyTorch's own",
        heads(F.scaled_dot_product_attention, device="cpu"),
        "2*n**2*D",
        "n*D",
    ),
    "window, masked": Kind(
        "[window](long-inputs.html), as a mask",
        heads(attention, window=(WINDOW, WINDOW)),
        "2*n**2*D",
        "h*n**2",
    ),
    "window": Kind(
        "[window](long-inputs.html), in tiles",
        heads(
            flash_attention_forward,
            block_size=WINDOW,
            window=(WINDOW, WINDOW),
        ),
        "2*w*D*(3*n - 2*w)",
        "n*D",
    ),
    # Linear attention looks at its features, so it needs some.
    "linear": Kind(
        "[linear](linear-attention.html)",
        heads(unmasked_linear_attention, device="cpu"),
        "n*D*(2*d + 1)",
        "n*D",
    ),
}


@functools.cache
def cost(kind: str, n: int) -> Cost:
    """Count what one kind of attention costs for n words that ask n words.

    Raises ValueError if it is not what the formulas say.
    """
    row = KINDS[kind]
    with torch.no_grad():
        found = count(*row.build(n))
    check(kind, row.multiplications, found.multiplications, n)
    check(kind, row.largest, found.largest / BYTES, n)
    return found


def check(kind: str, formula: str, counted: float, n: int) -> None:
    """Raise ValueError if a count is not what its formula gives."""
    if (expected := value(formula, n)) != counted:
        raise ValueError(
            f"{kind}: {formula} is {expected} for n = {n}, counted {counted}"
        )


def value(formula: str, n: int) -> int:
    """Compute a formula of KINDS."""
    letters = {"n": n, "D": FEATURES, "h": HEADS, "d": HEAD_DIM}
    letters |= {"g": KEY_HEADS, "w": WINDOW, "B": BLOCK}
    return eval(formula, {"__builtins__": {}, "max": max}, letters)


def formatted(formula: str) -> str:
    """Write a formula of KINDS in TeX."""
    tex = formula.replace("**", "^").replace("*", " ")
    return f"${tex.replace('max', chr(92) + 'max')}$"


def operations() -> list[dict[str, str | float]]:
    """Return the multiplications of each kind, in millions."""
    return [
        {
            "kind": row.title,
            "multiplications": formatted(row.multiplications),
            "millions": round(cost(kind, LENGTH).multiplications / 1e6),
            "growth": times(kind, "multiplications"),
        }
        for kind, row in KINDS.items()
    ]


def memory() -> list[dict[str, str | float]]:
    """Return the formula of the largest tensor, and all at once in MiB."""
    return [
        {
            "kind": row.title,
            "largest tensor": formatted(row.largest),
            "MiB": round(cost(kind, LENGTH).peak / MIB),
            "growth": times(kind, "peak"),
        }
        for kind, row in KINDS.items()
    ]


def times(kind: str, name: str) -> float:
    """Return how many times as much LENGTH words cost as half of them."""
    half, whole = (getattr(cost(kind, n), name) for n in (LENGTH // 2, LENGTH))
    return round(whole / half, 1)


def sizes() -> dict[str, int]:
    """Return the letters of the formulas."""
    return {
        "features": FEATURES,
        "heads": HEADS,
        "head_dim": HEAD_DIM,
        "key_heads": KEY_HEADS,
        "window": WINDOW,
        "block": BLOCK,
        "length": LENGTH,
        "crossing": 2 * FEATURES,
    }


def training() -> dict[str, float]:
    """Return how many times a forward pass both passes cost."""
    build = KINDS["multi-head"].build

    def both(layer: torch.nn.Module, words: Tensor) -> None:
        layer(words.requires_grad_())[0].sum().backward()

    forward = cost("multi-head", LENGTH)
    found = count(both, *build(LENGTH))
    return {"times": found.multiplications / forward.multiplications}


# Decoding: word number n, the n - 1 before it are known.


class Step(NamedTuple):
    """What it costs to decode one more word, and what is kept for it."""

    multiplications: int
    kept: int  # bytes


def without_cache(n: int) -> Step:
    """Compute all n words again."""
    layer, words = KINDS["multi-head"].build(n)
    with torch.no_grad():
        found = count(layer, words, is_causal=True)
    return Step(found.multiplications, 0)


def with_cache(n: int, key_heads: int) -> Step:
    """Compute one word; keys and values of the others are in a cache."""
    layer, words = module(lambda: multi_head(key_heads))(n)
    cache = KVCache(1, key_heads, n, HEAD_DIM, device="meta")
    with torch.no_grad():
        cache.append(*layer.project(words[:, 1:], words[:, 1:]))
        found = count(layer, words[:, :1], cache=cache, is_causal=True)
    return Step(found.multiplications, cache.nbytes())


def with_state(n: int) -> Step:
    """Compute one word with linear attention; all others are in its state."""
    layer = multi_head(HEADS)
    word = torch.ones(1, 1, FEATURES)
    state = torch.zeros(1, HEADS, HEAD_DIM, HEAD_DIM + 1)

    def decode() -> None:
        query = split_heads(layer.query_projection(word), HEADS)
        keys = layer.project(word, word)
        context, _ = linear_attention(query, *keys, state=state)
        layer.output_projection(join_heads(context))

    with torch.no_grad():
        return Step(count(decode).multiplications, state.nbytes)


STEPS = {
    "no cache": (without_cache, "2*n*D*(2*D + n)", "0"),
    "multi-head": (
        lambda n: with_cache(n, HEADS),
        "2*D*(2*D + n)",
        "2*n*D",
    ),
    "grouped-query": (
        lambda n: with_cache(n, KEY_HEADS),
        "2*D*(D + g*d + n)",
        "2*n*g*d",
    ),
    "multi-query": (
        lambda n: with_cache(n, 1),
        "2*D*(D + d + n)",
        "2*n*d",
    ),
    "linear": (with_state, "2*D*(2*D + d + 1)", "D*(d + 1)"),
}


@functools.cache
def step(name: str, n: int) -> Step:
    """Count what word number n costs, one way of decoding.

    Raises ValueError if it is not what the formulas say.
    """
    run, multiplications, kept = STEPS[name]
    found = run(n)
    check(name, multiplications, found.multiplications, n)
    check(name, kept, found.kept / BYTES, n)
    return found


def decoding() -> list[dict[str, str | float]]:
    """Return what one more word costs, and what is kept for it."""
    return [
        {
            "decoding": name,
            "multiplications": formatted(multiplications),
            "thousands": round(step(name, LENGTH).multiplications / 1e3),
            "MiB kept": round(step(name, LENGTH).kept / MIB, 2),
        }
        for name, (_, multiplications, _) in STEPS.items()
    ]


def savings() -> dict[str, float]:
    """Return how many times less the last kinds cost at LENGTH."""
    whole, tiles = cost("heads alone", LENGTH), cost("tiles", LENGTH)
    additive, dot = cost("additive", LENGTH), cost("dot", LENGTH)
    return {
        "additive": round(additive.largest / dot.largest),
        "tiles": round(whole.peak / tiles.peak),
    }
