"""The largest of 16 weights, against a softmax written out."""

import pytest
import torch

from snippets.results import self_attention as results


def test_largest_weights_are_means_of_each_size():
    found = results.largest_weights(seed=5)
    assert [*found] == ["scaled", "unscaled"]
    assert [*map(len, found.values())] == [len(results.SIZES)] * 2
    generator = torch.Generator().manual_seed(5)
    query = torch.randn(200, 4, generator=generator)
    key = torch.randn(200, 16, 4, generator=generator)
    score = torch.einsum("qd,qkd->qk", query, key)
    for name, scale in (("scaled", 0.5), ("unscaled", 1.0)):
        largest = (score * scale).softmax(dim=1).amax(dim=1)
        assert found[name][0] == pytest.approx(largest.mean().item())


def test_another_start_gives_other_numbers():
    assert results.largest_weights() == results.largest_weights(0)
    assert results.largest_weights(0) != results.largest_weights(1)
