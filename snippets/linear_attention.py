"""Linear attention: the sum over the keys is done before the query comes.

All keys at once, or one position after the other, as a recurrent network.
"""

# --8<-- [start:imports]
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# --8<-- [end:imports]
from snippets.checks import check_shapes, expect


# --8<-- [start:features]
def elu_plus_one(vectors: Tensor) -> Tensor:
    """Return positive features: x + 1 above zero, exp(x) below.

    Source: Katharopoulos et al. (2020), section 3.2.1.
    """
    return F.elu(vectors) + 1


def unit_length(vectors: Tensor) -> Tensor:
    """Return the vectors with length 1: the keys that the delta rule wants."""
    return F.normalize(vectors, dim=-1)


FeatureMap = Callable[[Tensor], Tensor]


def features_of(
    query: Tensor, key: Tensor, feature_map: FeatureMap, normalise: bool
) -> tuple[Tensor, Tensor]:
    """Return the features of query and key, computed in a wide type.

    Raises ValueError for a negative feature if weights are normalised.
    """
    # Half types are too coarse for sums over many keys.
    wide = torch.promote_types(query.dtype, torch.float32)
    query, key = feature_map(query.to(wide)), feature_map(key.to(wide))
    positive = bool((query >= 0).all() and (key >= 0).all())
    expected = "features of 0 or more where normalise is True"
    expect(positive or not normalise, "feature_map", expected, "negative ones")
    return query, key


def divide(numbers: Tensor, total: Tensor) -> Tensor:
    """Divide by the sum of the weights; where that is 0, by 1."""
    return numbers / total.masked_fill(total == 0, 1.0)


# --8<-- [end:features]


# --8<-- [start:kernel_trick]
def unmasked_linear_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    feature_map: FeatureMap = elu_plus_one,
) -> Tensor:
    """Compute features(query) (features(key)^T value), normalised.

    query: (batch, heads, target, head_dim).
    key: (batch, heads, source, head_dim).
    value: (batch, heads, source, value_dim).
    feature_map: as in linear_attention.
    Returns context, (batch, heads, target, value_dim); there are no weights.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: Katharopoulos et al. (2020), section 3.2.
    """
    check_shapes(
        query=(query, "batch heads target head_dim"),
        key=(key, "batch heads source head_dim"),
        value=(value, "batch heads source value_dim"),
    )
    dtype = query.dtype
    query, key = features_of(query, key, feature_map, True)
    state = key.mT @ value.to(key.dtype)  # (batch, heads, key_dim, value_dim)
    key_sum = key.sum(dim=2).unsqueeze(-1)  # (batch, heads, key_dim, 1)
    total = query @ key_sum  # (batch, heads, target, 1)
    return divide(query @ state, total).to(dtype)


# --8<-- [end:kernel_trick]


# --8<-- [start:gates]
ONE_A_HEAD, ONE_A_STEP = "heads", "batch heads length"
ONE_A_FEATURE = "batch heads length key_dim"


def read_gate(name: str, gate: Tensor, key: Tensor, *allowed: str) -> Tensor:
    """Check a decay or a beta and give it the axes of the keys.

    gate: numbers from 0 to 1, its axes one of those allowed.
    key: the features, (batch, heads, length, key_dim).
    Returns (batch, heads, length, 1) or (batch, heads, length, key_dim), in
        the key's type.
    Raises ValueError for another shape, kind or device, or other numbers.
    """
    names = ("batch", "heads", "length", "key_dim")
    sizes = dict(zip(names, key.shape, strict=True))
    rank = getattr(gate, "ndim", 0)
    fitting = [axes for axes in allowed if len(axes.split()) == rank]
    axes = (fitting or allowed)[0]
    numbers = " ".join(str(sizes[axis]) for axis in axes.split())
    check_shapes(**{name: (gate, numbers)})
    expect(gate.device == key.device, name, key.device, gate.device)
    inside = bool(((gate >= 0) & (gate <= 1)).all())  # False for NaN, too
    expect(inside, name, "numbers from 0 to 1", "others")
    if axes == ONE_A_HEAD:
        gate = gate.unsqueeze(-1).expand(key.shape[:-1])
    gate = gate if axes == ONE_A_FEATURE else gate.unsqueeze(-1)
    return gate.to(key.dtype)


