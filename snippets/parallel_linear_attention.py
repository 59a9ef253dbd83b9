"""Linear attention as a matrix of weights: all positions at once.

Decay and the delta rule are in the weights, too.
"""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_shapes, expect
from snippets.linear_attention import (
    ONE_A_HEAD,
    ONE_A_STEP,
    FeatureMap,
    divide,
    elu_plus_one,
    features_of,
    read_gate,
)


# --8<-- [start:parallel]
def parallel_linear_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    decay: Tensor | None = None,
    beta: Tensor | None = None,
    feature_map: FeatureMap = elu_plus_one,
    normalise: bool = True,
) -> tuple[Tensor, Tensor]:
    """Compute what linear_attention does, all positions at once.

    The arguments are those of linear_attention, but for a decay of one
    number a feature, which has no single matrix of weights.
    Returns context, (batch, heads, length, value_dim), and weights, (batch,
        heads, length, length); with beta they may be negative.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: for decay Sun et al. (2023), for beta Yang et al. (2024).
    """
    check_shapes(
        query=(query, "batch heads length head_dim"),
        key=(key, "batch heads length head_dim"),
        value=(value, "batch heads length value_dim"),
    )
    dtype = query.dtype
    fits = beta is None or not normalise
    expect(fits, "normalise", "False where beta is given", normalise)
    query, key = features_of(query, key, feature_map, normalise)
    weights = query @ key.mT  # (batch, heads, length, length)
    overlap = key @ key.mT  # (batch, heads, length, length)
    if decay is not None:
        decay = read_gate("decay", decay, key, ONE_A_HEAD, ONE_A_STEP)
        remains = remaining(decay)  # (batch, heads, length, length)
        weights, overlap = weights * remains, overlap * remains
    weights = weights.tril()
    if beta is not None:
        beta = read_gate("beta", beta, key, ONE_A_STEP)
        # What a step writes depends on what all steps before it wrote: a
        # triangular system of equations, solved for all steps at once.
        system = torch.eye(key.size(2)).to(key) + (beta * overlap).tril(-1)
        written = torch.linalg.solve_triangular(
            system, torch.diag_embed(beta.squeeze(-1)), upper=False
        )  # (batch, heads, length, length)
        weights = weights @ written
    if normalise:
        weights = divide(weights, weights.sum(dim=-1, keepdim=True))
    context = weights @ value.to(weights.dtype)
    return context.to(dtype), weights.to(dtype)


def remaining(decay: Tensor) -> Tensor:
    """Return what remains at step i of what was written at step j.

    decay: (batch, heads, length, 1).
    Returns (batch, heads, length, length): in row i and column j the product
        of the decays after j, up to i; 1 above.
    """
    length = decay.size(2)
    after = torch.ones(length, length, device=decay.device).tril(-1) > 0
    return torch.where(after, decay, 1.0).cumprod(dim=2)


# --8<-- [end:parallel]
