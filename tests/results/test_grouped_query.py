"""The numbers of *Multi-Query and Grouped-Query Attention*."""

import pytest

from snippets.results import grouped_query as results
from tests.results.made import printed, table


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("multi-head", 2 * 32 * 128),
        ("grouped-query", 2 * 8 * 128),
        ("multi-query", 2 * 128),
        ("latent", 512),
    ],
)
def test_numbers_that_a_layer_keeps(kind, expected):
    assert results.numbers(kind) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # A key meets a query, a value a weight, for each head that shares it.
        ("multi-head", 1),
        ("grouped-query", 32 / 8),
        ("multi-query", 32),
        ("latent", 2 * 32),  # key and value at once
    ],
)
def test_uses_of_each_number(kind, expected):
    assert results.uses(kind) == expected


def test_the_cache_of_the_whole_text():
    """32 layers of 2 · 8 · 128 numbers of 2 bytes for 32 K positions."""
    assert results.gigabytes("grouped-query") == (
        32 * 32_768 * 2 * 8 * 128 * 2 / 1_000_000_000
    )


def test_the_caches_of_a_known_model():
    names = "attention", "bytes per position", "whole text", "uses of a number"
    rows = [
        ("multi-head, 32 key heads", 524_288, "17.18 GB", "1"),
        ("grouped-query, 8 key heads", 131_072, "4.29 GB", "4"),
        ("multi-query, 1 key head", 16_384, "0.54 GB", "32"),
        ("latent, 512 numbers", 32_768, "1.07 GB", "64"),
    ]
    printed(results.caches(), table(names, rows))


def test_the_sizes_of_the_model():
    printed(
        results.model(),
        {
            "layers": 32,
            "heads": 32,
            "head_dim": 128,
            "length": 32_768,
            "latent": 512,
        },
    )


@pytest.mark.parametrize("length", [3, 101])
def test_a_step_of_latent_attention_by_hand(length):
    size = results.HEADS * results.HEAD_DIM
    latent, heads = results.LATENT, results.HEADS
    # Query, latent and output; then what one step does besides.
    maps = 2 * size**2 + size * latent
    expanded = 2 * length * size * latent + 2 * length * size
    absorbed = 2 * size * latent + 2 * length * heads * latent
    assert results.step(False, length) == maps + expanded
    assert results.step(True, length) == maps + absorbed


def test_steps_compare_expanded_with_absorbed(monkeypatch):
    monkeypatch.setattr(
        results, "step", lambda absorbed: 80 if absorbed else 3000
    )
    printed(results.steps(), {"expanded": 3000, "absorbed": 80, "times": 37.5})
