"""The table of *Summary*: formula, shapes and call of every attention."""

import inspect
from collections.abc import Callable

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
from snippets.results.types_of_attention import FORMULAS
from snippets.scaled_dot_product_attention import attention
from snippets.self_attention import SelfAttention

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
        p.replace(annotation=inspect.Parameter.empty)
        for name, p in inspect.signature(function).parameters.items()
        if name != "self"
    ]
    return str(inspect.Signature(parameters))


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
    rows = [
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
            "[concat](types-of-attention/dot-product.html#concat)",
            FORMULAS["concat"],
            LuongAttention(ConcatScore(11, 13, 8)),
            [query, outputs],
        ),
        (
            "[local-p](types-of-attention/dot-product.html#local-attention)",
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
        if isinstance(module, nn.Module):
            kind = type(module)
            how = f"{kind.__name__}{call(kind)}{call(module.forward)}"
        else:
            how = f"{module.__name__}{call(module)}"
        table.append(
            {
                "attention and score": f"{name}<br>{formula}",
                "takes, returns": "<br>".join(
                    [*map(axes_of, inputs)]
                    + [f"→ {axes_of(result)}" for result in results]
                ),
                "call": f"`{how}`",
            }
        )
    return table
