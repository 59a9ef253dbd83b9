"""The figure of Self-Attention: with the scale and without."""

import torch

from snippets.figures import self_attention
from tests.figures.checks import near, softmax_weights
from tests.support.drawn import read


def test_only_without_the_scale_do_the_largest_weights_grow():
    drawn = read(self_attention.scaling)
    generator = torch.Generator().manual_seed(0)
    sizes = [4, 16, 64, 256, 1024]
    largest = {"scaled": [], "unscaled": []}
    for size in sizes:
        query = torch.randn(200, size, generator=generator)
        key = torch.randn(200, 16, size, generator=generator)
        for name, scale in (("scaled", size**-0.5), ("unscaled", 1.0)):
            rows = [
                softmax_weights(q[None], k, scale=scale).max()
                for q, k in zip(query.double(), key.double(), strict=True)
            ]
            largest[name].append(torch.stack(rows).mean().item())
    panel = drawn.panel
    for name, role in (("unscaled", "key"), ("scaled", "weight")):
        line = panel.line(name)
        assert (line.role, line.x, line.y) == (
            role,
            sizes,
            near(largest[name]),
        )
        end = panel.text(name).place
        assert end[0] > sizes[-1] and end[1] == line.y[-1]
    assert len(panel.lines) == 2
    assert panel.x.ticks == [(str(size), size) for size in sizes]
    assert panel.x.scale == "log" and panel.y.limits[0] == 0
    assert panel.x.label == "numbers in a vector (head_dim)"
    assert panel.y.label == "largest weight"
    scaled, unscaled = (f"{values[-1]:.2f}" for values in largest.values())
    assert (
        f"the scale it stays near {scaled}; without it climbs to {unscaled}"
        in (drawn.alternative)
    )
