"""How much of each word is left, measured for several random encoders."""

import torch
from torch import Tensor, nn

from snippets.fixed_vector import influence
from snippets.machinery.kept import kept

FEATURES, HIDDEN, SOURCE, SEEDS = 32, 64, 30, 5


def sentence(seed: int) -> tuple[nn.GRU, Tensor]:
    """Return a random encoder and the vectors of a random sentence."""
    torch.manual_seed(seed)
    encoder = nn.GRU(FEATURES, HIDDEN, batch_first=True)
    return encoder, torch.randn(SOURCE, FEATURES)


def measure() -> tuple[Tensor, Tensor]:
    """Measure influence on the fixed vector and through attention.

    Returns both, (seeds, source), as a share of the last word's influence on
    the fixed vector.
    """
    fixed, attended = [], []
    for seed in range(SEEDS):
        on_fixed, on_own = influence(*sentence(seed))
        fixed.append(on_fixed / on_fixed[-1])
        attended.append(on_own / on_fixed[-1])
    return torch.stack(fixed), torch.stack(attended)


def measured() -> tuple[Tensor, Tensor]:
    """Return what was measured, once for all."""
    return kept(measure)


def facts() -> dict[str, int | float]:
    """Return the numbers that the page names."""
    fixed, _ = measured()
    ten_back = fixed[:, -11].mean().item()
    return {
        "source": SOURCE,
        "seeds": SEEDS,
        "hidden": HIDDEN,
        "ten_back": round(1 / ten_back, -1),
    }