# --8<-- [end:gates]


# --8<-- [start:step]
def step(
    state: Tensor,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    decay: Tensor | None = None,
    beta: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Take one position: forget, write its value under its key, then read.

    state: (batch, heads, key_dim, value_dim).
    query, key: features, (batch, heads, 1, key_dim).
    value: (batch, heads, 1, value_dim).
    decay: what remains of the state, (batch, heads, 1, 1) or (batch, heads,
        1, key_dim).
    beta: how much of what the key finds is replaced, (batch, heads, 1, 1).
    Returns context, (batch, heads, 1, value_dim), and the new state.
    """
    if decay is not None:
        state = decay.mT * state  # (batch, heads, key_dim, value_dim)
    if beta is not None:
        found = key @ state  # (batch, heads, 1, value_dim)
        value = beta * (value - found)  # (batch, heads, 1, value_dim)
    state = state + key.mT @ value  # (batch, heads, key_dim, value_dim)
    context = query @ state  # (batch, heads, 1, value_dim)
    return context, state


# --8<-- [end:step]


# --8<-- [start:recurrent]
def linear_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    state: Tensor | None = None,
    decay: Tensor | None = None,
    beta: Tensor | None = None,
    feature_map: FeatureMap = elu_plus_one,
    normalise: bool = True,
) -> tuple[Tensor, Tensor]:
    """Attend causally, one step after the other, with a state of fixed size.

    query, key: (batch, heads, length, head_dim).
    value: (batch, heads, length, value_dim).
    state: what the call for the positions before returned; none: zeros.
    decay: what remains of the state at each step, from 0 to 1; (heads),
        (batch, heads, length) or (batch, heads, length, key_dim).
    beta: (batch, heads, length), from 0 to 1; how far a new value replaces
        what the state holds under its key (the delta rule).
    feature_map: turns head_dim numbers into key_dim features.
    normalise: divide by the sum of the weights; False where beta is given.
    Returns context, (batch, heads, length, value_dim), and state, (batch,
        heads, key_dim, value_dim), with one column more if normalised: the
        sum of the keys. The state of a half type is float32.
    Raises ValueError for an argument of a wrong kind, shape or device.
    Source: Katharopoulos et al. (2020), section 3.3; for decay Sun et al.
        (2023) and Yang et al. (2023), for beta Schlag et al. (2021).
    """
    sizes = check_shapes(
        query=(query, "batch heads length head_dim"),
        key=(key, "batch heads length head_dim"),
        value=(value, "batch heads length value_dim"),
    )
    dtype, length = query.dtype, sizes["length"]
    fits = beta is None or not normalise
    expect(fits, "normalise", "False where beta is given", normalise)
    query, key = features_of(query, key, feature_map, normalise)
    value = value.to(key.dtype)
    if normalise:  # under a value of 1, the weights themselves are summed
        value = F.pad(value, (0, 1), value=1.0)
    if decay is not None:
        forms = ONE_A_HEAD, ONE_A_STEP, ONE_A_FEATURE
        decay = read_gate("decay", decay, key, *forms)
    if beta is not None:
        beta = read_gate("beta", beta, key, ONE_A_STEP)
    if state is None:
        state = key.new_zeros(*key.shape[:2], key.size(3), value.size(3))
    check_shapes(
        key=(key, "batch heads length key_dim"),
        value=(value, "batch heads length columns"),
        state=(state, "batch heads key_dim columns"),
    )
    contexts = []
    for place in range(length):
        here = [
            None if tensor is None else tensor[:, :, place : place + 1]
            for tensor in (query, key, value, decay, beta)
        ]
        context, state = step(state, *here)
        contexts.append(context)
    context = torch.cat(contexts, dim=2)
    if normalise:
        context = divide(context[..., :-1], context[..., -1:])
    return context.to(dtype), state


# --8<-- [end:recurrent]
