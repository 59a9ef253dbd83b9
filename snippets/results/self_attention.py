"""How large the largest of 16 weights is, for vectors of many sizes."""

import math

import torch

from snippets.scaled_dot_product_attention import attention

SIZES = [4, 16, 64, 256, 1024]


def largest_weights(seed: int = 0) -> dict[str, list[float]]:
    """Return the mean over 200 random queries, one number for each of SIZES.

    "scaled" divides the scores by the root of the size, "unscaled" does not.
    """
    generator = torch.Generator().manual_seed(seed)
    largest: dict[str, list[float]] = {"scaled": [], "unscaled": []}
    for size in SIZES:
        query = torch.randn(1, 1, 200, size, generator=generator)
        key = torch.randn(200, 1, 16, size, generator=generator)
        query = query.transpose(0, 2)  # (200, 1, 1, head_dim)
        for name, scale in (("scaled", 1 / math.sqrt(size)), ("unscaled", 1)):
            _, weights = attention(query, key, key, scale=float(scale))
            largest[name].append(weights.amax(dim=-1).mean().item())
    return largest
