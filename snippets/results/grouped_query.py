"""The numbers of *Multi-Query and Grouped-Query Attention*."""

import torch

from snippets.attention import attention
from snippets.counting import count_multiplications
from snippets.kv_cache import cache_bytes
from snippets.latent_attention import LatentAttention

# A model of a size in use: 32 layers, 32 heads of 128, a text of 32 K.
LAYERS, HEADS, HEAD_DIM, LENGTH, LATENT = 32, 32, 128, 32 * 1024, 512
KEY_HEADS = {"multi-head": HEADS, "grouped-query": 8, "multi-query": 1}


def numbers(kind: str) -> int:
    """Return how many numbers a layer keeps of one position."""
    return LATENT if kind == "latent" else 2 * KEY_HEADS[kind] * HEAD_DIM


def uses(kind: str) -> float:
    """Count the multiplications with each number of the cache in one step.

    In it one query attends to LENGTH positions.
    """
    size = LATENT if kind == "latent" else HEAD_DIM
    heads = KEY_HEADS.get(kind, 1)
    with torch.device("meta"):
        query = torch.ones(1, HEADS, 1, size)
        key = torch.ones(1, heads, LENGTH, size)
    # A latent is key and value at once.
    count = count_multiplications(attention, query, key, key)
    return count / (LENGTH * numbers(kind))


def caches() -> list[dict[str, str | int]]:
    """Return one row a kind: what a model of that size caches."""
    rows = {
        "multi-head": f"{HEADS} key heads",
        "grouped-query": f"{KEY_HEADS['grouped-query']} key heads",
        "multi-query": "1 key head",
        "latent": f"{LATENT} numbers",
    }
    return [
        {
            "attention": f"{kind}, {what}",
            "bytes per position": cache_bytes(LAYERS, 1, numbers(kind)),
            "whole text": f"{gigabytes(kind):.2f} GB",
            "uses of a number": f"{uses(kind):.0f}",
        }
        for kind, what in rows.items()
    ]


def gigabytes(kind: str) -> float:
    """Return the cache of the whole text in GB, 10^9 bytes."""
    return cache_bytes(LAYERS, LENGTH, numbers(kind)) / 1e9


def model() -> dict[str, int]:
    """Return the sizes of the model of the table."""
    return {
        "layers": LAYERS,
        "heads": HEADS,
        "head_dim": HEAD_DIM,
        "length": LENGTH,
        "latent": LATENT,
    }


def step(absorbed: bool, length: int = LENGTH) -> int:
    """Count the multiplications of one step of latent attention.

    One layer of the model, with length - 1 positions in the cache.
    """
    layer = LatentAttention(HEADS * HEAD_DIM, HEADS, LATENT).to("meta")
    cache = layer.new_cache(1, length)
    before = torch.ones(1, 1, length - 1, LATENT, device="meta")
    cache.append(before)
    word = torch.ones(1, 1, HEADS * HEAD_DIM, device="meta")
    return count_multiplications(layer, word, cache=cache, absorbed=absorbed)


def steps() -> dict[str, int | float]:
    """Return what a step takes with expanded keys, and absorbed."""
    expanded, absorbed = step(absorbed=False), step(absorbed=True)
    return {
        "expanded": expanded,
        "absorbed": absorbed,
        "times": expanded / absorbed,
    }
