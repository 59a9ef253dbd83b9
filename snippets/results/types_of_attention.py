"""The numbers of *Types of Attention*."""

import torch

from snippets.claims import record
from snippets.dot_product_attention import DotScore, LuongAttention
from snippets.results.lookup_models import (
    FEATURES,
    HIDDEN,
    SOURCE,
    WINDOW,
    multiplications,
    new,
    trained,
)
from snippets.results.trainings import LOOKUP_KINDS
from snippets.tasks.lookup import found, make_batch

LENGTH, SIZE = 50, 1000  # as in Bahdanau et al. (2014)
FORMULAS = {
    "dot": r"$\query{s}^\top \key{h}$",
    "general": r"$\query{s}^\top W \key{h}$",
    "concat": r"$v^\top \tanh(W [\query{s} ; \key{h}])$",
    "local-p": r"$\operatorname{softmax}(e) \exp(-(j - p)^2 / 2 \sigma^2)$",
    "additive": r"$v^\top \tanh(W_q \query{s} + W_k \key{h} + b)$",
    "self-attention": r"$(W_q \query{x})^\top (W_k \key{x'}) / \sqrt{d}$",
}
PAGES = {
    "dot": "dot-product.html",
    "general": "dot-product.html",
    "concat": "dot-product.html",
    "local-p": "dot-product.html#what-else-luong-et-al-tried",
    "additive": "additive.html",
    "self-attention": "self-attention.html",
}


def overview() -> list[dict[str, str | float]]:
    """Return one row a kind: formula, learnt numbers, success, cost."""
    return [
        {
            "score": f"[{kind}]({PAGES[kind]})",
            "formula": FORMULAS[kind],
            "parameters": facts["parameters"],
            "partner found": record.beside(
                facts["found"], "types_of_attention.partner_found", kind, ".0%"
            ),
        }
        for kind in LOOKUP_KINDS
        for facts in [facts_of(kind)]
    ]


def cost() -> list[dict[str, str | int]]:
    """Return one row a kind: parameters and multiplications at full size."""
    return [{"score": kind, **cost_of(kind)} for kind in LOOKUP_KINDS]


def luong_cost() -> list[dict[str, str | int]]:
    """Return the same for the scores of Luong et al."""
    return [
        {"score": kind, **cost_of(kind)}
        for kind in ("dot", "general", "concat", "local-p")
    ]


def cost_of(kind: str) -> dict[str, int]:
    """Return parameters and multiplications of one kind at full size."""
    return {
        "parameters": count(kind, SIZE, SIZE),
        "multiplications": multiplications(kind, LENGTH, SIZE),
    }


def cost_of_additive() -> dict[str, int]:
    """Return the cost of additive attention."""
    return cost_of("additive")


def cost_of_self_attention() -> dict[str, int]:
    """Return the cost of self-attention."""
    return cost_of("self-attention")


def task() -> dict[str, int]:
    """Return the sizes of the task and of the cost table."""
    return {
        "source": SOURCE,
        "features": FEATURES,
        "hidden": HIDDEN,
        "chance": round(100 / SOURCE),
        "window": WINDOW,
        "length": LENGTH,
        "size": SIZE,
    }


def count(kind: str, features: int, hidden: int) -> int:
    """Return how many numbers an attention of this kind learns."""
    return sum(p.numel() for p in new(kind, features, hidden).parameters())


def facts_of(kind: str) -> dict[str, int | float]:
    """Return what the pages say about one kind."""
    return {
        "parameters": count(kind, FEATURES, HIDDEN),
        "found": trained(kind)["found"],
    }


def concat() -> dict[str, int | float]:
    """Return the facts of the concat score."""
    return facts_of("concat")


def additive() -> dict[str, int | float]:
    """Return the facts of additive attention."""
    return facts_of("additive")


def same_space() -> float:
    """Return how often the dot score finds the partner without rotation."""
    return found_in_same_space(seed=0)


def found_in_same_space(seed: int) -> float:
    """Return the same for other random sentences."""
    generator = torch.Generator().manual_seed(1000 * seed + 2)
    query, outputs, position = make_batch(
        1000, SOURCE, torch.eye(FEATURES), generator
    )
    _, weights = LuongAttention(DotScore())(query, outputs)
    return found(weights, position)


def concat_over_additive() -> float:
    """Return how many times as many multiplications concat needs."""
    concat, additive = (
        multiplications(kind, LENGTH, SIZE) for kind in ("concat", "additive")
    )
    return concat / additive
