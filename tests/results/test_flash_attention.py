"""What *Exact Attention in Tiles* measures: bytes, and which kernel runs."""

import pytest
import torch
import torch.nn.functional as F

from snippets.attention import attention
from snippets.flash_attention import flash_attention_forward
from snippets.results import flash_attention as results
from tests.results.made import columns, printed

MIB = 1024**2


def test_largest_sees_what_is_made():
    with results.Largest() as seen:
        whole = torch.zeros(3, 5)
        whole[:2].sum()
    assert seen.bytes == 3 * 5 * 4
    assert seen.operations == ["zeros", "slice", "sum"]


@pytest.mark.parametrize("attend", [attention, flash_attention_forward])
def test_nothing_is_different_without_content(attend):
    """What is counted on the device "meta" is what a processor makes."""
    meta = results.largest(attend, 256, "meta")
    assert meta == results.largest(attend, 256, "cpu")


def test_the_largest_tensors_are_those_of_the_formulas():
    found = results.largest_by_length()
    a_number = 4 * results.HEADS
    for i, length in enumerate(results.LENGTHS):
        assert found["one piece"][i] == a_number * length**2
        context = a_number * length * results.HEAD_DIM
        tile = a_number * results.BLOCK**2
        assert found["tiles"][i] == max(context, tile)
        assert found["PyTorch"][i] == context


def test_what_is_kept_twice_is_counted_once():
    def attend(query, key, value, is_causal):
        return (query * key).sum() + (query.mT * value.mT).sum()

    a_tensor = 4 * results.HEADS * 7 * results.HEAD_DIM
    assert results.saved_bytes(attend, 7) == 3 * a_tensor


def test_only_the_fused_kernel_keeps_little():
    at = {length: results.saved(length) for length in (256, 512, 1024)}
    # One way grows with the square of the length, the other with the length.
    assert at[1024]["one_piece"] > 3.5 * at[512]["one_piece"]
    assert at[1024]["tiles"] > 3 * at[512]["tiles"]
    assert at[1024]["fused"] == 2 * at[512]["fused"] == 4 * at[256]["fused"]
    # Query, key, value, context, and a logsumexp for each query and head.
    a_word = 4 * results.HEADS * (4 * results.HEAD_DIM + 1)
    assert at[256]["fused"] * 1024**2 == 256 * a_word


def test_every_case_equals_the_reference():
    """Whichever kernel runs: without dropout the result is the same."""
    for name, (tensors, settings) in results.cases(37).items():
        if "dropout" in name:
            continue
        generator = torch.Generator().manual_seed(0)
        tensors = [
            torch.randn(t.shape, generator=generator).to(t.dtype)
            for t in tensors
        ]
        expected = F.scaled_dot_product_attention(*tensors, **settings)
        tensors = [t if t.dim() == 4 else t[None] for t in tensors]
        context, _ = attention(
            *tensors,
            mask=settings.get("attn_mask"),
            is_causal=settings.get("is_causal", False),
        )
        context = context.reshape(expected.shape)
        torch.testing.assert_close(context, expected, rtol=0, atol=1e-5)


def test_each_way_is_measured_under_its_name(monkeypatch):
    known = {
        attention: ("meta", 1),
        flash_attention_forward: ("cpu", 2),
        F.scaled_dot_product_attention: ("cpu", 3),
    }

    def largest(attend, length, device):
        expected, factor = known[attend]
        assert device == expected
        return factor * length

    monkeypatch.setattr(results, "largest", largest)
    lengths = [256, 512, 1024, 2048, 4096]
    assert results.largest_by_length.__wrapped__() == {
        "one piece": lengths,
        "tiles": [2 * length for length in lengths],
        "PyTorch": [3 * length for length in lengths],
    }


def test_memory_is_that_of_the_longest_text(monkeypatch):
    known = {
        "one piece": [9 * MIB, 7 * MIB, 300 * MIB],
        "tiles": [8 * MIB, 1 * MIB, 5 * MIB],
        "PyTorch": [2 * MIB] * 3,
    }
    monkeypatch.setattr(results, "largest_by_length", lambda: known)
    printed(
        results.memory(),
        {
            "heads": 8,
            "head_dim": 64,
            "block": 128,
            "longest": 4096,
            "one_piece_mib": 300,
            "tiles_mib": 5,
            "times": 60,
        },
    )


def test_what_each_way_keeps_is_under_its_name(monkeypatch):
    known = {
        attention: 7 * MIB,
        flash_attention_forward: 5 * MIB // 2,
        F.scaled_dot_product_attention: 3 * MIB,
    }
    monkeypatch.setattr(
        results, "saved_bytes", lambda attend, length: known[attend] * length
    )
    printed(
        results.saved(2),
        {"words": 2, "one_piece": 14.0, "tiles": 5.0, "fused": 6.0},
    )
    assert results.saved()["words"] == 1024


def test_which_kernel_runs():
    """Two heads, 1024 words and 64 features, of four bytes each."""
    context = 2 * 1024 * 64 * 4 // 1024
    mask = 1024 * 1024 * 4 // 1024  # as numbers that are added
    weights = 2 * 1024 * 1024 * 4 // 1024
    printed(
        results.kernels(),
        columns(
            {
                "input": [
                    "nothing special",
                    "a mask",
                    "a mask that is learnt",
                    "values of another size",
                    "`dropout_p=0.1`",
                ],
                "runs": ["fused"] * 2 + ["in one piece"] * 3,
                "KiB": [context, mask, weights, weights, weights],
            }
        ),
    )


def test_the_refusal_names_the_reason():
    said = results.refusal().splitlines()
    assert said[0].startswith("UserWarning: Flash attention requires")
    assert said[1].startswith("RuntimeError: No available kernel")
