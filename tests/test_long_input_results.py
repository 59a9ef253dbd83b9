"""The numbers of Long Inputs and of Exact Attention in Tiles."""

import pytest
import torch
import torch.nn.functional as F

from snippets.attention import attention
from snippets.flash_attention import flash_attention_forward
from snippets.results import flash_attention as tiles
from snippets.results import long_inputs

# Exact Attention in Tiles.


def test_largest_sees_what_is_made():
    with tiles.Largest() as seen:
        whole = torch.zeros(3, 5)
        whole[:2].sum()
    assert seen.bytes == 3 * 5 * 4
    assert seen.operations == ["zeros", "slice", "sum"]


@pytest.mark.parametrize("attend", [attention, flash_attention_forward])
def test_nothing_is_different_without_content(attend):
    """What is counted on the device "meta" is what a processor makes."""
    meta = tiles.largest(attend, 256, "meta")
    assert meta == tiles.largest(attend, 256, "cpu")


def test_the_largest_tensors_are_those_of_the_formulas():
    found = tiles.largest_by_length()
    a_number = 4 * tiles.HEADS
    for i, length in enumerate(tiles.LENGTHS):
        assert found["one piece"][i] == a_number * length**2
        context = a_number * length * tiles.HEAD_DIM
        tile = a_number * tiles.BLOCK**2
        assert found["tiles"][i] == max(context, tile)
        assert found["PyTorch"][i] == context
    assert tiles.memory()["times"] == 4096 // tiles.HEAD_DIM


def test_what_is_kept_twice_is_counted_once():
    def attend(query, key, value, is_causal):
        return (query * key).sum() + (query.mT * value.mT).sum()

    a_tensor = 4 * tiles.HEADS * 7 * tiles.HEAD_DIM
    assert tiles.saved_bytes(attend, 7) == 3 * a_tensor


def test_only_the_fused_kernel_keeps_little():
    at = {length: tiles.saved(length) for length in (256, 512, 1024)}
    # One way grows with the square of the length, the other with the length.
    assert at[1024]["one_piece"] > 3.5 * at[512]["one_piece"]
    assert at[1024]["tiles"] > 3 * at[512]["tiles"]
    assert at[1024]["fused"] == 2 * at[512]["fused"] == 4 * at[256]["fused"]
    # Query, key, value, context, and a logsumexp for each query and head.
    a_word = 4 * tiles.HEADS * (4 * tiles.HEAD_DIM + 1)
    assert at[256]["fused"] * 1024**2 == 256 * a_word


def test_which_kernel_runs():
    ran = {row["input"]: row["runs"] for row in tiles.kernels()}
    fused = [name for name, what in ran.items() if what == "fused"]
    assert fused == ["nothing special", "a mask"]


def test_every_case_equals_the_reference():
    """Whichever kernel runs: without dropout the result is the same."""
    for name, (tensors, settings) in tiles.cases(37).items():
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


def test_the_refusal_names_the_reason():
    said = tiles.refusal().splitlines()
    assert said[0].startswith("UserWarning: Flash attention requires")
    assert said[1].startswith("RuntimeError: No available kernel")


# Long Inputs.


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_reach_ends_at_layers_times_window(layers):
    found = long_inputs.reach(layers, 3, 13)
    assert found.shape == (13,)
    assert torch.equal(found > 0, torch.arange(13) >= 12 - 3 * layers)


def test_the_costs_are_those_of_the_formulas():
    for row in long_inputs.costs():
        tiles_across = row["words"] // 128
        a_tile = 128 * 128
        causal = tiles_across * (tiles_across + 1) // 2 * a_tile
        assert row["scores, all"] == causal
        # Each tile of queries has 127 earlier keys at the most.
        window = a_tile + (tiles_across - 1) * 128 * (128 + 127)
        assert row["scores, window"] == window


def test_windows_recall_up_to_their_reach():
    whole, two, three = map(long_inputs.recall, long_inputs.READERS)
    chance, left = 1 / 8, long_inputs.READERS_LEFT
    assert min(whole) > 0.98
    for curve, reach in ((two, 2 * left), (three, 3 * left)):
        assert min(curve[:reach]) > 0.9
        assert max(abs(right - chance) for right in curve[reach:]) < 0.05
    assert long_inputs.recall_facts()["two_last"] > 0.98


def test_the_start_takes_the_weight_of_missing_names():
    facts = long_inputs.sink_facts()
    assert facts["not_there"] > 0.7
    assert facts["there"] < 0.03
    start, zero, none = long_inputs.sinks()
    for row in (start, zero):
        assert float(row["not there"]) < 0.02
    assert 0.05 < float(none["not there"]) < 0.07
    for row in (start, zero, none):
        assert float(row["there"]) < 0.01


def test_the_error_jumps_when_the_window_loses_the_start():
    window, kept, none = long_inputs.stream().values()
    assert window[0] == kept[0] < 0.02
    assert min(window[1:]) > 5 * window[0]
    assert max(kept) < 2 * kept[0]
    assert all(0.05 < error < 0.07 for error in none)


def test_names_that_are_there_are_found_without_the_start():
    model, length = long_inputs.lookup("start"), 21
    mask = long_inputs.window_with_sinks(
        1, length + 1, left=16, sinks=0, offset=length
    )
    found = long_inputs.asked(model, length, mask)
    assert found["error, there"] < 0.005
    assert found["first, there"] == found["first, not there"] == 0
