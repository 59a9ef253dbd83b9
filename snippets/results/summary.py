"""The tables of *Summary*: formula and call of every attention."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from snippets import attention as reference
from snippets.additive_attention import AdditiveAttention
from snippets.counting import count
from snippets.cross_attention import CrossAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from snippets.flash_attention import flash_attention_forward
from snippets.kv_cache import KVCache
from snippets.latent_attention import LatentAttention
from snippets.linear_attention import linear_attention
from snippets.long_inputs import window_with_sinks
from snippets.masks import causal_mask, padding_mask
from snippets.multi_head_attention import MultiHeadAttention
from snippets.positions import (
    alibi_bias,
    rotary_embedding,
    sinusoidal_positions,
)
from snippets.results.types_of_attention import FORMULAS
from snippets.scaled_dot_product_attention import attention
from snippets.self_attention import SelfAttention
from snippets.transformer_block import EncoderBlock

# Sizes that are all different, so that each names its axis.
SIZES = {
    "batch": 2,
    "heads": 3,
    "target": 5,
    "source": 7,
    "length": 23,
    "query_size": 11,
    "key_size": 13,
    "head_dim": 17,
    "value_dim": 19,
    "features": 29,
}
NAMES = {size: name for name, size in SIZES.items()}
# What lies beyond the article: name, page, a formula that stands on this
# page, and what to call.
BEYOND: list[tuple[str, str, str, list[Callable]]] = [
    (
        "one function for all",
        "index",
        r"\text{scale} \cdot \query{q_i}^\top \key{k_j}",
        [reference.attention],
    ),
    (
        "masks",
        "masks-and-padding",
        r"\operatorname{softmax}_j(e_{ij} + m_{ij})",
        [padding_mask, causal_mask],
    ),
    (
        "multi-head",
        "multi-head-attention",
        r"\left[\, \context{C^{(1)}} \; \cdots \; "
        r"\context{C^{(H)}} \,\right] W_o^\top",
        [MultiHeadAttention],
    ),
    (
        "cross-attention",
        "cross-attention",
        r"(W_q \, \query{s_i})^\top (W_k \, \key{h_j})",
        [CrossAttention],
    ),
    (
        "sinusoidal positions",
        "positions",
        r"p_{i,2m} = \sin(\omega_m i)",
        [sinusoidal_positions],
    ),
    (
        "RoPE",
        "positions",
        r"(R_i \, \query{q})^\top (R_j \, \key{k})",
        [rotary_embedding],
    ),
    ("ALiBi", "positions", r"- s_h \, |i - j|", [alibi_bias]),
    (
        "Transformer block",
        "transformer-block",
        r"x + f(\operatorname{norm}(x))",
        [EncoderBlock],
    ),
    (
        "KV cache",
        "kv-cache",
        r"[\key{k_1} \dots \key{k_t}]^\top \, \query{q_t}",
        [KVCache],
    ),
    (
        "grouped queries",
        "grouped-query-attention",
        r"\query{q_i^h}^\top \key{k_j^g}",
        [reference.attention],
    ),
    (
        "latents",
        "grouped-query-attention",
        r"z_j = \operatorname{norm}(W_z \, x_j)",
        [LatentAttention],
    ),
    ("window with sinks", "long-inputs", "", [window_with_sinks]),
    (
        "tiles",
        "exact-attention-in-tiles",
        r"m_j = \max(m_{j-1}, e_j)",
        [flash_attention_forward],
    ),
    (
        "linear",
        "linear-attention",
        r"S_i = S_{i-1} + \varphi(\key{k_i}) \, \val{v_i}^\top",
        [linear_attention],
    ),
    ("counted costs", "what-it-costs", "", [count]),
]
SCALED = r"$\query{q}^\top \key{k} / \sqrt{d}$"


def tensor(*axes: str) -> torch.Tensor:
    """Return a random tensor whose axes have these names."""
    return torch.randn([SIZES[axis] for axis in axes])


def axes_of(result: torch.Tensor) -> str:
    """Write a tensor's shape with the names of its axes."""
    return "(" + ", ".join(NAMES[size] for size in result.shape) + ")"


def call(function: Callable) -> str:
    """Write a function's parameters without their annotations."""
    parameters = [
        p.replace(annotation=p.empty, default=Written.of(p.default))
        for name, p in inspect.signature(function).parameters.items()
        if name != "self"
    ]
    return str(inspect.Signature(parameters))


class Written(str):
    """A default value as it is written in code."""

    __repr__ = str.__str__

    @classmethod
    def of(cls, default: object) -> object:
        """Write a function with its name; leave everything else."""
        if inspect.isfunction(default):
            return cls(default.__name__)
        return default


def name_and_call(thing: Any) -> str:
    """Write how a function is called, or a module made and called."""
    if isinstance(thing, nn.Module):
        thing = type(thing)
    is_module = isinstance(thing, type) and issubclass(thing, nn.Module)
    how = thing.__name__ + call(thing)
    return how + call(thing.forward) if is_module else how


def every_attention() -> list[dict[str, str]]:
    """Return one row an attention; shapes come from running it."""
    query = tensor("batch", "target", "query_size")
    outputs = tensor("batch", "source", "key_size")
    same = tensor("batch", "source", "query_size")
    heads = [
        tensor("batch", "heads", "target", "head_dim"),
        tensor("batch", "heads", "source", "head_dim"),
        tensor("batch", "heads", "source", "value_dim"),
    ]
    general = GeneralScore(11, 13)
    rows: list[tuple[str, str, Callable, list[Tensor]]] = [
        (
            "[additive](types-of-attention/additive.html)",
            FORMULAS["additive"],
            AdditiveAttention(11, 13, 8),
            [query, outputs],
        ),
        (
            "[dot](types-of-attention/dot-product.html#dot)",
            FORMULAS["dot"],
            LuongAttention(DotScore()),
            [query, same],
        ),
        (
            "[general](types-of-attention/dot-product.html#general)",
            FORMULAS["general"],
            LuongAttention(general),
            [query, outputs],
        ),
        (
            "[concat](types-of-attention/dot-product.html#what-else-luong-et-al-tried)",
            FORMULAS["concat"],
            LuongAttention(ConcatScore(11, 13, 8)),
            [query, outputs],
        ),
        (
            "[local-p](types-of-attention/dot-product.html#what-else-luong-et-al-tried)",
            FORMULAS["local-p"],
            LocalAttention(general, 11, 8, window=2),
            [query, outputs],
        ),
        (
            "[scaled dot-product](types-of-attention/self-attention.html)",
            SCALED,
            attention,
            heads,
        ),
        (
            "[self-attention](types-of-attention/self-attention.html)",
            FORMULAS["self-attention"],
            SelfAttention(29, 17),
            [tensor("batch", "length", "features")],
        ),
    ]
    table = []
    for name, formula, module, inputs in rows:
        results = module(*inputs)  # context, weights
        table.append(
            {
                "attention and score": f"{name}<br>{formula}",
                "takes, returns": "<br>".join(
                    [*map(axes_of, inputs)]
                    + [f"→ {axes_of(result)}" for result in results]
                ),
                "call": f"`{name_and_call(module)}`",
            }
        )
    return table


def beyond() -> list[dict[str, str]]:
    """Return one row for each thing that lies beyond the article."""
    return [
        {
            "name and formula": f"[{name}](beyond/{page}.html)"
            + (f"<br>${formula}$" if formula else ""),
            "call": "<br>".join(f"`{name_and_call(one)}`" for one in calls),
        }
        for name, page, formula, calls in BEYOND
    ]
